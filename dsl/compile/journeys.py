"""A journey, compiled: the head here, the steps in their own modules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Literal, TypeAlias, cast

from dsl.compile.afterwards import compile_after
from dsl.compile.amounts import read_share, read_whole
from dsl.compile.blocking import read_blocking
from dsl.compile.building import Building
from dsl.compile.fold import fold, fold_unclear
from dsl.compile.following import compile_removed, compile_renamed
from dsl.compile.naming import check_free, check_root
from dsl.compile.reads import reads_of
from dsl.compile.rules import compile_rules
from dsl.compile.sensitive import promotional
from dsl.compile.steps import compile_steps
from dsl.compile.triggers import Triggers
from dsl.compile.values import compile_value
from dsl.diagnostics import Diagnostic
from dsl.expr.compile import (
    compile_formula,
    compile_length,
    compile_rule,
    read_cap,
    read_reentry,
)
from dsl.expr.scope import NOTHING_WITHHELD, Scope, Withheld
from dsl.files.fragments import Fragment
from dsl.files.journey import JourneyFile
from dsl.files.reading import error
from dsl.machine import (
    Call,
    Formula,
    Listen,
    Machine,
    Never,
    Policy,
    Reads,
    Rounds,
    Send,
    Timer,
    Until,
    fingerprint,
)
from dsl.message import Message
from dsl.source import Text
from dsl.spelling import did_you_mean
from dsl.yaml import Map, same_key

__all__ = ["Around", "compile_journey"]

Status: TypeAlias = Literal["draft", "live", "paused", "ended"]
Inside: TypeAlias = Literal["move", "stay"]
IfInside: TypeAlias = Literal["ignore", "restart", "update", "allow"]

_FOLLOWS = frozenset({"N02"})


@dataclass(frozen=True, slots=True)
class Around:
    """What a journey stands in."""

    policy: Policy
    messages: Mapping[str, Message]
    scope: Scope  # of the project: nothing of a journey in it
    fragments: Mapping[str, Fragment]
    called: frozenset[str]  # journeys that other journeys may start
    withheld: Withheld = NOTHING_WITHHELD  # from what is promotional


def compile_journey(
    file: JourneyFile, triggers: Triggers, around: Around, found: list[Diagnostic]
) -> Machine | None:
    """The machine; None if anything in the journey stops a deploy."""
    own: list[Diagnostic] = []
    machine = _machine(file, triggers, around, own)
    stopped = triggers.unknown is not None or any(one.stops for one in own)
    if triggers.unknown is not None:
        follow = [one for one in own if one.code in _FOLLOWS and '"trigger"' in one.message]
        found[found.index(triggers.unknown)] = fold(triggers.unknown, follow)
        own = [one for one in own if one not in follow]
    found.extend(own)
    return None if stopped else machine


def _machine(
    file: JourneyFile, triggers: Triggers, around: Around, found: list[Diagnostic]
) -> Machine | None:
    name = str(file.journey or "")
    scope = promotional(around.scope, file.category, around.policy, around.withheld)
    door = replace(scope, trigger=triggers.record, entry=True, owner="A journey")
    category = _category(file.category, around.policy, found)
    key = None if file.one_per is None else _key(file.one_per, door, found)
    re_enter = Never() if file.re_enter is None else read_reentry(file.re_enter, found)
    eligible = compile_rules(file.eligible_if, door, found)
    variables, inside = _variables(file.let, door, found)
    within = None if file.goal_within is None else compile_length(file.goal_within, door, found)
    if file.goal_within is not None and file.key_of("goal") is None:
        message = '"goal within" needs a goal.'
        found.append(error("S07", file.span_of("goal_within"), message, "Add: goal: ..."))
    holdout = read_share(file.holdout, found)
    caps = tuple(
        cap for text in file.frequency_caps if (cap := read_cap(text, door, found)) is not None
    )
    blocking = read_blocking(file.when_capped, file.when_quiet, file.when_unreachable, found)
    priority = 50
    if file.priority is not None:
        priority = read_whole(file.priority, 0, 100, found, default=50)
    building = Building(
        journey=name,
        category=category,
        blocking=blocking.over(around.policy.blocking),
        policy=around.policy,
        messages=around.messages,
        scope=inside,
        found=found,
        steps=compile_steps,
        fragments=around.fragments,
        called=around.called,
        withheld=around.withheld,
    )
    if file.steps is not None and not len(file.steps):
        found.append(error("S08", file.span_of("steps"), "A journey has at least one step."))
    compile_steps(building, file.steps, 1)
    code = building.code
    code.end()
    steps = tuple(building.ids)
    always = replace(inside, steps=building.scope.steps)  # asked while people are in any step
    exclude = compile_rules(file.exclude_if, always, found, exclusion=True)
    exits = compile_rules(file.exit_if, always, found)
    goal = None if file.goal is None else compile_rule(file.goal, always, found)
    on_goal = compile_after(building, file.on_goal, "on goal")
    on_exit = compile_after(building, file.on_exit, "on exit")
    renamed = compile_renamed(file, steps, found)
    removed = compile_removed(file, steps, found)
    fold_unclear(building.unclear, found)
    if triggers.unknown is not None or any(one.stops for one in found):
        return None
    made = Machine(
        journey=name,
        title=str(file.title or name),
        category=category,
        priority=priority,
        status=cast("Status", same_key(file.status or "draft")),
        triggers=triggers.ways,
        key=key,
        if_inside=cast("IfInside", same_key(file.if_already_inside or "ignore")),
        re_enter=re_enter or Never(),
        eligible=eligible,
        exclude=exclude,
        exits=exits,
        goal=goal,
        goal_within=within,
        holdout=holdout,
        caps=caps,
        variables=variables,
        code=code.finish(),
        reads=Reads(),
        index=MappingProxyType({}),
        loops=tuple(
            Rounds(
                loop.name,
                code.place(loop.first),
                code.place(loop.again),
                loop.holds,
                code.place(loop.behind),
            )
            for loop in building.loops
        ),
        on_goal=None if on_goal is None else code.place(on_goal),
        on_exit=None if on_exit is None else code.place(on_exit),
        rollout=Decimal(1) if file.rollout is None else read_share(file.rollout, found),
        inside=cast("Inside", same_key(file.people_inside or "move")),
        renamed=renamed,
        removed=removed,
    )
    states = {
        step.id: at
        for at, step in enumerate(made.code)
        if isinstance(step, Timer | Until | Listen | Send | Call)
    }
    return replace(
        made,
        reads=reads_of(made) | reads_of(_said(made, around.messages)),
        index=MappingProxyType(states),
        version=fingerprint(made),
    )


def _said(machine: Machine, messages: Mapping[str, Message]) -> tuple[Message, ...]:
    """The messages a journey sends; their modules have rules of their own."""
    names = {step.message for step in machine.code if isinstance(step, Send)}
    return tuple(messages[name] for name in sorted(names) if name in messages)


def _category(name: Text | None, policy: Policy, found: list[Diagnostic]) -> str:
    if name is None:
        return ""
    if name not in policy.categories:
        hint = did_you_mean(name, policy.categories)
        message = f'There is no category called "{name[:60]}".'
        found.append(error("N16", name.span(), message, hint))
    return str(name)


def _key(text: Text, scope: Scope, found: list[Diagnostic]) -> Formula | None:
    """``one per: trigger.cart_id``: a formula, with or without its sign."""
    formula = text.part(1).trimmed() if text.startswith("=") else text
    return compile_formula(formula, scope, found)


def _variables(
    node: Map | None, scope: Scope, found: list[Diagnostic]
) -> tuple[tuple[tuple[str, Formula], ...], Scope]:
    """The variables in their order; each can use those above it."""
    made = []
    for entry in node or ():
        check_root(entry.key, "a variable", found)
        check_free(entry.key, "a variable", scope.plan, found)
        value = compile_value(entry.value, None, scope, found)
        if value is not None:
            made.append((str(entry.key), value))
            scope = scope.with_variables({str(entry.key): value.kind})
    return tuple(made), scope

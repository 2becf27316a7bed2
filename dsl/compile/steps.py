"""Lists of steps: which kind each one is, whether people can be inside it, and its code."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dsl.compile.branches import compile_choose, compile_if, compile_split
from dsl.compile.building import Building, Label
from dsl.compile.loops import compile_let, compile_repeat
from dsl.compile.sends import compile_send
from dsl.compile.starts import compile_start
from dsl.compile.uses import compile_use
from dsl.compile.waits import compile_wait, compile_wait_for, compile_wait_until
from dsl.compile.webhooks import compile_webhook
from dsl.compile.writes import compile_emit, compile_set_profile, compile_stop
from dsl.diagnostics import Diagnostic
from dsl.files.reading import error, read, warning
from dsl.files.steps import (
    STEPS,
    ChooseStep,
    EmitStep,
    GoToStep,
    IfStep,
    LetStep,
    RepeatStep,
    SendStep,
    SetProfileStep,
    SplitStep,
    StartStep,
    Step,
    StopStep,
    UseStep,
    WaitForStep,
    WaitStep,
    WaitUntilStep,
    WebhookStep,
)
from dsl.source import Text
from dsl.spelling import did_you_mean
from dsl.yaml import Items, Map, Node, same_key

__all__ = ["compile_steps"]

_DEEPEST = 4
_NEED_IDS = ("send", "wait", "wait until", "wait for", "split", "repeat", "webhook")


_VERBS: Mapping[str, str] = MappingProxyType({same_key(name): name for name in STEPS})


def compile_steps(building: Building, node: Node | None, depth: int) -> None:
    """Adds the code of a list of steps, which stands ``depth`` lists deep (the first is 1)."""
    if node is None:
        return
    if not isinstance(node, Items):
        building.found.append(
            error(
                "S08",
                node.span(),
                "Here should be a list of steps.",
                'Start each step on a line of its own, with "- ".',
            )
        )
        return
    ends = [building.code.label() for _ in node]
    for number, item in enumerate(node):
        building.skip = ends[number + 1] if number + 1 < len(ends) else None
        _compile_item(building, item, ends[number], depth)
        building.code.mark(ends[number])


def _compile_item(building: Building, item: Node, after: Label, depth: int) -> None:
    """One step; the code after it begins at ``after``."""
    verb = _verb(item, building.found)
    if verb is None:
        return
    if depth == _DEEPEST + 1:
        message = f"This step is nested {depth} levels deep; up to {_DEEPEST} can be read."
        hint = "Use choose, or a journey of its own."
        building.found.append(warning("W20", verb.span(), message, hint))
    name = _VERBS[same_key(verb)]
    step = read(STEPS[name], item, f'"{name}"', building.found)
    if step is None:
        return
    if name in _NEED_IDS and step.key_of("id") is None:
        building.found.append(
            error(
                "S05",
                verb.span(),
                "This step needs an id, because people can be in it when you edit the journey.",
                "Add a line such as: id: second_nudge   (wayline fmt does it for you)",
            )
        )
    _compile(building, step, after, depth)


def _verb(item: Node, found: list[Diagnostic]) -> Text | None:
    """The key that says which step this is."""
    if not isinstance(item, Map) or not len(item):
        hint = "For example: wait: 1 day"
        found.append(error("S02", item.span(), "Here should be a step: a key and a value.", hint))
        return None
    keys = [entry.key for entry in item]
    present = [key for key in keys if same_key(key) in _VERBS]
    if len(present) > 1:
        found.append(
            error(
                "S03",
                present[1].span(),
                f'"{present[0]}" and "{present[1]}" are two steps.',
                'Start the second one on a line of its own, with "- ".',
            )
        )
        return None
    if present:
        return present[0]
    tables = STEPS.values()
    strange = [key for key in keys if all(table.row(key) is None for table in tables)]
    if strange:
        hint = did_you_mean(strange[0], STEPS) or f"Possible here: {', '.join(STEPS)}"
        found.append(error("S02", strange[0].span(), f'"{strange[0]}" is not a step.', hint))
    else:
        hint = f"One of these is missing: {', '.join(STEPS)}"
        found.append(error("S02", keys[0].span(), "This is not yet a step.", hint))
    return None


def _compile(building: Building, step: Step, after: Label, depth: int) -> None:
    match step:
        case SendStep():
            compile_send(building, step, after)
        case WaitStep():
            compile_wait(building, step, after)
        case WaitUntilStep():
            compile_wait_until(building, step, after, depth)
        case WaitForStep():
            compile_wait_for(building, step, after, depth)
        case IfStep():
            compile_if(building, step, after, depth)
        case ChooseStep():
            compile_choose(building, step, after, depth)
        case SplitStep():
            compile_split(building, step, after, depth)
        case SetProfileStep():
            compile_set_profile(building, step, after)
        case EmitStep():
            compile_emit(building, step, after)
        case StopStep():
            compile_stop(building, step)
        case RepeatStep():
            compile_repeat(building, step, after, depth)
        case LetStep():
            compile_let(building, step, after)
        case UseStep():
            compile_use(building, step, after, depth)
        case StartStep() | GoToStep():
            compile_start(building, step, after)
        case WebhookStep():
            compile_webhook(building, step, after)
        case _:
            raise TypeError(step)  # every table of STEPS has its case above

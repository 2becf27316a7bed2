"""The steps that divide people: ``if``, ``choose`` and ``split``."""

from __future__ import annotations

from decimal import Decimal

from dsl.compile.amounts import read_share, read_whole, share_of
from dsl.compile.building import Building, Label
from dsl.compile.naming import check_name
from dsl.diagnostics import Diagnostic
from dsl.expr.compile import compile_rule, compile_target
from dsl.expr.scope import StepName
from dsl.files.reading import error, read
from dsl.files.steps import CaseItem, ChooseStep, IfStep, SplitStep
from dsl.machine import Branch, Case, Learning, Path, Rule, Split
from dsl.source import Text
from dsl.yaml import Map, Node

__all__ = ["compile_choose", "compile_if", "compile_split"]

_PATHS = 2  # fewer are no choice
_EXPLORING = Decimal("0.1")  # "keep exploring", where it is not written


def compile_if(building: Building, step: IfStep, after: Label, depth: int) -> None:
    """``if`` with ``then`` and ``else``."""
    code = building.code
    rule = None
    if step.if_ is not None:
        rule = compile_rule(step.if_, building.scope, building.found)
    name = building.known(step, StepName("other")) or None
    then = code.label()
    otherwise = code.label() if step.else_ is not None else after
    if rule is not None:
        code.add(lambda at: Branch((Case(rule, at(then)),), at(otherwise), name))
    code.mark(then)
    building.steps(building, step.then, depth + 1)
    if step.else_ is not None:
        code.jump(after)
        code.mark(otherwise)
        building.steps(building, step.else_, depth + 1)


def compile_choose(building: Building, step: ChooseStep, after: Label, depth: int) -> None:
    """``choose``: the first case that fits."""
    code = building.code
    cases, otherwise = _cases(step, building.found)
    name = building.known(step, StepName("other")) or None
    ways: list[tuple[Rule | None, Label, Node | None]] = [
        (_when(building, case), code.label() if case.do is not None else after, case.do)
        for case in cases
    ]
    rest = code.label() if otherwise is not None else after
    code.add(
        lambda at: Branch(
            tuple(Case(rule, at(label)) for rule, label, _ in ways if rule is not None),
            at(rest),
            name,
        )
    )
    lists = [(label, node) for _, label, node in ways if node is not None]
    if otherwise is not None:
        lists.append((rest, otherwise))
    _lists(building, lists, after, depth)


def _cases(step: ChooseStep, found: list[Diagnostic]) -> tuple[list[CaseItem], Node | None]:
    """The cases, and the steps if none of them fits."""
    cases: list[CaseItem] = []
    otherwise: Node | None = None
    items = step.choose.items if step.choose is not None else ()
    for number, node in enumerate(items):
        item = read(CaseItem, node, '"choose"', found)
        if item is None:
            continue
        if item.otherwise is None:
            if item.key_of("when") is None:
                found.append(error("S07", node.span(), '"when" is missing in this case.'))
            if item.key_of("do") is None:
                found.append(error("S07", node.span(), '"do" is missing in this case.'))
            cases.append(item)
            continue
        otherwise = item.otherwise
        for other in ("when", "do"):
            if item.key_of(other) is not None:
                message = f'"{other}" and "otherwise" do not belong together.'
                found.append(error("S03", item.span_of(other), message))
        if number + 1 < len(items):
            message = "Nothing below is reached: otherwise is for everybody."
            hint = "Put otherwise last."
            found.append(error("S03", item.span_of("otherwise"), message, hint))
    return cases, otherwise


def _when(building: Building, case: CaseItem) -> Rule | None:
    if case.when is None:
        return None
    return compile_rule(case.when, building.scope, building.found)


def compile_split(building: Building, step: SplitStep, after: Label, depth: int) -> None:
    """``split``: paths by shares that add up to 100%, or by what is learnt."""
    code, found = building.code, building.found
    learns = step.key_of("optimise_for") is not None  # then there are no shares
    entries = step.split.entries if step.split is not None else ()
    paths = [(*_path(entry.key, found, learns=learns), entry.value) for entry in entries]
    total = sum((share for _, share, _ in paths), Decimal(0))
    if not learns and step.split is not None and total != 1:
        written = f"{(total * 100).normalize():f}"
        message = f"The shares add up to {written}%."
        found.append(error("S11", step.span_of("split"), message, "Together they must be 100%."))
    _check_paths(step.split, [name for name, _, _ in paths], found)
    name = building.known(step, StepName("split"))
    scope = f"{building.journey}/{name}"
    if step.reshuffle is not None:
        scope += f"#{read_whole(step.reshuffle, 1, 1_000_000, found, default=1)}"
    learning = _learning(building, step)
    labels = [code.label() for _ in paths]
    code.add(
        lambda at: Split(
            id=name,
            paths=tuple(
                Path(path, share, at(label))
                for (path, share, _), label in zip(paths, labels, strict=True)
            ),
            scope=scope,
            every_time=step.reassign is not None,
            learning=learning,
        )
    )
    lists = [(label, node) for (_, _, node), label in zip(paths, labels, strict=True)]
    _lists(building, lists, after, depth)


def _learning(building: Building, step: SplitStep) -> Learning | None:
    """What the split learns from. The step itself is known in it."""
    found = building.found
    if step.key_of("optimise_for") is None:
        if step.keep_exploring is not None:
            message = '"keep exploring" belongs to a split that learns, and this one has shares.'
            hint = "Say what it learns from: optimise for, and leave out the shares."
            found.append(error("S04", step.span_of("keep_exploring"), message, hint))
        return None
    if step.split is not None and len(step.split.entries) < _PATHS:
        message = "There is only one path, so there is nothing to learn."
        found.append(error("S04", step.span_of("optimise_for"), message, "Add another path."))
    exploring = _EXPLORING
    if step.keep_exploring is not None:
        exploring = read_share(step.keep_exploring, found)
    if step.optimise_for is None:
        return None
    target = compile_target(step.optimise_for, building.scope, found)
    return None if target is None else Learning(*target, exploring)


def _path(key: Text, found: list[Diagnostic], *, learns: bool) -> tuple[str, Decimal]:
    """Name and share of ``story 50%``."""
    name, _, share = key.rpartition(" ")
    part = share_of(share)
    if part is None or not name.strip():
        if learns:
            check_name(key.trimmed(), "a path", found)
        else:
            message = "A path is a name and a share."
            hint = f"For example: {key.split('%')[0].split()[0] if key.split() else 'a'} 50%"
            found.append(error("S11", key.span(), message, hint))
        return str(key).strip(), Decimal(0)
    if learns:
        message = "This split learns its shares, so none is written here."
        hint = f'Leave out "{share}", or leave out "optimise for".'
        found.append(error("S11", key.span(), message, hint))
    check_name(key.part(0, len(name)).trimmed(), "a path", found)
    return name.strip(), part


def _check_paths(node: Map | None, names: list[str], found: list[Diagnostic]) -> None:
    for number, entry in enumerate(node or ()):
        if names[number] in names[:number]:
            message = f'Two paths are called "{names[number]}".'
            found.append(error("S06", entry.key.span(), message))


def _lists(building: Building, lists: list[tuple[Label, Node]], after: Label, depth: int) -> None:
    """Lists of steps one after the other, each leading to what comes after all of them."""
    for number, (label, node) in enumerate(lists):
        building.code.mark(label)
        if node != "":  # a path may be empty: people who get nothing
            building.steps(building, node, depth + 1)
        if number + 1 < len(lists):
            building.code.jump(after)

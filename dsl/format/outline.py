"""What each part of a file is: a key of a table, a rule, a text with ``{{ }}``, a step.

The key tables say it; names that the author chose are followed but never taken for keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from dsl.files.fragments import FragmentFile
from dsl.files.journey import EventStart, JourneyFile, OtherStart
from dsl.files.messages import BLOCKS, MessageFile, MessagePart, MessagesFile, ModulePart
from dsl.files.messages import ModulesFile as Modules
from dsl.files.policy import ApprovedPart, CategoryPart, ChannelPart, PolicyFile, WebhookPart
from dsl.files.scenarios import SCRIPT, GivenPart, PastPart, ScenarioPart, ScenariosFile
from dsl.files.segments import SegmentPart, SegmentsFile
from dsl.files.shape import Shape, Written
from dsl.files.steps import STEPS, CaseItem, ListenItem
from dsl.files.tracking_plan import EventPart, TrackingPlanFile
from dsl.source import Text
from dsl.yaml import Entry, Items, Map, Node, same_key

__all__ = ["Outline", "StepPlace", "outline"]

TABLES: Mapping[str, type[Written]] = MappingProxyType(
    {
        "journey": JourneyFile,
        "fragment": FragmentFile,
        "tests of": ScenariosFile,
        "policy": PolicyFile,
        "segments": SegmentsFile,
        "tracking plan": TrackingPlanFile,
        "message": MessageFile,
        "messages": MessagesFile,
        "modules": Modules,
    }
)

_RULES = frozenset(
    same_key(key)
    for key in (
        "after",
        "at most",
        "consent",
        "lifecycle",
        "eligible if",
        "exclude if",
        "exit if",
        "expires after",
        "goal",
        "goal within",
        "if",
        "looking back",
        "one per",
        "optimise for",
        "reachable when",
        "requires",
        "show if",
        "to",
        "to all of",
        "to first of",
        "until",
        "wait",
        "wait until",
        "when",
        "where",
        "while",
        "who",
    )
)
"""The keys whose values are sentences of the rule language, whatever table they stand in."""

_STEPS = frozenset(
    same_key(key) for key in ("steps", "then", "else", "otherwise", "do", "on goal", "on exit")
)
_SCENARIOS = frozenset({"given", "scenarios", "script"})
_NAMED: Mapping[str, type[Written]] = MappingProxyType(
    {
        "messages": MessagePart,
        "modules": ModulePart,
        "segments": SegmentPart,
        "channels": ChannelPart,
        "categories": CategoryPart,
        "webhooks": WebhookPart,
        "approved templates": ApprovedPart,
        "events": EventPart,
    }
)
"""Keys under which the author's names stand, each with a table of its own."""


@dataclass(frozen=True, slots=True)
class StepPlace:
    """One step as it stands in a file."""

    node: Map
    verb: Text
    kind: str  # the verb as the language writes it


@dataclass(slots=True)
class Outline:
    """The parts of one file, in its order."""

    keys: list[tuple[Text, str]] = field(default_factory=list)  # as written, as best written
    rules: list[Text] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)  # with {{ }} at most
    steps: list[StepPlace] = field(default_factory=list)
    names: set[str] = field(default_factory=set)  # variables and inputs


def outline(kind: str, node: Map) -> Outline:
    """What the parts of a file of this kind are."""
    made = Outline()
    table = TABLES.get(kind)
    if table is not None:
        _table(made, (table,), node)
    return made


def _rows(tables: tuple[type[Written], ...]) -> dict[str, tuple[str, Shape, type[Written] | None]]:
    return {
        same_key(key): (key, row.shape, row.table)
        for table in tables
        for key, row in table.table().items()
    }


def _table(made: Outline, tables: tuple[type[Written], ...], node: Node) -> None:
    if not isinstance(node, Map):
        return
    rows = _rows(tables)
    for entry in node:
        row = rows.get(same_key(entry.key))
        if row is None:
            continue
        key, shape, inner = row
        if str(entry.key) != key:
            made.keys.append((entry.key, key))
        if inner is None:
            _value(made, same_key(key), tables, entry)
        elif shape is Shape.MODELS:
            for item in entry.value if isinstance(entry.value, Items) else ():
                _table(made, (inner,), item)
        else:
            _table(made, (inner,), entry.value)


def _value(made: Outline, key: str, tables: tuple[type[Written], ...], entry: Entry) -> None:
    """The value of a key that has no table of its own."""
    value = entry.value
    if key in _STEPS:
        _steps(made, value)
    elif key == "trigger":
        for item in value if isinstance(value, Items) else (value,):
            _table(made, (EventStart, OtherStart), item)
    elif key == "waitfor":
        for item in value if isinstance(value, Items) else ():
            _table(made, (ListenItem,), item)
    elif key in _SCENARIOS and {ScenariosFile, ScenarioPart} & {*tables}:
        _scenarios(made, key, value)
    elif key == "history" and GivenPart in tables:
        for item in value if isinstance(value, Items) else ():
            _table(made, (PastPart,), item)
    elif key == "choose":
        for item in value if isinstance(value, Items) else ():
            _table(made, (CaseItem,), item)
    elif key == "split":
        for path in value if isinstance(value, Map) else ():
            _steps(made, path.value)
    elif key in ("blocks", "show", "columns"):
        _blocks(made, value)
    elif key in _NAMED and tables[0] is not ModulePart:
        for named in value if isinstance(value, Map) else ():
            _table(made, (_NAMED[key],), named.value)
    elif key in _RULES:
        made.rules += _scalars(value)
    else:
        if key in ("let", "inputs") and isinstance(value, Map):
            made.names |= {str(named.key) for named in value}
        _written(made, value)


def _scenarios(made: Outline, key: str, node: Node) -> None:
    """The parts of scenarios: nothing in them is a rule."""
    if key == "given":
        _table(made, (GivenPart,), node)
    for item in node if isinstance(node, Items) and key != "given" else ():
        if key == "scenarios":
            _table(made, (ScenarioPart,), item)
        elif isinstance(item, Map):
            kinds = [SCRIPT[verb] for verb in SCRIPT if item.entry(verb) is not None]
            _table(made, tuple(kinds[:1]), item)


def _written(made: Outline, node: Node) -> None:
    """Values: a formula after its sign, else a text."""
    for text in _scalars(node):
        if text.startswith("="):
            made.rules.append(text.part(1))
        else:
            made.texts.append(text)


def _scalars(node: Node) -> Iterator[Text]:
    match node:
        case Map():
            for entry in node:
                yield from _scalars(entry.value)
        case Items():
            for item in node:
                yield from _scalars(item)
        case _:
            yield node


def _steps(made: Outline, node: Node) -> None:
    for item in node if isinstance(node, Items) else ():
        if not isinstance(item, Map):
            continue
        verbs = {same_key(name): name for name in STEPS}
        present = [entry.key for entry in item if same_key(entry.key) in verbs]
        if len(present) != 1:
            continue
        kind = verbs[same_key(present[0])]
        made.steps.append(StepPlace(item, present[0], kind))
        _table(made, (STEPS[kind],), item)


def _blocks(made: Outline, node: Node) -> None:
    for item in node if isinstance(node, Items) else ():
        if isinstance(item, Items):  # a column of several blocks
            _blocks(made, item)
        if not isinstance(item, Map):
            continue
        kinds = [BLOCKS[verb] for verb in BLOCKS if item.entry(verb) is not None]
        _table(made, tuple(kinds), item)

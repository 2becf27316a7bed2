"""Ids for steps that need one: readable, and different from everything a rule can name."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dsl.compile.naming import RESERVED
from dsl.format.change import Change
from dsl.format.outline import Outline, StepPlace
from dsl.source import Source, Text
from dsl.yaml import Items, Map, Node, same_key

__all__ = ["NEED_IDS", "add_ids", "names_in_plan", "names_of_steps"]

NEED_IDS = frozenset({"send", "wait", "wait until", "wait for", "split", "repeat", "webhook"})
"""The steps that people can be inside of (the checker's S05)."""

_LONGEST = 40
_MOST_WORDS = 6


def add_ids(source: Source, found: Outline, taken: Iterable[str]) -> list[Change]:
    """A line with an id for each step that needs one and has none."""
    known = {name.casefold() for name in (*taken, *found.names, *names_of_steps(found))}
    known |= RESERVED
    made = []
    tried: dict[str, int] = {}
    for step in found.steps:
        if step.kind in NEED_IDS and step.node.entry("id") is None:
            name = _free(_proposal(step), known, tried)
            known.add(name.casefold())
            made.append(_line(source, step, name))
    return made


def names_of_steps(found: Outline) -> set[str]:
    """The ids that are there, as they are written."""
    written = (step.node.get("id") for step in found.steps)
    return {str(name) for name in written if isinstance(name, Text)}


def names_in_plan(plan: Map) -> set[str]:
    """Attributes and events of a tracking plan, by every word that means them."""
    names: set[str] = set()
    for part in ("profile", "events"):
        table = plan.get(part)
        for entry in table if isinstance(table, Map) else ():
            names.add(str(entry.key))
            for word in ("also", "did"):
                said = entry.value.get(word) if isinstance(entry.value, Map) else None
                names |= {str(said)} if isinstance(said, Text) else set()
    return names


def _line(source: Source, step: StepPlace, name: str) -> Change:
    start = step.node.start
    index = source.starts[start.line - 1] + start.column - 1
    if source.text.startswith("{", index):
        at, text = index + 1, f"id: {name}, "
    else:
        at, text = index, f"id: {name}\n{' ' * (start.column - 1)}"
    return Change(at, at, text, "id", step.verb.extent)


def _proposal(step: StepPlace) -> str:
    value = step.node.get(step.verb)
    words = _words_of(value)
    match step.kind:
        case "send" | "webhook":
            return words or step.kind
        case "wait":
            return f"wait_{words}" if words else "wait"
        case "wait until":
            return f"until_{words}" if words else "until"
        case "wait for":
            return f"wait_for_{words or _first_event(value)}"
        case "split":
            return _paths(value) or "split"
        case _:
            return same_key(step.kind)


def _words_of(node: Node | None) -> str:
    """The words of a value as they can stand in a name; nothing if there are too many."""
    if not isinstance(node, Text):
        return ""
    words = re.findall(r"[^\W_]+", str(node).lower())
    return "_".join(words)[:_LONGEST].strip("_") if len(words) <= _MOST_WORDS else ""


def _first_event(node: Node | None) -> str:
    first = node.items[0] if isinstance(node, Items) and len(node) else None
    return (_words_of(first.get("event")) if isinstance(first, Map) else "") or "event"


def _paths(node: Node | None) -> str:
    """``ideas_or_story``, of the paths of a split."""
    names = [
        re.sub(r"[\d.,\s]+%\s*$", "", path.key) for path in (node if isinstance(node, Map) else ())
    ]
    words = ["_".join(re.findall(r"\w+", name.lower())) for name in names]
    return "_or_".join(words[:2] if len(words) < 3 else [words[0], "others"])[:_LONGEST].strip("_")


def _free(proposal: str, known: set[str], tried: dict[str, int]) -> str:
    """A name that is not known; ``tried`` are the numbers that are taken, by name."""
    name = proposal if not proposal[:1].isdigit() else f"step_{proposal}"
    if name not in known:
        return name
    number = tried.get(name, 2)
    while f"{name}_{number}" in known:
        number += 1
    tried[name] = number
    return f"{name}_{number}"

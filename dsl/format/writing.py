"""One file in its canonical form.

Each step works on what the step before it wrote, and is held against the nodes it began with: a
step that would change what the file says is left out, whatever the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from dsl.compose import compose
from dsl.diagnostics import Diagnostic
from dsl.format.change import Change, applied
from dsl.format.ids import add_ids
from dsl.format.indent import indented
from dsl.format.order import in_key_order
from dsl.format.outline import Outline, outline
from dsl.format.quotes import straight, straighten_rule, straighten_text
from dsl.project import FIRST_KEYS
from dsl.source import Source, Text, normal_text
from dsl.yaml import Items, Map, Node, same_key

__all__ = ["Unreadable", "changes_in", "format_text", "kind_of", "opened"]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file whose layout is wrong, so that nobody can say what belongs where."""

    findings: tuple[Diagnostic, ...]


def format_text(path: str, text: str, taken: Collection[str] = ()) -> str | Unreadable:
    """The file in its canonical form. ``taken`` are names that no new id may have.

    What is no file of a project is given back as it is.
    """
    plain = normal_text(text)
    found: list[Diagnostic] = []
    node = opened(path, plain, found)
    if found:
        return Unreadable(tuple(found))
    if node is None:
        return text

    def spelt(source: Source, node: Map) -> str:
        return applied(source.text, changes_in(source, node, taken))

    steps: list[Callable[[Source, Map], str]] = [spelt, indented]
    if kind_of(node) == "journey":
        steps.insert(1, in_key_order)
    done = plain
    for step in steps:
        proposal = step(Source(path, done), node)
        again = opened(path, proposal, found)
        if again is not None and not found and _says_the_same(node, again, top=True):
            done, node = proposal, again
        found.clear()
    return _line_ends(done, text)


def opened(path: str, text: str, found: list[Diagnostic]) -> Map | None:
    """The map of a file of a project; None if it is none, with or without a finding."""
    node = compose(Source(path, text), found)
    return node if isinstance(node, Map) and len(node) and kind_of(node) is not None else None


def kind_of(node: Map) -> str | None:
    """What kind of file this is, by its first key."""
    first = same_key(node.entries[0].key)
    return next((key for key in FIRST_KEYS if same_key(key) == first), None)


def changes_in(source: Source, node: Map, taken: Collection[str]) -> list[Change]:
    """What is written anew: keys as they are best written, straight quotation marks, ids."""
    kind = kind_of(node)
    parts = outline(kind, node) if kind is not None else Outline()
    changes = [Change(*key.extent, best, "key", key.extent) for key, best in parts.keys]
    first = node.entries[0].key
    if kind is not None and str(first) != kind and not any(one is first for one, _ in parts.keys):
        changes.append(Change(*first.extent, kind, "key", first.extent))
    for rule in parts.rules:
        changes += straighten_rule(rule)
    for text in parts.texts:
        changes += straighten_text(text)
    return [*changes, *add_ids(source, parts, taken)]


def _line_ends(done: str, before: str) -> str:
    """Windows' line ends where the file had them."""
    return done.replace("\n", "\r\n") if "\r\n" in before else done


def _says_the_same(one: Node, other: Node, *, top: bool = False) -> bool:
    """Whether two files say the same, but for ids that were added and the order of the head."""
    match one, other:
        case Text(), Text():
            return straight(one) == straight(other)
        case Items(), Items():
            return len(one) == len(other) and all(
                _says_the_same(a, b) for a, b in zip(one, other, strict=True)
            )
        case Map(), Map():
            before = {same_key(entry.key): entry.value for entry in one}
            after = {same_key(entry.key): entry.value for entry in other}
            if "id" not in before:
                after.pop("id", None)
            if list(before) != list(after) and not (top and set(before) == set(after)):
                return False
            return all(_says_the_same(before[key], after[key]) for key in before)
        case _:
            return False

"""``on goal`` and ``on exit``: steps on the way out, which cannot rest."""

from __future__ import annotations

from dsl.compile.building import Building, Label
from dsl.files.reading import error
from dsl.files.steps import STEPS
from dsl.source import Text
from dsl.yaml import Items, Map, Node, same_key

__all__ = ["compile_after"]

_RESTING = ("send", "wait", "wait until", "wait for", "webhook", "use", "repeat", "split")


def compile_after(building: Building, node: Node | None, name: str) -> Label | None:
    """The code of these steps, behind that of the journey; None if there are none."""
    if node is None:
        return None
    for verb in _verbs(node):
        if same_key(verb) in {same_key(word) for word in _RESTING}:
            message = f'"{verb}" cannot stand under "{name}": people are on their way out there.'
            possible = ", ".join(word for word in STEPS if word not in _RESTING)
            building.found.append(error("S18", verb.span(), message, f"Possible here: {possible}"))
    label = building.code.label()
    building.code.mark(label)
    building.steps(building, node, 1)
    building.code.end()
    return label


def _verbs(node: Node) -> list[Text]:
    """The keys of all steps below ``node``."""
    match node:
        case Items():
            return [verb for item in node for verb in _verbs(item)]
        case Map():
            verbs = {same_key(word) for word in STEPS}
            own = [entry.key for entry in node if same_key(entry.key) in verbs]
            return own + [verb for entry in node for verb in _verbs(entry.value)]
        case _:
            return []

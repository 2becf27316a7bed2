"""Files of the library without the languages that a project does not speak."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from dsl.format.writing import kind_of
from dsl.source import Source
from dsl.yaml import Items, Map, Node
from engine.library.cutting import Cutting

__all__ = ["without_languages"]


def without_languages(path: str, text: str, node: Map, gone: Collection[str]) -> str:
    """The file without texts in these languages, and without the scenarios of their readers."""
    if not gone:
        return text
    cutting = Cutting(Source(path, text))
    if kind_of(node) == "tests of":
        _cut_scenarios(node, gone, cutting)
    elif kind_of(node) in {"message", "messages", "modules"}:
        _cut_texts(node, gone, cutting)
    elif kind_of(node) == "policy" and (categories := node.get("categories")) is not None:
        _cut_texts(categories, gone, cutting)  # their titles
    return cutting.text()


def _cut_texts(node: Node, gone: Collection[str], cutting: Cutting) -> None:
    if isinstance(node, Map):
        doomed = [number for number, entry in enumerate(node) if entry.key in gone]
        if doomed:
            cutting.cut(node, doomed)
            return
    for child in _values(node):
        _cut_texts(child, gone, cutting)


def _cut_scenarios(node: Map, gone: Collection[str], cutting: Cutting) -> None:
    scenarios = node.get("scenarios")
    assert isinstance(scenarios, Items)
    whole = []
    for number, scenario in enumerate(scenarios):
        assert isinstance(scenario, Map)
        examples = scenario.get("examples")
        given = scenario.get("given")
        if isinstance(given, Map) and _reads(given, gone):
            whole.append(number)
        elif isinstance(examples, Items):
            doomed = [at for at, one in enumerate(examples) if _reads(one, gone)]
            if len(doomed) == len(examples):
                whole.append(number)
            elif doomed:
                cutting.cut(examples, doomed)
    if whole:
        cutting.cut(scenarios, whole)


def _reads(given: Node, languages: Collection[str]) -> bool:
    """Whether the person of a scenario reads one of these languages."""
    profile = given.get("profile") if isinstance(given, Map) else None
    return isinstance(profile, Map) and profile.get("language") in languages


def _values(node: Node) -> Iterator[Node]:
    match node:
        case Map():
            yield from (entry.value for entry in node)
        case Items():
            yield from node
        case _:
            return

"""Warnings where missing data decides without the author having thought of it (W101, W102).

Two-valued logic has one price: ``country is not "DE"`` is also true for people without a country,
and an exclusion lets in those whose data is missing.
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl import kinds
from dsl.expr import history, tree
from dsl.expr.check import Checker

__all__ = ["warn_missing"]

_NEGATIVE = frozenset({"is not", "does not contain", "does not have"})


def warn_missing(node: tree.Node, checker: Checker, *, exclusion: bool = False) -> None:
    """Adds the warnings for one rule. W102 is said once per file."""
    thought_of = {checker.quote(path) for path in _asked(node)}
    for test, negated in _tests(node, negated=False):
        subject = _subject(test)
        names = [
            path
            for path in _paths(subject)
            if _can_be_missing(path, checker) and checker.quote(path) not in thought_of
        ]
        if not names:
            continue
        if negated and isinstance(subject, tree.Path):
            _also_true(test, subject, checker)
        elif exclusion and not negated:
            _lets_in(test, subject, names[0], checker)


def _also_true(test: tree.Node, path: tree.Path, checker: Checker) -> None:
    path_of_file = checker.text.path
    if any(said.code == "W102" and said.span.path == path_of_file for said in checker.found):
        return
    name, said = checker.quote(path), checker.quote(test)
    word = _spoken(path)
    article = "" if word.endswith("s") else "an " if word[0] in "aeiou" else "a "
    checker.warn(
        "W102",
        test,
        f'"{said}" is also true for people without {article}{word}.',
        f"If you mean known {_plural(word)} only: {name} is known and {said}",
    )


def _lets_in(test: tree.Node, subject: tree.Node, path: tree.Path, checker: Checker) -> None:
    said, name = checker.quote(subject), checker.quote(path)
    word = subject.name.text if isinstance(subject, tree.Call) else _spoken(path)
    checker.warn(
        "W101",
        test,
        f'"{said}" can be missing, and then this exclusion lets the person in.',
        f"To keep out people whose {word} you do not know: "
        f"{checker.quote(test)} or {name} is missing",
    )


def _tests(node: tree.Node, *, negated: bool) -> Iterator[tuple[tree.Node, bool]]:
    """Every test of a value, and whether missing data makes it true."""
    match node:
        case tree.Compare(sign=sign):
            yield node, (sign.text in _NEGATIVE) != negated
        case tree.OneOf(negated=none):
            yield node, none != negated
        case tree.HasList(how=how):
            yield node, (how == "none") != negated
        case tree.Between():
            yield node, negated
        case tree.Not(part=part):
            for test, positive in _tests(part, negated=not negated):
                yield (node if test is part else test), positive
        case tree.And(parts=parts) | tree.Or(parts=parts):
            for part in parts:
                yield from _tests(part, negated=negated)
        case _:
            return


def _subject(test: tree.Node) -> tree.Node:
    match test:
        case tree.Not(part=part):
            return _subject(part)
        case tree.Compare(left=left):
            return left
        case tree.OneOf(value=value) | tree.HasList(value=value) | tree.Between(value=value):
            return value
        case _:
            return test


def _asked(node: tree.Node) -> Iterator[tree.Node]:
    """What the rule itself asks to be known or missing."""
    if isinstance(node, tree.Presence) and node.what == "known":
        yield node.value
    for child in tree.children(node):
        yield from _asked(child)


def _paths(node: tree.Node) -> Iterator[tree.Path]:
    """The names a value needs. History is never missing in this sense, and a default takes over."""
    match node:
        case tree.Path():
            yield node
        case history.Aggregate() | history.Pick() | tree.OrElse():
            return
        case _:
            for child in tree.children(node):
                yield from _paths(child)


def _can_be_missing(path: tree.Path, checker: Checker) -> bool:
    scope = checker.scope
    words = [word.text for word in path.parts]
    if words[0] == "profile":
        words = words[1:]
    elif words[0] in scope.variables or words[0] in scope.steps:
        return False
    attribute = scope.plan.attributes.get(words[0]) if words else None
    if attribute is None or attribute.required:
        return False
    return not isinstance(attribute.kind, kinds.YesNo)


def _spoken(path: tree.Path) -> str:
    return path.parts[-1].text.replace("_", " ")


def _plural(word: str) -> str:
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word if word.endswith("s") else word + "s"

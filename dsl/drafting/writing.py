"""A drafted tracking plan as its file says it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence

from dsl.drafting.deciding import Declared, LeftOut, Many, Nested, Simple

__all__ = ["fields", "quoted"]

_PLAIN = re.compile(r"[A-Za-z](?:[\w .()/+-]*[\w)])?", re.ASCII)
_NOT_TEXTS = frozenset({"yes", "no", "true", "false", "on", "off", "null", "y", "n"})


def quoted(text: str) -> str:
    """``text`` as a value of YAML, in quotation marks where it would mean something else."""
    plain = _PLAIN.fullmatch(text) and text.lower() not in _NOT_TEXTS
    return text if plain else '"' + "".join(map(_escaped, text)) + '"'


def _escaped(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    return letter if letter.isprintable() else f"\\U{ord(letter):08x}"


def fields(given: Sequence[Declared | LeftOut], indent: str) -> Iterator[str]:
    """One line each, and more for records; what is left out is a comment at the end."""
    declared = [each for each in given if isinstance(each, Declared)]
    width = max((len(each.name) for each in declared), default=0) + 1
    for each in declared:
        yield from _field(each, indent, width)
    yield from _left_out((each for each in given if isinstance(each, LeftOut)), indent)


def _field(given: Declared, indent: str, width: int) -> Iterator[str]:
    name, note = f"{given.name}:", f"  # {given.note}" if given.note else ""
    match given.form:
        case Simple(words):
            yield f"{indent}{name:<{width}} {words}{note}"
        case Nested(inside):
            yield f"{indent}{name}{note}"
            yield from fields(inside, f"{indent}  ")
        case Many(item):
            yield f"{indent}{name}{note}"
            yield from _item(item, f"{indent}  ")


def _item(item: Nested, indent: str) -> Iterator[str]:
    """The fields of one entry, the first of them behind the dash."""
    first, *others = fields(item.fields, f"{indent}  ")
    yield f"{indent}- {first.lstrip()}"
    yield from others


def _left_out(given: Iterable[LeftOut], indent: str) -> Iterator[str]:
    for each in given:
        yield f"{indent}# left out: {json.dumps(each.name)}, because {each.why}"

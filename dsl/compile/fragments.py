"""Fragments, as far as they can be read before they are used: their names and inputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from dsl.compile.fields import read_fields
from dsl.compile.naming import check_name
from dsl.diagnostics import Diagnostic
from dsl.files.fragments import Fragment, FragmentFile
from dsl.files.reading import error, read
from dsl.source import Text
from dsl.yaml import Map

__all__ = ["read_fragments"]


def read_fragments(nodes: Iterable[Map], found: list[Diagnostic]) -> Mapping[str, Fragment]:
    """The fragments of a project by name."""
    made: dict[str, Fragment] = {}
    first: dict[str, Text] = {}
    for node in nodes:
        file = read(FragmentFile, node, "a fragment", found)
        if file is None or file.fragment is None:
            continue
        check_name(file.fragment, "a fragment", found)
        known = first.setdefault(str(file.fragment), file.fragment)
        if known is not file.fragment:
            message = f'There are two fragments called "{file.fragment}".'
            hint = f"The first one is in {known.place}."
            found.append(error("S14", file.fragment.span(), message, hint))
            continue
        inputs = {} if file.inputs is None else read_fields(file.inputs, "an input", found)
        made[str(file.fragment)] = Fragment(
            str(file.fragment), MappingProxyType(dict(inputs)), file.steps
        )
    return MappingProxyType(made)

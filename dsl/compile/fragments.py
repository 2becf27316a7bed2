"""Fragments, as far as they can be read before they are used: their names and inputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from dsl.compile.fields import read_fields
from dsl.compile.naming import check_first, check_name, check_root
from dsl.diagnostics import Diagnostic
from dsl.files.fragments import Fragment, FragmentFile
from dsl.files.reading import read
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
        if not check_first(file.fragment, "fragments", first, found):
            continue
        inputs = (
            {} if file.inputs is None else read_fields(file.inputs, "an input", found, check_root)
        )
        made[str(file.fragment)] = Fragment(
            str(file.fragment), MappingProxyType(dict(inputs)), file.steps
        )
    return MappingProxyType(made)

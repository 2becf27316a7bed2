"""Wordings that a provider has approved, compiled: what a message is held against."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, cast

from dsl.approved import VALUE, Approved
from dsl.compile.naming import check_name
from dsl.diagnostics import Diagnostic
from dsl.files.policy import ApprovedPart
from dsl.files.reading import error, read
from dsl.source import Text
from dsl.yaml import Map, same_key

__all__ = ["compile_approved"]

_CODE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")


def compile_approved(node: Map | None, found: list[Diagnostic]) -> Mapping[str, Approved]:
    """The wordings by name. One with a mistake is there too, as far as it goes."""
    made = {}
    for entry in node or ():
        if not check_name(entry.key, "an approved template", found):
            continue
        part = read(ApprovedPart, entry.value, f'"{entry.key}"', found)
        if part is None:
            continue
        category = str(part.category or "marketing").strip().lower()
        made[str(entry.key)] = Approved(
            str(entry.key),
            cast("Literal['marketing', 'utility', 'authentication']", category),
            _body(part.body, found),
            _head(part.header, found),
            _button(part.button, found),
            entry.key.place,
        )
    return MappingProxyType(made)


def _body(node: Map | None, found: list[Diagnostic]) -> Mapping[str, str]:
    made = {}
    for entry in node or ():
        if not _CODE.fullmatch(entry.key):
            message = f'"{entry.key[:40]}" is not the provider\'s code of a language.'
            found.append(error("S10", entry.key.span(), message, "For example: de, or en_US"))
        elif not isinstance(entry.value, Text):
            found.append(error("S08", entry.value.span(), "Here should be the wording."))
        elif _numbered(entry.value, found):
            made[str(entry.key)] = str(entry.value).strip()
    return MappingProxyType(made)


def _numbered(text: Text, found: list[Diagnostic]) -> bool:
    """Whether its values are numbered from 1 and each stands there once."""
    names = VALUE.findall(text)
    if names == [str(number) for number in range(1, len(names) + 1)]:
        return True
    message = "The values of an approved wording are numbered in their order, from {{1}}."
    hint = "A message fills them in by the order in which its own {{ }} stand."
    found.append(error("S10", text.span(), message, hint))
    return False


def _head(text: Text | None, found: list[Diagnostic]) -> Literal["", "text", "image"]:
    if text is None:
        return ""
    if same_key(text) == "image":
        return "image"
    if len(VALUE.findall(text)) > 1:
        message = "What stands above an approved wording takes one value at most."
        found.append(error("S10", text.span(), message))
    return "text" if VALUE.search(text) else ""


def _button(text: Text | None, found: list[Diagnostic]) -> str:
    """The link up to its value."""
    if text is None:
        return ""
    before, value, after = text.strip().partition("{{1}}")
    if value and not after and before.startswith("https://"):
        return before
    message = "The link of a button ends in its value, and begins with https://."
    found.append(error("S10", text.span(), message, "For example: https://shop.example/c/{{1}}"))
    return ""

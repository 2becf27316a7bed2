"""The words that people agree to: each version under an id of its own, so that years later it can be
shown what somebody saw.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dsl.compile.texts import Setting, compile_text
from dsl.diagnostics import Diagnostic
from dsl.expr.scope import Scope
from dsl.yaml import Map

__all__ = ["compile_consent_texts"]


def compile_consent_texts(
    node: Map | None, languages: tuple[str, ...], scope: Scope, found: list[Diagnostic]
) -> Mapping[str, Mapping[str, str]]:
    """By id and language; "" where it is the same in all. Nothing of a person is in them."""
    setting = Setting(
        scope=scope,
        roots=MappingProxyType({}),
        sure=frozenset(),
        languages=languages,
        owner="a consent text",
        fails="this text cannot be shown",
        part="consent texts",
        found=found,
    )
    return MappingProxyType(
        {
            str(entry.key): MappingProxyType(
                {
                    language: template.text
                    for language, template in compile_text(
                        entry.value, str(entry.key), setting, entry.key
                    ).items()
                }
            )
            for entry in node or ()
        }
    )

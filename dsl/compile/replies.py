"""What is answered to people who write STOP, START or HELP."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dsl.compile.texts import Setting, compile_text
from dsl.diagnostics import Diagnostic
from dsl.expr.scope import Scope
from dsl.files.policy import RepliesPart
from dsl.policy import Replies
from dsl.yaml import Node, same_key

__all__ = ["compile_replies"]


def compile_replies(
    part: RepliesPart | None, languages: tuple[str, ...], scope: Scope, found: list[Diagnostic]
) -> Replies:
    """The answers. What is not written is answered in words that come with Wayline."""
    if part is None:
        return Replies()
    setting = Setting(
        scope=scope,
        roots=MappingProxyType({}),
        sure=frozenset(),
        languages=languages,
        owner="an answer",
        fails="this answer cannot be given",
        part="replies",
        found=found,
    )
    written: Mapping[str, tuple[str, Node | None]] = {
        "stop": ("to stop", part.to_stop),
        "start": ("to start", part.to_start),
        "help": ("to help", part.to_help),
    }
    texts = {
        word: MappingProxyType(
            {
                language: template.text
                for language, template in compile_text(node, key, setting, None).items()
            }
        )
        for word, (key, node) in written.items()
        if node is not None
    }
    everywhere = part.stop_ends is not None and same_key(part.stop_ends) == same_key("all channels")
    return Replies(
        contact="" if part.contact is None else str(part.contact),
        stop_ends_all=everywhere,
        texts=MappingProxyType(texts),
    )

"""The messages of a project as they are written, each beside what was made of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from dsl.kinds import Kind
from dsl.lint.sheets import Desk
from dsl.message import ChannelForm, LocalText
from dsl.source import Text
from dsl.yaml import Map, Node

__all__ = ["Letter", "letters", "texts_under"]


class Letter(NamedTuple):
    """What one message says on one channel: as it is written, and as it was compiled."""

    message: str
    node: Map
    form: ChannelForm

    def kinds_in(self, text: LocalText, code: str) -> Mapping[str, Kind]:
        """The kinds of the names that a text uses in one language."""
        for known, template in text.items():
            if known.casefold() == code.casefold().replace("_", "-"):
                return template.kinds
        return {}


def letters(desk: Desk, channel: str) -> Iterator[Letter]:
    """What is said on a channel, message by message."""
    for name, node in _written(desk):
        message = desk.project.messages.get(str(name))
        part = node.get(channel) if isinstance(node, Map) else None
        if message is not None and isinstance(part, Map) and channel in message.forms:
            yield Letter(str(name), part, message.forms[channel])


def texts_under(node: Map, key: str) -> Iterator[tuple[str, Text]]:
    """The texts under a key by their language, which is empty if there is one for all."""
    written = node.get(key)
    if isinstance(written, Text):
        yield "", written
    for entry in written if isinstance(written, Map) else ():
        if isinstance(entry.value, Text):
            yield str(entry.key), entry.value


def _written(desk: Desk) -> Iterator[tuple[Text, Node]]:
    for node in desk.files.of("message"):
        name = node.entries[0].value
        if isinstance(name, Text):
            yield name, node
    for node in desk.files.of("messages"):
        named = node.entries[0].value
        for entry in named if isinstance(named, Map) else ():
            yield entry.key, entry.value

"""Links: what the policy wants done with them, and where the ones of a message lead."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple, get_args

from dsl.compile.texts import Setting, compile_text
from dsl.diagnostics import Diagnostic
from dsl.files.messages import LinkPart
from dsl.files.policy import LinksPart, UtmPart
from dsl.files.reading import error, read
from dsl.message import LocalText
from dsl.policy import Measured, Tags
from dsl.source import Text
from dsl.spelling import did_you_mean
from dsl.yaml import Map, Node, same_key

__all__ = ["Links", "compile_link", "compile_links", "read_measures"]

_MEASURED: tuple[Measured, ...] = get_args(Measured)
_WORDS = ("channel", "category", "journey", "message", "link")
_NOTHING: Final = "nothing"


class Links(NamedTuple):
    """What holds for the whole company. ``measures`` is for categories that need consent."""

    tags: Tags | None = None
    measures: frozenset[Measured] = frozenset()


def compile_links(part: LinksPart | None, found: list[Diagnostic]) -> Links:
    """What the policy says of links. Nothing is added and nothing measured without it."""
    if part is None:
        return Links()
    return Links(_tags(part.utm, found), read_measures(part.measure, found))


def read_measures(texts: Iterable[Text], found: list[Diagnostic]) -> frozenset[Measured]:
    """What is measured: clicks, opens, or nothing."""
    made: set[Measured] = set()
    for text in texts:
        if same_key(text) == _NOTHING:
            continue
        for word in _MEASURED:
            if same_key(text) == word:
                made.add(word)
                break
        else:
            words = (*_MEASURED, _NOTHING)
            hint = did_you_mean(text, words) or f"Possible here: {', '.join(words)}"
            message = f'"{text[:60]}" of messages cannot be measured.'
            found.append(error("S09", text.span(), message, hint))
    return frozenset(made)


def compile_link(
    node: Node | None, key: str, setting: Setting, at: Text | None
) -> tuple[LocalText, LocalText | None]:
    """Where something leads: to a page of the web, and maybe to the same place in an app."""
    if not isinstance(node, Map) or not any(
        same_key(entry.key) in {"web", "app"} for entry in node
    ):
        return compile_text(node, key, setting, at), None
    part = read(LinkPart, node, f'"{key}"', setting.found)
    if part is None:
        return {}, None
    web = compile_text(part.web, "web", setting, part.key_of("web"))
    app = compile_text(part.app, "app", setting, part.key_of("app"))
    for template in web.values():
        text = template.text.strip()
        if not text.casefold().startswith(("https://", "http://", "{")):
            message = f'"{text[:60]}" is no page of the web.'
            hint = "Begin with https://, and write the link into the app behind app:"
            setting.found.append(error("M27", part.span_of("web"), message, hint))
            break
    return web, app or None


def _tags(node: Node | None, found: list[Diagnostic]) -> Tags | None:
    if node is None:
        return None
    if isinstance(node, Map):
        part = read(UtmPart, node, '"utm"', found)
        if part is None:
            return None
        usual = Tags()
        return Tags(
            _tag(part.source, usual.source),
            _tag(part.medium, usual.medium),
            _tag(part.campaign, usual.campaign),
            _tag(part.content, usual.content),
        )
    if isinstance(node, Text) and same_key(node) in {"yes", "no"}:
        return Tags() if same_key(node) == "yes" else None
    message = "This does not say what is added to links."
    hint = "Possible here: yes, no, or names of your own: {source: newsletter}"
    found.append(error("S09", node.span(), message, hint))
    return None


def _tag(text: Text | None, usual: str) -> str:
    if text is None:
        return usual
    word = same_key(text)
    return "" if word == _NOTHING else word if word in _WORDS else str(text)

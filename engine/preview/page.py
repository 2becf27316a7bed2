"""The preview as a page: one HTML file that needs nothing else, not even a script.

E-mails stand in frames of their own in which nothing can run, as wide as in a mail program and as
wide as on a telephone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from jinja2 import Environment, StrictUndefined

from channels.content import Built
from dsl.compile.texts import language_name
from engine.preview.building import Preview, Sheet
from engine.preview.reading import bubbles, notes, pieces, sizes
from engine.preview.samples import PICTURE

__all__ = ["html_preview"]

_TEMPLATE = Path(__file__).with_name("page.html.jinja")
_NAMES = {"email": "E-mail", "sms": "SMS", "push": "Push", "whatsapp": "WhatsApp"}
_DRAWN = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 440 300"><rect width="440" height="300"'
    ' fill="#dfe5ec"/><circle cx="310" cy="90" r="34" fill="#f4f6f8"/><path d="M0 300 150 130l95'
    ' 100 60-60 135 130z" fill="#a9bcd0"/></svg>'
)
_LOWEST, _HIGHEST = 300, 720  # pixels; how high an e-mail is, nobody knows without a script
_PICTURE = f"data:image/svg+xml,{quote(_DRAWN)}"


class Shown(NamedTuple):
    """A sheet as the page needs it."""

    title: str
    language: str
    code: str
    said: Mapping[str, str]
    missing: str
    size: str
    notes: tuple[str, ...]
    modules: tuple[str, ...]
    degraded: tuple[tuple[str, str], ...]
    details: Mapping[str, Any]


def html_preview(made: Preview, sender: str) -> str:
    """The page. ``sender`` is whom e-mails come from."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["number"] = lambda value: f"{value:,}"
    template = environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))
    readers = tuple(dict.fromkeys(sheet.reader.title for sheet in made.sheets))
    return template.render(
        title=made.message.title.replace("_", " "),
        message=made.message.name,
        project=made.project.name.replace("_", " "),
        version=made.project.version,
        sender=sender,
        readers=readers,
        invented=all(sheet.reader.invented for sheet in made.sheets),
        masked=any(sheet.reader.truth is not None for sheet in made.sheets),
        languages=[language_name(code) for code in made.languages],
        channels=[(name, _NAMES[name], _grouped(made, name)) for name in made.channels],
    )


def _grouped(made: Preview, channel: str) -> list[list[Shown]]:
    """The sheets of a channel, those of one reader together; but what is small stands side by side
    for all readers, if there is one language only.
    """
    groups: dict[str, list[Shown]] = {}
    for sheet in made.on(channel):
        alone = channel != "email" and len(made.languages) == 1
        groups.setdefault("" if alone else sheet.reader.title, []).append(_shown(sheet))
    return list(groups.values())


def _shown(sheet: Sheet) -> Shown:
    built = sheet.built
    said = dict(built.parts) if isinstance(built, Built) else {}
    if "html" in said:
        said["html"] = said["html"].replace(PICTURE, _PICTURE)
    return Shown(
        sheet.reader.title,
        language_name(sheet.language),
        sheet.language,
        said,
        "" if isinstance(built, Built) else built.what,
        sizes(sheet, said) if said else "",
        tuple(notes(sheet)),
        built.shown if isinstance(built, Built) else (),
        tuple(_degraded(built.degraded)) if isinstance(built, Built) else (),
        _details(sheet, said),
    )


def _pictured(address: str) -> str:
    """One of our own for whoever is invented."""
    return _PICTURE if address == PICTURE else address


def _degraded(lines: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for line in lines:
        module, _, became = line.partition(": ")
        yield module, became


def _details(sheet: Sheet, said: Mapping[str, str]) -> Mapping[str, Any]:
    if not said:
        return {}
    match sheet.channel:
        case "sms":
            return {"bubbles": bubbles(said["text"])}
        case "whatsapp":
            end = said.get("button_end", "")
            return {
                "image": _pictured(said.get("image", "")),
                "header": said.get("header", ""),
                "button": said.get("button", "").removesuffix(end),
                "end": end,
                "pieces": pieces(sheet, said),
                "template": said.get("template", ""),
                "wording": said.get("language", ""),
            }
        case "push":
            return {"image": _pictured(said.get("image", ""))}
        case _:
            lines, images = said["text"].count("\n"), said["html"].count("<img")
            return {"height": min(_HIGHEST, max(_LOWEST, 140 + 26 * lines + 150 * images))}

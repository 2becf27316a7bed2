"""The preview as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from channels.content import Built
from engine.preview.building import Preview, Sheet
from engine.preview.reading import notes, sizes

__all__ = ["told_preview"]


def told_preview(made: Preview) -> Iterator[tuple[str, str]]:
    """Each line with what it is: ``title``, ``text``, ``note``, ``about``, ``not sent``."""
    for number, sheet in enumerate(made.sheets):
        if number:
            yield "text", ""
        yield "title", f"{sheet.channel}, {sheet.language}, {sheet.reader.title}"
        yield from _sheet(sheet)


def _sheet(sheet: Sheet) -> Iterator[tuple[str, str]]:
    built = sheet.built
    if not isinstance(built, Built):
        yield "not sent", f"  not sent: {built.what}"
    else:
        said = built.parts
        for name in ("subject", "preview", "title", "template"):
            if said.get(name):
                yield "text", f"  {name}: {said[name]}"
        for line in (said.get("text") or said.get("body") or "").strip().splitlines():
            yield "text", f"  {line}" if line else ""
        yield "about", f"  ({sizes(sheet, said)})"
        if built.shown:
            yield "about", f"  modules: {', '.join(built.shown)}"
        for line in built.degraded:
            yield "about", f"  {line}"
    for note in notes(sheet):
        yield "note", f"  {note}"

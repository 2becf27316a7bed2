"""W121 and M20: text messages that need more parts than one thinks, or than they may."""

from __future__ import annotations

from collections.abc import Iterator

from dsl.compile.texts import language_name
from dsl.diagnostics import Diagnostic
from dsl.extent import Extent, extent_of
from dsl.files.reading import error, warning
from dsl.lint.leading import as_sent
from dsl.lint.letters import Letter, letters, texts_under
from dsl.lint.sheets import Desk
from dsl.message import SmsForm
from dsl.sms import Measured, forcing, measure, plain, straightened
from dsl.source import Text

__all__ = ["long_texts"]

_NAMED = 5
"""How many characters are named. Whoever writes Greek knows after a few."""


def long_texts(desk: Desk) -> Iterator[Diagnostic]:
    """Texts of SMS that need more parts than they may, by language."""
    for letter in letters(desk, "sms"):
        form = letter.form
        if isinstance(form, SmsForm):
            for code, text in texts_under(letter.node, "text"):
                yield from _finding(text, code, form, letter, desk)


def _finding(
    text: Text, code: str, form: SmsForm, letter: Letter, desk: Desk
) -> Iterator[Diagnostic]:
    first = desk.project.policy.languages[0]
    language, wanted = language_name(code or first), form.most_parts or 1
    said = as_sent(extent_of(text, letter.kinds_in(form.text, code)), desk, letter.message, "sms")
    shortest, longest = _measured(said, plainly=form.plain)
    if form.most_parts is not None and shortest.parts > wanted:
        message = (
            f"The SMS needs at least {_parts(shortest.parts)} in {language}"
            f" ({shortest.length} characters), and at most {wanted} may be sent."
        )
        yield error("M20", text.span(), message, _hint(text, form, shortest))
    elif longest.parts > wanted:
        names = " with the longest names" if "{{" in text else _led(text, longest, form)
        alone = 160 if longest.encoding == "GSM-7" else 70
        message = (
            f"The SMS needs {_parts(longest.parts)} in {language}"
            f" ({longest.length} characters{names}, {alone} fit)."
        )
        yield warning("W121", text.span(), message, _hint(text, form, longest))


def _led(text: Text, longest: Measured, form: SmsForm) -> str:
    """What makes a text longer than it is written."""
    written, _ = _measured(Extent(text, text), plainly=form.plain)
    return " with what is done with its links" if written.length < longest.length else ""


def _measured(said: Extent, *, plainly: bool) -> tuple[Measured, Measured]:
    """A text with the shortest values, and with the longest of daily life."""
    short, long = (each.strip() for each in said)
    if plainly:
        short, long = plain(short), plain(long)
    return measure(short), measure(long)


def _hint(text: Text, form: SmsForm, measured: Measured) -> str | None:
    """The characters that make all others wider, if those are few."""
    if measured.encoding == "GSM-7":
        return None
    written = extent_of(text, {}).long.strip()
    wide = forcing(straightened(written)) or forcing(written)
    if not wide or len(wide) > _NAMED:
        return None
    because = f"Because of {' '.join(wide)} only 70 characters fit, and not 160."
    if not form.plain and straightened(written) != written:
        return f'{because} Without "characters: as written" plain ones stand in their place.'
    return because


def _parts(count: int) -> str:
    return "1 part" if count == 1 else f"{count} parts"

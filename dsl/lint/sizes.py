"""M25, W172, W173 and W174: texts that are longer than their channel takes, or than anybody sees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from dsl.compile.texts import language_name
from dsl.diagnostics import Diagnostic, Span
from dsl.extent import Extent, extent_of
from dsl.files.reading import error, warning
from dsl.fits import APPROVED_LETTERS, CLIPPED, FREE_LETTERS, PUSH_BYTES, SUBJECT_LETTERS
from dsl.lint.letters import Letter, letters, texts_under
from dsl.lint.sheets import Desk
from dsl.message import (
    Block,
    Button,
    Columns,
    EmailForm,
    ForEach,
    Html,
    Image,
    LocalText,
    Module,
    PushForm,
    Show,
    TextBlock,
    Use,
    WhatsAppForm,
)

__all__ = ["long_letters", "size_of_email"]

_Modules: TypeAlias = Mapping[str, Module]

_WIDE: Final = 80  # letters of a subject that is worth a word, however short its values are
_ITEMS: Final = 10  # of a loop that has no limit of its own
_PAGE, _TEXT, _BUTTON, _IMAGE, _LINE, _COLUMNS, _COLUMN, _LEGAL = (
    5_150, 260, 780, 360, 450, 720, 500, 1_880,
)  # fmt: skip
"""Bytes of HTML around what an author writes: of a whole letter, and of each block."""


def long_letters(desk: Desk) -> Iterator[Diagnostic]:
    """What is too long for its channel, by language."""
    for letter in letters(desk, "push"):
        yield from _pushes(letter)
    for letter in letters(desk, "whatsapp"):
        yield from _chats(letter)
    for letter in letters(desk, "email"):
        yield from _subjects(letter)
        yield from _emails(letter, desk)


def _pushes(letter: Letter) -> Iterator[Diagnostic]:
    form = letter.form
    if not isinstance(form, PushForm):
        return
    texts = [each for each in (form.title, form.body, form.link, form.image) if each is not None]
    for code in _codes(texts):
        said = [_said(text, code) for text in texts]
        short = sum(len(each.short.encode()) for each in said)
        long = sum(len(each.long.encode()) for each in said)
        place = letter.node.span()
        yield from _too_much("The push", place, code, (short, long), PUSH_BYTES, "bytes")


def _chats(letter: Letter) -> Iterator[Diagnostic]:
    form = letter.form
    if not isinstance(form, WhatsAppForm):
        return
    room = FREE_LETTERS if form.approved_template is None else APPROVED_LETTERS
    for code, text in texts_under(letter.node, "text"):
        said = extent_of(text, letter.kinds_in(form.text, code))
        lengths = len(said.short), len(said.long)
        yield from _too_much("The WhatsApp message", text.span(), code, lengths, room, "letters")


def _too_much(
    what: str, place: Span, code: str, lengths: tuple[int, int], room: int, unit: str
) -> Iterator[Diagnostic]:
    short, long = lengths
    where = f" in {language_name(code)}" if code else ""
    if short > room:
        said = f"{what} has at least {short:,} {unit}{where}, and {room:,} fit."
        yield error("M25", place, said, "It would never be sent: make it shorter.")
    elif long > room:
        said = f"{what} has {long:,} {unit}{where} with the longest values, and {room:,} fit."
        yield warning("W172", place, said, "Cut what is long: {{ text | truncate(200) }}")


def _subjects(letter: Letter) -> Iterator[Diagnostic]:
    form = letter.form
    if not isinstance(form, EmailForm):
        return
    for code, text in texts_under(letter.node, "subject"):
        length = len(extent_of(text, letter.kinds_in(form.subject, code)).short)
        if length > _WIDE:
            said = f"The subject has {length} letters, and inboxes show about {SUBJECT_LETTERS}."
            yield warning("W173", text.span(), said, "Put what matters first.")


def _emails(letter: Letter, desk: Desk) -> Iterator[Diagnostic]:
    form, message = letter.form, desk.project.messages[letter.message]
    if not isinstance(form, EmailForm):
        return
    sizes = {
        code: size_of_email(form, message.modules, code) for code in desk.project.policy.languages
    }
    code, size = max(sizes.items(), key=lambda each: each[1])
    if size > CLIPPED:
        said = (
            f"The e-mail has about {size // 1000} KB in {language_name(code)},"
            f" and Gmail shows {CLIPPED // 1000}."
        )
        hint = "What comes after that is hidden, and so is the link by which people unsubscribe."
        yield warning("W174", letter.node.span(), said, hint)


def size_of_email(form: EmailForm, modules: _Modules, language: str) -> int:
    """About how many bytes of HTML it becomes, with the longest values and the longest branches."""
    head = 2 * _longest(form.subject, language)
    preview = 0 if form.preview is None else _longest(form.preview, language)
    return _PAGE + head + preview + _blocks(form.blocks, modules, language, ())


def _blocks(
    blocks: Sequence[Block], modules: _Modules, language: str, inside: tuple[str, ...]
) -> int:
    return sum(_block(block, modules, language, inside) for block in blocks)


def _block(block: Block, modules: _Modules, language: str, inside: tuple[str, ...]) -> int:
    match block:
        case TextBlock(text):
            return _TEXT + _longest(text, language)
        case Html(html):
            return _TEXT + _longest(html, language)
        case Image(source, alt):
            return _IMAGE + _longest(source, language) + _longest(alt, language)
        case Button(label, link):
            return _BUTTON + _longest(label, language) + _longest(link, language)
        case Columns(columns):
            each = [_blocks(column, modules, language, inside) for column in columns]
            return _COLUMNS + sum(each) + _COLUMN * len(columns)
        case ForEach(at_most=most, show=show):
            return (most or _ITEMS) * _blocks(show, modules, language, inside)
        case Show(show=show):
            return _blocks(show, modules, language, inside)
        case Use():
            return _used(block, modules, language, inside)
        case _:
            return _LINE


def _used(use: Use, modules: _Modules, language: str, inside: tuple[str, ...]) -> int:
    """The largest of a module and of what may stand in for it."""
    module = modules.get(use.module)
    if module is None or use.module in inside:
        return 0
    there = (*inside, use.module)
    own = _blocks(module.blocks, modules, language, there)
    own += _LEGAL if module.required_in else 0
    others = [each for each in (use.instead, module.otherwise) if each is not None]
    return max([own, *(_used(other, modules, language, there) for other in others)])


def _longest(text: LocalText, language: str) -> int:
    return len(_said(text, language).long.encode())


def _said(text: LocalText, language: str) -> Extent:
    template = text.get(language) or text.get(language.partition("-")[0]) or text.get("")
    if template is None:
        template = next(iter(text.values()), None)
    return Extent("", "") if template is None else extent_of(template.text, template.kinds)


def _codes(texts: Sequence[LocalText]) -> list[str]:
    """The languages that any of the texts is written in; the empty one if it is the only one."""
    codes = dict.fromkeys(code for text in texts for code in text if code)
    return [*codes] or [""]

"""Messages compiled when they are first needed, once per language.

An e-mail is one template for its HTML and one for all its plain parts; the other channels are one
template each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from jinja2 import nodes

from channels.content.html import email_html
from channels.content.languages import Languages
from channels.content.layout import Laid, Layout, templates_in, wraps_of
from channels.content.plaintext import email_text
from channels.content.printing import INNER, PART_END
from channels.content.rewrite import Manner, Place, data
from channels.content.sandbox import Sandbox
from channels.content.stage import holds, items_of
from channels.content.straight import Saying, filled
from channels.content.written import Wrap
from dsl.machine import fingerprint
from dsl.message import (
    ChannelForm,
    EmailForm,
    LocalText,
    Message,
    PushForm,
    SmsForm,
    Template,
    WhatsAppForm,
)

__all__ = ["Edition", "Editions"]


@dataclass(frozen=True, slots=True)
class Edition:
    """One message on one channel in one language, ready to be filled in."""

    language: str
    channel: str
    message: Message
    form: ChannelForm
    layout: Layout
    wraps: Mapping[str, Wrap]
    required: tuple[str, ...]  # inputs
    names: tuple[str, ...]  # of the parts that ``plain`` renders, in this order
    plain: Saying
    html: Saying | None


class Editions:
    """The editions of all messages. ``languages`` are the company's, the first one for everybody
    who speaks none of them.
    """

    def __init__(self, messages: Mapping[str, Message], languages: Sequence[str]) -> None:
        self._messages = messages
        written = {code for message in messages.values() for code in _codes(message)}
        self._languages = Languages(languages, written)
        inner = {**INNER, "holds": holds, "items of": items_of}
        self._html = Sandbox(html=True, inner=inner)
        self.plain = Sandbox(html=False, inner=inner)
        self._made: dict[tuple[str, str, str], Edition] = {}
        self._marks: dict[str, str] = {}

    def mark(self, message: str) -> str:
        """What changes when anything in a message may have; empty if there is no such message."""
        if message not in self._messages:
            return ""
        mark = self._marks.get(message)
        if mark is None:
            about = (self._messages[message], self._languages.first)
            mark = self._marks[message] = fingerprint(about)
        return mark

    def of(self, message: str, channel: str, language: str) -> Edition:
        """The edition for somebody who wants ``language``."""
        key = (message, channel, self._languages.choose(language))
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = self._compile(self._messages[message], channel, key[2])
        return found

    def _compile(self, message: Message, channel: str, language: str) -> Edition:
        form = message.forms[channel]
        layout = Layout(language, self._languages.first, message.modules)
        place = Place("scope", link=message.name)
        tree: tuple[Laid, ...] = ()
        html: Saying | None = None
        if isinstance(form, EmailForm):
            tree = layout.blocks(form.blocks, place)
            subject = layout.choose(form.subject, place)
            preview = None if form.preview is None else layout.choose(form.preview, place)
            html = filled(email_html(tree, subject, preview, language, self._html), self._html)
        parts: dict[str, list[nodes.Node]] = {
            name: layout.choose(text, place).nodes(self.plain, manner)
            for name, (text, manner) in _texts(form).items()
        }
        if isinstance(form, PushForm) and form.link is not None:
            parts["link"] = layout.choose(form.link, place).address(self.plain)
        if isinstance(form, WhatsAppForm) and form.button is not None:
            button = layout.choose(form.button, place)
            if "{{" in button.text:  # the rest has been approved as it is
                parts["button"] = button.tagged(self.plain)
        if isinstance(form, EmailForm):
            parts["text"] = email_text(tree, self.plain)
        body: list[nodes.Node] = []
        for name, made in parts.items():
            body += made if name == next(iter(parts)) else [data(PART_END), *made]
        return Edition(
            language,
            channel,
            message,
            form,
            layout,
            wraps_of(message.inputs, _templates(form)),
            tuple(name for name, each in message.inputs.items() if each.required),
            tuple(parts),
            filled(nodes.Template(body), self.plain),
            html,
        )


def _texts(form: ChannelForm) -> dict[str, tuple[LocalText, Manner]]:
    """The texts of a form by the name of their part, with the manner they are printed in."""
    texts: dict[str, tuple[LocalText | None, Manner]]
    match form:
        case PushForm(title, body, link, image, app):
            texts = {
                "title": (title, "line"),
                "body": (body, "text"),
                "link": (link, "link"),
                "image": (image, "link"),
                "app": (app, "link"),
            }
        case EmailForm(subject, preview):
            texts = {"subject": (subject, "line"), "preview": (preview, "line")}
        case SmsForm(text):
            texts = {"text": (text, "text")}
        case WhatsAppForm(text, template):
            texts = {
                "text": (text, "text" if template is None else "parameter"),
                "header": (form.header, "parameter"),
                "image": (form.image, "link"),
                "button": (form.button, "link"),
            }
        case _:
            assert_never(form)
    return {name: (text, manner) for name, (text, manner) in texts.items() if text is not None}


def _templates(form: ChannelForm) -> list[Template]:
    own = [template for text, _ in _texts(form).values() for template in text.values()]
    return own + (templates_in(form.blocks) if isinstance(form, EmailForm) else [])


def _codes(message: Message) -> set[str]:
    """The languages that a message and its modules are written in."""
    return {
        code
        for form in message.forms.values()
        for text, _ in _texts(form).values()
        for code in text
    }

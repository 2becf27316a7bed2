"""Every message of a deployed project, compiled when it is first needed, once per language.

An e-mail is one template for its HTML and one for all its plain parts; the other channels are one
template each. So building a message is looking values up and joining strings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, assert_never

from jinja2 import Template as Compiled
from jinja2 import TemplateError, nodes

from channels.content import Built, Missing
from channels.content.html import email_html
from channels.content.languages import Languages, base, tidy
from channels.content.layout import Laid, Layout, templates_in, wraps_of
from channels.content.plaintext import email_text, tidied
from channels.content.printing import INNER, PARAMETER, PART_END, one_line
from channels.content.rewrite import Manner, Place, data
from channels.content.sandbox import Sandbox
from channels.content.sayings import Sayings
from channels.content.stage import Scope, Stage, holds, items_of
from channels.content.writing import Budget, Formats, Writer
from channels.content.written import ValueMissing, Wrap, is_missing
from dsl.expr.context import Context, Wording
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

__all__ = ["Library"]

_BUDGET = 300_000  # characters of values and of repeated text in one message
_SPACES = str.maketrans("\u00a0\u2007\u2009\u202f", "    ")
_PARAMETERS = re.compile(f"{PARAMETER}([^{PARAMETER}]*){PARAMETER}")


@dataclass(frozen=True, slots=True)
class _Edition:
    """One message on one channel in one language, ready to be filled in."""

    language: str
    message: Message
    form: ChannelForm
    layout: Layout
    wraps: Mapping[str, Wrap]
    names: tuple[str, ...]  # of the parts that ``plain`` renders, in this order
    plain: Compiled
    html: Compiled | None


class Library:
    """Renders messages (``channels.content.Content``).

    ``languages`` are the company's, the first being the one that everything falls back to;
    ``unsubscribe`` gives the link that leads from a delivery back to us.
    """

    def __init__(
        self,
        messages: Mapping[str, Message],
        languages: Sequence[str],
        unsubscribe: Callable[[str], str],
    ) -> None:
        self._messages = messages
        written = {code for message in messages.values() for code in _codes(message)}
        self._languages = Languages(languages, written)
        self._unsubscribe = unsubscribe
        self._formats = Formats()
        inner = {**INNER, "holds": holds, "items of": items_of}
        self._html = Sandbox(html=True, inner=inner)
        self._plain = Sandbox(html=False, inner=inner)
        self._sayings = Sayings(self._plain, self._formats)
        self._editions: dict[tuple[str, str, str], _Edition] = {}

    def build(
        self,
        message: str,
        channel: str,
        context: Context,
        values: Mapping[str, Any],
        delivery: str,
    ) -> Built | Missing:
        """The texts of ``message`` on ``channel`` for one person, or what they lack.

        A text that the sandbox refuses gives ``Missing`` too: it must not stop everybody else's.
        ``context.variables`` holds other values while this runs, and is put back.
        """
        outer = context.variables
        context.variables = values
        try:
            edition = self._edition(message, channel, self._languages.choose(context.language))
            return self._fill(edition, context, values, lambda: self._unsubscribe(delivery))
        except ValueMissing as missing:
            return Missing(str(missing))
        except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
            return Missing(f"a text cannot be rendered: {error}")
        finally:
            context.variables = outer

    def say(self, wording: Wording, context: Context) -> str | None:
        """A text that is a value of a step, or None if something in it is missing."""
        return self._sayings.say(wording, context)

    def _fill(
        self,
        edition: _Edition,
        context: Context,
        values: Mapping[str, Any],
        link: Callable[[], str],
    ) -> Built:
        for name, each in edition.message.inputs.items():
            if each.required and is_missing(values.get(name)):
                raise ValueMissing(name)
        stage = Stage(edition.layout, context, link)
        names = {
            "scope": Scope(context, edition.message.inputs, values, edition.wraps, link),
            "stage": stage,
            "use": stage.use,
            **self._writers(edition, context),
        }
        parts: dict[str, str] = {}
        if edition.html is not None:
            parts["html"] = _render(edition.html, names)
            stage.play_again()
        rendered = _render(edition.plain, names).split(PART_END)
        parts.update(zip(edition.names, rendered, strict=True))
        return Built(MappingProxyType(_finished(edition, parts)), tuple(stage.degraded))

    def _writers(self, edition: _Edition, context: Context) -> dict[str, Writer]:
        """The recipient's own writer, if the texts are in their language; else the texts'."""
        budget = Budget(_BUDGET)
        wanted = tidy(context.language)
        own = wanted if base(wanted) == base(edition.language) else edition.language
        others = edition.layout.writers.items()
        return {
            "writer": Writer(self._formats, own, budget),
            **{name: Writer(self._formats, code, budget) for name, code in others},
        }

    # --------------------------------------------------------------------------- compiling

    def _edition(self, message: str, channel: str, language: str) -> _Edition:
        key = (message, channel, language)
        found = self._editions.get(key)
        if found is None:
            found = self._editions[key] = self._compile(self._messages[message], channel, language)
        return found

    def _compile(self, message: Message, channel: str, language: str) -> _Edition:
        form = message.forms[channel]
        layout = Layout(language, self._languages.first, message.modules)
        place = Place("scope")
        tree: tuple[Laid, ...] = ()
        html: Compiled | None = None
        if isinstance(form, EmailForm):
            tree = layout.blocks(form.blocks, place)
            subject = layout.choose(form.subject, place)
            preview = None if form.preview is None else layout.choose(form.preview, place)
            html = _compiled(email_html(tree, subject, preview, language, self._html), self._html)
        parts: dict[str, list[nodes.Node]] = {
            name: layout.choose(text, place).nodes(self._plain, manner)
            for name, (text, manner) in _texts(form).items()
        }
        if isinstance(form, EmailForm):
            parts["text"] = email_text(tree, self._plain)
        body: list[nodes.Node] = []
        for name, made in parts.items():
            body += made if name == next(iter(parts)) else [data(PART_END), *made]
        return _Edition(
            language,
            message,
            form,
            layout,
            wraps_of(message.inputs, _templates(form)),
            tuple(parts),
            _compiled(nodes.Template(body), self._plain),
            html,
        )


def _compiled(template: nodes.Template, environment: Sandbox) -> Compiled:
    template.set_environment(environment)
    return environment.from_string(template)


def _render(template: Compiled, names: dict[str, Any]) -> str:
    """As ``Template.render``, without its rewriting of tracebacks, which takes longer than all."""
    return "".join(template.root_render_func(template.new_context(names)))


def _texts(form: ChannelForm) -> dict[str, tuple[LocalText, Manner]]:
    """The texts of a form by the name of their part, with the manner they are printed in."""
    texts: dict[str, tuple[LocalText | None, Manner]]
    match form:
        case PushForm(title, body, link, image):
            texts = {
                "title": (title, "line"),
                "body": (body, "text"),
                "link": (link, "link"),
                "image": (image, "link"),
            }
        case EmailForm(subject, preview):
            texts = {"subject": (subject, "line"), "preview": (preview, "line")}
        case SmsForm(text):
            texts = {"text": (text, "text")}
        case WhatsAppForm(text, template):
            texts = {"text": (text, "text" if template is None else "parameter")}
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


def _finished(edition: _Edition, parts: dict[str, str]) -> dict[str, str]:
    """The parts as the channel wants them."""
    match edition.form:
        case EmailForm():
            parts["text"] = tidied(parts["text"])
            for name in ("subject", "preview"):
                if name in parts:
                    parts[name] = one_line(parts[name])
        case PushForm():
            parts = {name: text.strip() for name, text in parts.items()}
            parts["title"] = one_line(parts["title"])
        case SmsForm():
            # a no-break space halves what fits into a text message
            parts["text"] = parts["text"].translate(_SPACES).strip()
        case WhatsAppForm(_, template, language):
            text = parts["text"]
            if template is not None:
                parts["template"] = template
                parts["language"] = (language or edition.language).replace("-", "_")
                parts["parameters"] = json.dumps(_PARAMETERS.findall(text), ensure_ascii=False)
            parts["text"] = text.replace(PARAMETER, "").strip()
        case _:
            assert_never(edition.form)
    return parts

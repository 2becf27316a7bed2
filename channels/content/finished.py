"""The last touch: texts that are said become the parts that a channel wants, or are not sent."""

from __future__ import annotations

import json
import re
from typing import assert_never

from channels.content.editions import Edition
from channels.content.languages import pick
from channels.content.limits import Unfit, excess
from channels.content.plaintext import tidied
from channels.content.printing import PARAMETER, one_line
from dsl.message import EmailForm, PushForm, SmsForm, WhatsAppForm
from dsl.sms import plain

__all__ = ["finished"]

_PARAMETERS = re.compile(f"{PARAMETER}([^{PARAMETER}]*){PARAMETER}")


def finished(edition: Edition, parts: dict[str, str]) -> dict[str, str]:
    """The parts as the channel wants them. Raises ``Unfit``: what no provider takes is not handed
    to one, and the next channel has its turn.
    """
    form = edition.form
    match form:
        case EmailForm():
            parts["text"] = tidied(parts["text"])
            for name in ("subject", "preview"):
                if name in parts:
                    parts[name] = one_line(parts[name])
        case PushForm():
            parts = {name: text.strip() for name, text in parts.items()}
            parts["title"] = one_line(parts["title"])
            if "app" in parts:
                parts["web"], parts["link"] = parts["link"], parts.pop("app")
        case SmsForm():
            text = parts["text"].strip()
            parts["text"] = plain(text) if form.plain else text
        case WhatsAppForm():
            if form.approved_template is not None:
                parts |= _approved(edition, form, parts)
            parts["text"] = parts["text"].replace(PARAMETER, "").strip()
        case _:
            assert_never(form)
    too_much = excess(form, parts)
    if too_much is not None:
        raise Unfit(too_much)
    return parts


def _approved(edition: Edition, form: WhatsAppForm, parts: dict[str, str]) -> dict[str, str]:
    """The name of an approved wording, and what goes into it."""
    template = form.approved_template or ""
    values = _PARAMETERS.findall(parts["text"])
    made = {"template": template, "language": _code(edition, form)}
    made["parameters"] = json.dumps(values, ensure_ascii=False)
    if "header" in parts:
        head = _PARAMETERS.findall(parts["header"])
        made["header"] = one_line(parts["header"].replace(PARAMETER, ""))
        made["header_parameters"] = json.dumps(head, ensure_ascii=False)
    if form.button is not None:
        _, written = pick(dict(form.button), edition.language, edition.layout.first)
        before = "".join(written.text.partition("{{")[0].split())
        made["button_end"] = parts["button"].removeprefix(before)
    if form.approved is not None:
        wanted = form.approved.values_in(made["language"])
        if len(values) != wanted:
            raise Unfit(f"{template} takes {wanted} values, and not {len(values)}")
    return made


def _code(edition: Edition, form: WhatsAppForm) -> str:
    """The provider's code of the language of an approved wording: that in which it is approved, of
    the language that the text is really in.
    """
    code, _ = pick(dict(form.text), edition.language, edition.layout.first)
    language = form.language or code or edition.language
    if form.approved is None:
        return language.replace("-", "_")
    known = form.approved.code_for(language)
    if known is None:
        raise Unfit(f"{form.approved_template} is not approved in {language}")
    return known

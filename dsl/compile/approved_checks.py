"""Messages held against the wordings that were approved, so that no provider has to refuse them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set

from dsl.approved import Approved
from dsl.compile.messages import message_parts
from dsl.compile.texts import language_name
from dsl.diagnostics import Diagnostic
from dsl.files.messages import WhatsAppPart
from dsl.files.reading import error, warning
from dsl.machine import ConsentNotNeeded, Policy
from dsl.message import Message, WhatsAppForm
from dsl.source import Text
from dsl.spelling import did_you_mean
from dsl.yaml import Map

__all__ = ["check_approved"]

_PRINTED = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_LONGEST = 200


def check_approved(
    files: Iterable[Map],
    messages: Mapping[str, Message],
    sent_in: Mapping[str, Set[str]],
    policy: Policy,
    found: list[Diagnostic],
) -> None:
    """Whatever a message says otherwise than it was approved. Says nothing of a project that does
    not declare what was approved.
    """
    channel = policy.channels.get("whatsapp")
    if channel is None or not channel.approved:
        return
    asking = frozenset(
        name
        for name, each in policy.categories.items()
        if not isinstance(each.consent, ConsentNotNeeded)
    )
    for name, part in message_parts(files, []).items():
        message, written = messages.get(name), part.whatsapp
        form = None if message is None else message.forms.get("whatsapp")
        if written is None or not isinstance(form, WhatsAppForm):
            continue
        template = written.approved_template
        if template is None:
            continue
        approved = channel.approved.get(template)
        if approved is None:
            hint = did_you_mean(template, channel.approved)
            hint = hint or f"The policy has: {', '.join(channel.approved)}"
            words = f'There is no approved template called "{template[:60]}".'
            found.append(error("M21", template.span(), words, hint))
            continue
        found += _parts(written, template, approved)
        found += _texts(written, template, form, approved, policy)
        wrong = sorted(sent_in.get(name, frozenset()) & asking)
        if wrong and approved.category != "marketing":
            words = (
                f'"{template}" is approved as {approved.category},'
                f" and this message is sent as {wrong[0]}."
            )
            hint = "What needs consent goes by a template that is approved as marketing."
            found.append(error("M24", template.span(), words, hint))


def _parts(part: WhatsAppPart, template: Text, approved: Approved) -> Iterator[Diagnostic]:
    """What stands above and below the words: there if it was approved, and only then."""
    for field, has, word in (
        ("header", approved.head == "text", "a text with a value above the words"),
        ("image", approved.head == "image", "a picture above the words"),
        ("button", bool(approved.button), "a button with a value"),
    ):
        given = part.key_of(field)
        if has and given is None:
            words = f'"{template}" has {word}, and this message does not say which.'
            yield error("M22", template.span(), words, f"Add: {field}: ...")
        elif given is not None and not has:
            words = f'"{template}" was approved without {word}.'
            yield error("M22", given.span(), words, f'Take "{field}" out.')
    node = part.button
    for text in _written(node) if approved.button else ():
        if not text.strip().startswith(approved.button) or _values_in(text) != 1:
            words = f"The button was approved to lead to {approved.button} and one value."
            hint = f"For example: {approved.button}{{{{ trigger.id }}}}"
            yield error("M22", text.span(), words, hint)


def _texts(
    part: WhatsAppPart, template: Text, form: WhatsAppForm, approved: Approved, policy: Policy
) -> Iterator[Diagnostic]:
    """The words in every language, against what was approved in it."""
    node = part.text
    if isinstance(node, Map):
        pairs = [(str(e.key), e.value) for e in node if isinstance(e.value, Text)]
    else:
        pairs = [(code, node) for code in policy.languages if isinstance(node, Text)]
    told: set[int] = set()
    for language, text in pairs:
        code = approved.code_for(form.language or language)
        if code is None:
            name = language_name(form.language or language)
            place = part.language or text
            words = f'"{template}" is not approved in {name}.'
            yield error("M23", place.span(), words, f"It is in: {', '.join(approved.body)}")
            if form.language is not None:
                return
            continue
        wording = approved.body[code]
        wanted, given = approved.values_in(code), _values_in(text)
        if wanted != given:
            if id(text) not in told:
                words = (
                    f'"{template}" takes {_values(wanted)} in {code}, and this text has {given}.'
                )
                yield error("M22", text.span(), words, f"Approved is: {wording[:_LONGEST]}")
            told.add(id(text))
        elif _bare(wording) != _bare(text) and (form.language or isinstance(node, Map)):
            words = f'This is not what was approved as "{template}" in {code}.'
            yield warning("W171", text.span(), words, f"Approved is: {wording[:_LONGEST]}")


def _values_in(text: str) -> int:
    """How many values a text of ours prints."""
    return len(_PRINTED.findall(text))


def _bare(text: str) -> str:
    return " ".join(_PRINTED.sub("{}", text).split())


def _values(count: int) -> str:
    return {0: "no value", 1: "one value"}.get(count, f"{count} values")


def _written(node: object) -> Iterator[Text]:
    if isinstance(node, Text):
        yield node
    elif isinstance(node, Map):
        yield from (entry.value for entry in node if isinstance(entry.value, Text))

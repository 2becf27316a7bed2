"""Messages, compiled: what is said on each channel, with the modules it is made of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import replace
from types import MappingProxyType

from dsl.compile.blocks import compile_blocks
from dsl.compile.fetches import kept_for
from dsl.compile.links import compile_link
from dsl.compile.modules import Modules, module_parts, read_inputs
from dsl.compile.naming import check_first, check_name
from dsl.compile.template_names import see_text
from dsl.compile.template_roots import Root, is_open
from dsl.compile.texts import Setting, compile_text, roots_of
from dsl.diagnostics import Diagnostic
from dsl.expr.scope import Names, Scope
from dsl.files.messages import (
    EmailPart,
    MessageFile,
    MessagePart,
    MessagesFile,
    PushPart,
    SmsPart,
    WhatsAppPart,
)
from dsl.files.reading import error, read, warning
from dsl.files.shape import Written
from dsl.kinds import Instant, Record
from dsl.machine import Policy
from dsl.message import (
    ChannelForm,
    EmailForm,
    LocalText,
    Message,
    Module,
    PushForm,
    SmsForm,
    WhatsAppForm,
)
from dsl.sms import MOST_PARTS
from dsl.source import Text
from dsl.spelling import did_you_mean
from dsl.yaml import Map, Node, same_key

__all__ = ["compile_messages", "message_parts"]

_USES = re.compile(r"\s*journey\s+(\S+)\s*", re.IGNORECASE)
_PARTS = re.compile(r"\s*(\d{1,3})(?:\s+parts?)?\s*", re.IGNORECASE)
_CHANNEL_WORDS = {"email": "e-mail", "sms": "SMS", "whatsapp": "WhatsApp"}


def compile_messages(
    files: Iterable[Map],
    modules: Iterable[Map],
    scope: Scope,
    policy: Policy,
    triggers: Mapping[str, Record],
    found: list[Diagnostic],
    only: Set[str] | None = None,
) -> Mapping[str, Message]:
    """The messages by name, or ``only`` some. One with mistakes is there as far as it goes, so that
    journeys that send it can still be checked; findings say what is wrong with it.
    """
    languages = policy.languages or ("en",)
    parts = module_parts(tuple(modules), found)
    addressed = policy.postal_address != ""
    library = Modules(parts, scope, policy.services, languages, found, addressed=addressed)
    made: dict[str, Message] = {}
    for name, part in message_parts(files, found).items():
        if only is not None and name not in only:
            continue
        before = len(found)
        message = _message(name, part, library, triggers)
        message = replace(message, our_address=policy.postal_address)
        made[str(name)] = _with_approved(message, policy)
        if message.journey is not None and message.journey not in triggers:
            # what is wrong with the journey's trigger is said there, and only there
            found[before:] = [each for each in found[before:] if each.code != "E143"]
    if only is None:
        library.compile_unused()
    return MappingProxyType(made)


def _with_approved(message: Message, policy: Policy) -> Message:
    """The message with what its provider has approved, as far as that is declared."""
    form, channel = message.forms.get("whatsapp"), policy.channels.get("whatsapp")
    if not isinstance(form, WhatsAppForm) or channel is None:
        return message
    approved = channel.approved.get(form.approved_template or "")
    forms = {**message.forms, "whatsapp": replace(form, approved=approved)}
    return replace(message, forms=MappingProxyType(forms))


def message_parts(nodes: Iterable[Map], found: list[Diagnostic]) -> Mapping[Text, MessagePart]:
    """What is written about each message, by its name."""
    made: dict[Text, MessagePart] = {}
    first: dict[str, Text] = {}
    for name, part in _written(nodes, found):
        if not check_name(name, "a message", found):
            continue
        if not check_first(name, "messages", first, found):
            continue
        made[name] = part
    return MappingProxyType(made)


def _written(nodes: Iterable[Map], found: list[Diagnostic]) -> Iterable[tuple[Text, MessagePart]]:
    for node in nodes:
        if len(node) and same_key(node.entries[0].key) == "messages":
            file = read(MessagesFile, node, "messages", found)
            for entry in (file and file.messages) or ():
                part = read(MessagePart, entry.value, f'"{entry.key}"', found)
                if part is not None:
                    yield entry.key, part
        else:
            alone = read(MessageFile, node, "a message", found)
            if alone is not None and alone.message is not None:
                yield alone.message, alone


def _message(
    name: Text, part: MessagePart, library: Modules, triggers: Mapping[str, Record]
) -> Message:
    found, scope = library.found, library.scope
    inputs = read_inputs(part.inputs, scope, found)
    for entry in part.inputs or ():
        if entry.key in inputs and is_open(inputs[entry.key].kind):
            message = f'"{entry.key}" does not say what is in it, so amounts and dates in it are bare numbers.'
            hint = "Name its fields: [{name: text, price: money EUR}]"
            found.append(warning("M17", entry.key.span(), message, hint))
    scope = scope.with_variables({each: own.kind for each, own in inputs.items()})
    journey = _journey(part.uses, scope.names, found)
    trigger: Root | None = None
    if journey is not None:
        record = triggers.get(journey)
        trigger = Root(None if record is None else _with_time(record))
        scope = replace(scope, trigger=record)
    scope = replace(scope, owner="A message")
    setting = Setting(
        scope=scope,
        roots=roots_of(scope, inputs, trigger, addressed=library.addressed),
        sure=frozenset(),
        languages=library.languages,
        owner="a message",
        fails="",
        part="",
        found=found,
    )
    forms: dict[str, ChannelForm] = {}
    modules: Mapping[str, Module] = MappingProxyType({})
    for channel, written in (
        ("push", part.push),
        ("email", part.email),
        ("sms", part.sms),
        ("whatsapp", part.whatsapp),
    ):
        if written is None:
            continue
        words = _CHANNEL_WORDS.get(channel, channel)
        there = replace(setting, fails=f"this message cannot be sent on {words}", part=channel)
        form = _form(written, there, library)
        forms[channel] = form
        if isinstance(form, EmailForm):
            modules = library.needed_by(form.blocks)
    if not forms and not any(part.key_of(each) for each in ("push", "email", "sms", "whatsapp")):
        message = f'The message "{name}" says nothing on any channel.'
        hint = "Add a part for one, for example: sms: {text: ...}"
        found.append(error("S07", name.span(), message, hint))
    return Message(
        name=str(name),
        title=str(part.title or name),
        journey=journey,
        inputs=inputs,
        forms=MappingProxyType(forms),
        modules=modules,
        kept=kept_for(forms.get("email"), modules),
    )


def _with_time(record: Record) -> Record:
    """The trigger as texts know it: its properties, and when it was."""
    return record if record.field("time") else Record((*record.fields, ("time", Instant())))


def _journey(text: Text | None, names: Names, found: list[Diagnostic]) -> str | None:
    if text is None:
        return None
    words = _USES.fullmatch(text)
    if words is None:
        message = '"uses" names the journey whose trigger this message speaks of.'
        found.append(error("S09", text.span(), message, "For example: uses: journey welcome"))
        return None
    name = text.part(words.start(1), words.end(1))
    if name not in names.journeys:
        message = f'There is no journey called "{name[:60]}".'
        found.append(error("N11", name.span(), message, did_you_mean(name, names.journeys)))
    return str(name)


def _form(part: Written, setting: Setting, library: Modules) -> ChannelForm:
    def text(field: str) -> LocalText:
        return compile_text(getattr(part, field), field, setting, part.key_of(field))

    def maybe(field: str) -> LocalText | None:
        return None if getattr(part, field) is None else text(field)

    match part:
        case PushPart():
            link, app = compile_link(part.link, "link", setting, part.key_of("link"))
            leads = None if part.link is None else link
            return PushForm(text("title"), text("body"), leads, maybe("image"), app)
        case EmailPart():
            subject, preview = text("subject"), maybe("preview")
            blocks = compile_blocks(part.blocks, setting, library.inputs, library.instance)
            return EmailForm(subject, preview, blocks)
        case SmsPart():
            return _sms(part, text("text"), setting.found)
        case WhatsAppPart():
            form = _whatsapp(part, text("text"), setting)
            return replace(
                form, header=maybe("header"), image=maybe("image"), button=maybe("button")
            )
        case _:
            raise AssertionError(part)


def _sms(part: SmsPart, text: LocalText, found: list[Diagnostic]) -> SmsForm:
    as_written = part.characters is not None and same_key(part.characters) == "aswritten"
    return SmsForm(text, _most_parts(part.at_most, found), plain=not as_written)


def _most_parts(text: Text | None, found: list[Diagnostic]) -> int | None:
    if text is None:
        return None
    written = _PARTS.fullmatch(text)
    if written is not None and 0 < int(written[1]) <= MOST_PARTS:
        return int(written[1])
    message = f"A text message has 1 to {MOST_PARTS} parts."
    found.append(error("S09", text.span(), message, "For example: at most: 2 parts"))
    return None


def _whatsapp(part: WhatsAppPart, text: LocalText, setting: Setting) -> WhatsAppForm:
    approved, language = part.approved_template, part.language
    if approved is not None:
        for node in (part.text, part.header, part.button):
            _check_fixed(node, setting)
    else:
        for field in ("language", "header", "image", "button"):
            if part.key_of(field) is not None:
                message = f'"{field}" belongs to an approved template, and there is none here.'
                setting.found.append(error("S03", part.span_of(field), message))
    same = language is None or same_key(language) == "sameasrecipient"
    return WhatsAppForm(
        text, None if approved is None else str(approved), None if same else str(language)
    )


def _check_fixed(node: Node | None, setting: Setting) -> None:
    """An approved wording has values and nothing else: the provider puts them in."""
    texts = [node] if isinstance(node, Text) else []
    if isinstance(node, Map):
        texts = [entry.value for entry in node if isinstance(entry.value, Text)]
    for text in texts:
        seen = see_text(text, setting.roots, setting.owner, [])
        if seen is not None and seen.tags:
            start = seen.tags[0]
            message = "An approved wording cannot change, so it cannot contain tags."
            hint = "Use {{ ... }} only, or register a second template."
            end = text.find("%}", start)
            span = text.span(start, len(text) if end < 0 else end)
            setting.found.append(error("M16", span, message, hint))

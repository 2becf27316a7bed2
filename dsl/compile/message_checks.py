"""What can be said of messages only when the journeys that send them are known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from dsl.compile.messages import message_parts
from dsl.compile.modules import module_parts
from dsl.compile.rules import all_reads
from dsl.diagnostics import Diagnostic
from dsl.files.reading import error
from dsl.machine import ConsentNotNeeded, Policy, Reads
from dsl.message import (
    Block,
    Button,
    ChannelForm,
    Columns,
    Divider,
    EmailForm,
    ForEach,
    Html,
    Image,
    LocalText,
    Message,
    Module,
    PushForm,
    Show,
    SmsForm,
    TextBlock,
    Use,
    WhatsAppForm,
)
from dsl.plan import TrackingPlan
from dsl.yaml import Map

__all__ = ["check_required_modules", "message_reads"]


def check_required_modules(
    files: Iterable[Map],
    modules: Iterable[Map],
    messages: Mapping[str, Message],
    sent_in: Mapping[str, Set[str]],
    policy: Policy,
    found: list[Diagnostic],
) -> None:
    """E122: an e-mail that needs consent lacks a module that such e-mails must have.

    ``sent_in`` has the categories that each message is sent in, by its name.
    """
    required = {
        name: part
        for name, part in module_parts(tuple(modules), []).items()
        if "email" in part.required_in
    }
    if not required:
        return
    for name, part in message_parts(files, []).items():
        message = messages.get(name)
        form = None if message is None else message.forms.get("email")
        if message is None or not isinstance(form, EmailForm):
            continue
        asking = sorted(
            category
            for category in sent_in.get(name, frozenset())
            if category in policy.categories
            and not isinstance(policy.categories[category].consent, ConsentNotNeeded)
        )
        shown = _always_shown(form.blocks, message.modules)
        for module in required if asking else ():
            if str(module) in shown:
                continue
            words = f'{_article(asking[0])} e-mail needs the module "{module}"'
            hint = f"Add it at the end of the blocks: - use: {module}"
            if any(each.name == module for each in message.modules.values()):
                hint = "It is there, but not always: it must not depend on anything."
            found.append(
                error(
                    "E122",
                    part.span_of("email"),
                    f"{words} ({module.path.rsplit('/', 1)[-1]}: required in email).",
                    hint,
                )
            )


def message_reads(message: Message, plan: TrackingPlan) -> Reads:
    """What building a message looks at, so that a runtime loads it with the journey's own."""
    reads = [each for form in message.forms.values() for each in _form_reads(form, plan)]
    for module in message.modules.values():
        reads += [formula.reads for formula in module.requires]
        if module.show_if is not None:
            reads.append(module.show_if.reads)
        if module.otherwise is not None:
            reads += _use_reads(module.otherwise)
        reads += _block_reads(module.blocks, plan)
    return all_reads(reads)


def _article(category: str) -> str:
    return f"{'An' if category[:1].lower() in 'aeiou' else 'A'} {category}"


def _always_shown(blocks: Iterable[Block], modules: Mapping[str, Module]) -> set[str]:
    """The names of modules that are shown whoever the message is for."""
    shown: set[str] = set()
    for block in blocks:
        match block:
            case Use(module=name, if_missing="do not send", instead=None) if name in modules:
                module = modules[name]
                if module.show_if is None and module.otherwise is None:
                    shown |= {module.name} | _always_shown(module.blocks, modules)
            case Columns(columns):
                for column in columns:
                    shown |= _always_shown(column, modules)
            case _:
                pass
    return shown


def _form_reads(form: ChannelForm, plan: TrackingPlan) -> list[Reads]:
    match form:
        case PushForm(title, body, link, image):
            return _text_reads(plan, title, body, link, image)
        case EmailForm(subject, preview, blocks):
            return [*_text_reads(plan, subject, preview), *_block_reads(blocks, plan)]
        case SmsForm(text) | WhatsAppForm(text):
            return _text_reads(plan, text)


def _text_reads(plan: TrackingPlan, *texts: LocalText | None) -> list[Reads]:
    names: set[str] = set()
    for text in texts:
        for template in (text or {}).values():
            names |= template.names
    attributes = frozenset(plan.attributes) if "profile" in names else frozenset(names)
    return [Reads(attributes=attributes & plan.attributes.keys(), trigger="trigger" in names)]


def _block_reads(blocks: Iterable[Block], plan: TrackingPlan) -> list[Reads]:
    reads: list[Reads] = []
    for block in blocks:
        match block:
            case TextBlock(text) | Html(text):
                reads += _text_reads(plan, text)
            case Image(first, second) | Button(first, second):
                reads += _text_reads(plan, first, second)
            case Columns(columns):
                for column in columns:
                    reads += _block_reads(column, plan)
            case Show(when, show):
                reads += [when.reads, *_block_reads(show, plan)]
            case ForEach(items=items, show=show):
                reads += [items.reads, *_block_reads(show, plan)]
            case Use():
                reads += _use_reads(block)
            case Divider():
                pass
    return reads


def _use_reads(use: Use) -> list[Reads]:
    reads = [formula.reads for _, formula in use.values]
    return reads if use.instead is None else [*reads, *_use_reads(use.instead)]

"""What can be said of messages only when the journeys that send them are known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from dsl.compile.messages import message_parts
from dsl.compile.modules import module_parts
from dsl.diagnostics import Diagnostic
from dsl.files.reading import error
from dsl.machine import ConsentNotNeeded, Machine, Policy, Send
from dsl.message import Block, Columns, EmailForm, Message, Module, Use
from dsl.yaml import Map

__all__ = [
    "categories_sent",
    "channels_sent",
    "check_required_modules",
    "needing_consent",
    "with_article",
]


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
        asking = needing_consent(sent_in.get(name, frozenset()), policy)
        shown = _always_shown(form.blocks, message.modules)
        for module in required if asking else ():
            if str(module) in shown:
                continue
            words = f'{with_article(asking[0])} e-mail needs the module "{module}"'
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


def categories_sent(machines: Iterable[Machine]) -> Mapping[str, Set[str]]:
    """The categories that each message is sent in, by its name."""
    made: dict[str, set[str]] = {}
    for machine in machines:
        for step in machine.code:
            if isinstance(step, Send):
                made.setdefault(step.message, set()).add(step.category)
    return made


def channels_sent(machines: Iterable[Machine]) -> Mapping[tuple[str, str], Set[str]]:
    """The categories in which each message can go out on a channel, by the names of the two."""
    made: dict[tuple[str, str], set[str]] = {}
    for machine in machines:
        for step in machine.code:
            if isinstance(step, Send):
                for choice in step.choices:
                    made.setdefault((step.message, choice.channel), set()).add(step.category)
    return made


def needing_consent(categories: Iterable[str], policy: Policy) -> list[str]:
    """Those of these categories that need consent, by name."""
    return sorted(
        name
        for name in categories
        if name in policy.categories
        and not isinstance(policy.categories[name].consent, ConsentNotNeeded)
    )


def with_article(category: str) -> str:
    """``A promotional``, ``An urgent``."""
    return f"{'An' if category[:1].lower() in 'aeiou' else 'A'} {category}"


def _always_shown(blocks: Iterable[Block], modules: Mapping[str, Module]) -> set[str]:
    """The names of modules that are shown whoever the message is for."""
    shown: set[str] = set()
    for block in blocks:
        match block:
            case Use(module=name, if_missing="do not send", instead=None) if name in modules:
                module = modules[name]
                if module.show_if is None and module.otherwise is None and module.fetch is None:
                    shown |= {module.name} | _always_shown(module.blocks, modules)
            case Columns(columns):
                for column in columns:
                    shown |= _always_shown(column, modules)
            case _:
                pass
    return shown

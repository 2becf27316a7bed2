"""What the law and providers want of messages that need consent, proven before any is sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set

from dsl.compile.message_checks import needing_consent, with_article
from dsl.compile.messages import message_parts
from dsl.compile.obligations import (
    ADDRESS,
    UNSUBSCRIBE,
    languages_of,
    said_in_blocks,
)
from dsl.compile.texts import language_name
from dsl.diagnostics import Diagnostic, Span
from dsl.files.messages import MessagePart
from dsl.files.policy import PolicyFile
from dsl.files.reading import error, warning
from dsl.machine import Policy
from dsl.message import (
    Block,
    Button,
    Columns,
    EmailForm,
    ForEach,
    Html,
    LocalText,
    Message,
    Module,
    Show,
    TextBlock,
)
from dsl.yaml import Map

__all__ = ["check_promotional"]

_SAYS = {
    UNSUBSCRIBE: ("E123", "a link to unsubscribe", "{{ unsubscribe_link }}"),
    ADDRESS: ("E124", "your postal address", "{{ our_address }}"),
}


def check_promotional(
    files: Iterable[Map],
    messages: Mapping[str, Message],
    sent_on: Mapping[tuple[str, str], Set[str]],
    policy: Policy,
    policy_file: PolicyFile,
    found: list[Diagnostic],
) -> None:
    """E123, E124 and W126. ``sent_on`` has the categories in which a message can go out on a
    channel, by the names of the two.
    """
    e_mails = False
    told = {one.span for one in found if one.code == "E122"}  # its fix is the fix of this, too
    for name, part in message_parts(files, []).items():
        message = messages.get(name)
        if message is None:
            continue
        asking = needing_consent(sent_on.get((str(name), "email"), frozenset()), policy)
        form = message.forms.get("email")
        if isinstance(form, EmailForm) and part.email is not None and asking:
            e_mails = True
            if part.span_of("email") not in told:
                found += _unsaid(asking[0], part, form, message.modules, policy)
    if e_mails and not policy.postal_address and policy_file.policy is not None:
        found.append(
            warning(
                "W126",
                policy_file.policy.span(),
                "Promotional e-mails must say where you are, and nobody can check that here.",
                "Add your address, and say it in the footer as {{ our_address }}:"
                "\npostal address: 1 Market Street, London EC1A 1BB, United Kingdom",
            )
        )


def _unsaid(
    category: str,
    part: MessagePart,
    form: EmailForm,
    modules: Mapping[str, Module],
    policy: Policy,
) -> Iterator[Diagnostic]:
    """What an e-mail does not say to everybody."""
    obliged = [UNSUBSCRIBE, ADDRESS] if policy.postal_address else [UNSUBSCRIBE]
    texts = [*_texts(form.blocks)]
    for module in modules.values():
        texts += _texts(module.blocks)
    first = policy.languages[0]
    spoken = languages_of(texts, policy.languages)
    said = {language: said_in_blocks(form.blocks, modules, language, first) for language in spoken}
    for name in obliged:
        lacking = [language for language in spoken if name not in said[language]]
        if lacking:
            yield _finding(category, name, part.span_of("email"), lacking, spoken, texts)


def _finding(
    category: str,
    name: str,
    span: Span,
    lacking: list[str],
    spoken: tuple[str, ...],
    texts: list[LocalText],
) -> Diagnostic:
    code, words, written = _SAYS[name]
    where = ""
    hint = f"Write {written} into a text of the footer: a module that every such e-mail uses."
    if len(lacking) < len(spoken):
        where = f" in {' and '.join(map(language_name, lacking))}"
    elif any(name in template.text for text in texts for template in text.values()):
        where = " in every case"
        hint = (
            f"{written} is there, but not for everybody: it must not stand behind a condition, in a"
            " list, or in a module that can be left out."
        )
    message = f"{with_article(category)} e-mail must have {words}, and this one has none{where}."
    return error(code, span, message, hint)


def _texts(blocks: Iterable[Block]) -> Iterator[LocalText]:
    """The texts in which something can be said."""
    for block in blocks:
        match block:
            case TextBlock(text) | Html(text):
                yield text
            case Button(link=link):
                yield link
            case Columns(columns):
                for column in columns:
                    yield from _texts(column)
            case Show(show=show) | ForEach(show=show):
                yield from _texts(show)
            case _:
                pass

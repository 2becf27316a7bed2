"""W175 to W177 and W179: text messages that do not say how to stop them or who writes, notifications
that say on a locked screen what nobody else is to read, and advertising in what goes without consent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dsl.compile.message_checks import channels_sent, needing_consent, with_article
from dsl.compile.texts import language_name
from dsl.diagnostics import Diagnostic
from dsl.files.reading import warning
from dsl.lint.letters import Letter, letters, texts_under
from dsl.lint.sheets import Desk
from dsl.message import OWN_LINKS, LocalText, PushForm
from dsl.source import Text

__all__ = [
    "advertising_without_consent",
    "nameless_texts",
    "private_pushes",
    "unstoppable_texts",
]

_STOP = re.compile(r"\bstopp?\b", re.IGNORECASE)  # understood everywhere, and obeyed
_LINK = re.compile(r"\w+://\S+")
_SENDER = re.compile(r"\s*\w[^:{}]{1,59}:\s")  # "Corner Shop: ..." as texts begin by custom


def unstoppable_texts(desk: Desk) -> Iterator[Diagnostic]:
    """W175: a text message that needs consent and does not say how it ends."""
    for category, code, text in _texts_with_consent(desk):
        if not _STOP.search(text) and not any(name in text for name in OWN_LINKS):
            said = f"{with_article(category)} text message should say how to stop it{_in(code)}."
            yield warning("W175", text.span(), said, "Add a few words at its end: STOP to end")


def nameless_texts(desk: Desk) -> Iterator[Diagnostic]:
    """W179: a text message that needs consent and does not say who writes. Each may be the first
    that somebody gets, and the number says nothing.
    """
    company = " ".join(desk.project.policy.name.replace("_", " ").split())
    for category, code, text in _texts_with_consent(desk):
        bare = _LINK.sub("", text).replace("_", " ").casefold()
        if company.casefold() not in bare and not _SENDER.match(text):
            said = f"{with_article(category)} text message should say who writes{_in(code)}."
            name = company.title() or "Corner Shop"
            yield warning(
                "W179", text.span(), said, f"Begin it with your name and a colon: {name}: ..."
            )


def _texts_with_consent(desk: Desk) -> Iterator[tuple[str, str, Text]]:
    """The text messages that go out in a category that needs consent: in which, the language (empty
    if there is one text for all), and what they say.
    """
    sent = channels_sent(desk.project.machines.values())
    for letter in letters(desk, "sms"):
        categories = sent.get((letter.message, "sms"), frozenset())
        asking = needing_consent(categories, desk.project.policy)
        for code, text in texts_under(letter.node, "text") if asking else ():
            yield asking[0], code, text


def _in(code: str) -> str:
    return f" in {language_name(code)}" if code else ""


def private_pushes(desk: Desk) -> Iterator[Diagnostic]:
    """W176: a notification that prints a sensitive attribute."""
    sensitive = {each.name for each in desk.project.plan.attributes.values() if each.sensitive}
    for letter in letters(desk, "push") if sensitive else ():
        form = letter.form
        if isinstance(form, PushForm):
            for key, texts in (("title", form.title), ("body", form.body)):
                yield from _private(letter, key, texts, sensitive)


def _private(
    letter: Letter, key: str, texts: LocalText, sensitive: set[str]
) -> Iterator[Diagnostic]:
    for code, text in texts_under(letter.node, key):
        for name in sorted(sensitive & letter.kinds_in(texts, code).keys()):
            said = f'A notification is seen on a locked screen, and "{name}" is sensitive.'
            yield warning("W176", text.span(), said, "Say it in the app, and here only that.")


def advertising_without_consent(desk: Desk) -> Iterator[Diagnostic]:
    """W177: mixed content counts as advertising, whatever its category says."""
    policy = desk.project.policy
    sent = channels_sent(desk.project.machines.values())
    for letter in letters(desk, "email"):
        categories = sent.get((letter.message, "email"), frozenset())
        free = sorted(categories - set(needing_consent(categories, policy)))
        modules = desk.project.messages[letter.message].modules.values()
        shown = sorted(each.name for each in modules if each.promotional)
        if free and shown:
            said = (
                f"{with_article(free[0])} e-mail needs no consent, and the module"
                f' "{shown[0]}" is promotional.'
            )
            hint = "Leave it out, or send the message in a category that needs consent."
            yield warning("W177", letter.node.span(), said, hint)

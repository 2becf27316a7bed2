"""Channels and categories of the policy."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeVar, get_args

from dsl.compile.approved import compile_approved
from dsl.compile.links import read_measures
from dsl.compile.naming import check_name
from dsl.compile.texts import Setting, compile_text
from dsl.diagnostics import Diagnostic
from dsl.expr.compile import compile_rule, read_duration
from dsl.expr.scope import Scope
from dsl.files.policy import CategoryPart, ChannelPart
from dsl.files.reading import error, read, warning
from dsl.machine import (
    Category,
    ChannelPolicy,
    Consent,
    ConsentNotNeeded,
    ConsentRequired,
    ConsentRule,
    Ignorable,
)
from dsl.policy import Measured
from dsl.source import Text
from dsl.spelling import did_you_mean
from dsl.yaml import Entry, Map, same_key

__all__ = ["CHANNELS", "compile_categories", "compile_channels"]

CHANNELS = ("email", "push", "sms", "whatsapp")
"""The channels a message can have a part for."""

_IGNORABLE: tuple[Ignorable, ...] = get_args(Ignorable)

_FEWEST_WORDS = 3  # of a reason: "transactional" is none

_Part = TypeVar("_Part", ChannelPart, CategoryPart)


def compile_channels(
    node: Map | None, scope: Scope, found: list[Diagnostic]
) -> Mapping[str, ChannelPolicy]:
    """The channels in use, by name."""
    made = {}
    for entry in node or ():
        if entry.key not in CHANNELS:
            hint = did_you_mean(entry.key, CHANNELS) or f"Possible here: {', '.join(CHANNELS)}"
            message = f'There is no channel called "{entry.key[:60]}".'
            found.append(error("N09", entry.key.span(), message, hint))
            continue
        part = _part(entry, ChannelPart, found)
        rule, window = part.reachable_when, part.free_text_window
        made[str(entry.key)] = ChannelPolicy(
            name=str(entry.key),
            reachable=None if rule is None else compile_rule(rule, scope, found),
            free_text_window=None if window is None else read_duration(window, found),
            approved=compile_approved(part.approved_templates, found),
        )
    return MappingProxyType(made)


def compile_categories(
    node: Map | None,
    measures: frozenset[Measured],
    scope: Scope,
    languages: tuple[str, ...],
    found: list[Diagnostic],
) -> Mapping[str, Category]:
    """The kinds of messages, by name. ``measures`` is what is measured where consent is needed, and
    nothing else is said.
    """
    made = {}
    for entry in node or ():
        if not check_name(entry.key, "a category", found):
            continue
        part = _part(entry, CategoryPart, found)
        consent = _consent(part.consent, scope, found)
        retry = isinstance(consent, ConsentNotNeeded)
        if part.when_unknown is not None:
            retry = same_key(part.when_unknown) == same_key("retry once")
        if part.key_of("measure") is not None:
            own = read_measures(part.measure, found)
        else:
            own = frozenset() if isinstance(consent, ConsentNotNeeded) else measures
        made[str(entry.key)] = Category(
            name=str(entry.key),
            consent=consent,
            ignores=frozenset(
                word for text in part.ignores if (word := _ignored(text, found)) is not None
            ),
            when_unknown="retry once" if retry else "hold",
            existing_customers=_existing_customers(part.existing_customers, consent, found),
            titles=_titles(part, entry.key, scope, languages, found),
            measures=own,
            because=_because(part, entry.key, consent, found),
        )
    return MappingProxyType(made)


def _titles(
    part: CategoryPart,
    name: Text,
    scope: Scope,
    languages: tuple[str, ...],
    found: list[Diagnostic],
) -> Mapping[str, str]:
    """By language. They stand on pages, for everybody alike: no attribute is known in them."""
    setting = Setting(scope, {}, frozenset(), languages, "a title", "", str(name), found)
    made = compile_text(part.title, "title", setting, part.key_of("title"))
    return MappingProxyType({language: each.text.strip() for language, each in made.items()})


def _consent(text: Text | None, scope: Scope, found: list[Diagnostic]) -> Consent:
    words = "required" if text is None else " ".join(text.casefold().split())
    if words == "required" or text is None:
        return ConsentRequired()
    if words == "not needed":
        return ConsentNotNeeded()
    rule = compile_rule(text, scope, found)
    return ConsentRequired() if rule is None else ConsentRule(rule)


def _because(part: CategoryPart, name: Text, consent: Consent, found: list[Diagnostic]) -> str:
    """Why nobody is asked whether they want these: whoever does without consent can say why."""
    why = " ".join((part.because or "").split())
    if not isinstance(consent, ConsentNotNeeded):
        if part.because is not None:
            message = f'People agree to "{name}", so nothing else says why they get it.'
            hint = "Take it out, or write consent: not needed."
            found.append(error("E152", part.because.span(), message, hint))
        return ""
    if part.because is None:
        hint = (
            "Write what people asked for or have to know, for whoever asks one day:"
            "\nbecause: They have ordered something, and want to know where it is"
        )
        message = f'"{name}" needs no consent, and it is not said why.'
        found.append(warning("W178", name.span(), message, hint))
    elif len(why.split()) < _FEWEST_WORDS:
        message = f'"{why[:60]}" does not say what people asked for, or have to know.'
        hint = "A sentence: They have ordered something, and want to know where it is"
        found.append(warning("W178", part.because.span(), message, hint))
    return why


def _existing_customers(text: Text | None, consent: Consent, found: list[Diagnostic]) -> bool:
    """They stand beside a consent in the ledger; a rule, or none, has no place for them."""
    if text is None or same_key(text) != "yes":
        return False
    if not isinstance(consent, ConsentRequired):
        message = "Existing customers are an exception to consent: required, and it is not."
        hint = "Write consent: required, or leave existing customers out."
        found.append(error("E149", text.span(), message, hint))
        return False
    return True


def _ignored(text: Text, found: list[Diagnostic]) -> Ignorable | None:
    for word in _IGNORABLE:
        if same_key(word) == same_key(text):
            return word
    hint = did_you_mean(text, _IGNORABLE) or f"Possible here: {', '.join(_IGNORABLE)}"
    found.append(error("S09", text.span(), f'A category cannot ignore "{text[:60]}".', hint))
    return None


def _part(entry: Entry, table: type[_Part], found: list[Diagnostic]) -> _Part:
    """What stands behind a name; nothing at all means that all is as usual."""
    if entry.value == "":
        return table()
    return read(table, entry.value, f'"{entry.key}"', found) or table()

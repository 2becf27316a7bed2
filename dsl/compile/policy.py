"""The policy, compiled: channels, categories and the limits that hold for every journey."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from zoneinfo import ZoneInfo, available_timezones

from dsl.calendar import DAY, HOUR, MINUTE, Duration, Instant
from dsl.compile.amounts import duration, read_share
from dsl.compile.blocking import read_blocking
from dsl.compile.categories import compile_categories, compile_channels
from dsl.compile.consent_texts import compile_consent_texts
from dsl.compile.laws import compile_laws
from dsl.compile.links import compile_links
from dsl.compile.replies import compile_replies
from dsl.compile.services import compile_services
from dsl.diagnostics import Diagnostic
from dsl.expr.compile import read_cap, read_duration, read_span
from dsl.expr.scope import Scope
from dsl.files.policy import ArbitrationPart, HoldoutPart, KeepPart, LatePart, PolicyFile, QuietPart
from dsl.files.reading import error
from dsl.machine import Arbitration, Blocking, NextChannel, Policy, QuietSpan, WaitUpTo
from dsl.policy import Keep
from dsl.source import Text
from dsl.spelling import did_you_mean
from dsl.yaml import Map

__all__ = ["compile_policy", "names_in"]

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_LATE = Duration(micros=15 * MINUTE)
_OLD = Duration(micros=24 * HOUR)
_WIDEST = 3 * HOUR
_MONTH, _DAY = Duration(days=30), Duration(days=1)
_DEFAULTS = Blocking(capped=NextChannel(), quiet=WaitUpTo(None), unreachable=NextChannel())


def names_in(node: Map | None) -> frozenset[str]:
    """The names the author gave to the parts of a map."""
    return frozenset() if node is None else frozenset(str(entry.key) for entry in node)


def compile_policy(file: PolicyFile, scope: Scope, found: list[Diagnostic]) -> Policy:
    """The policy, with everything that could be read. ``scope`` knows its names already."""
    holdout = file.global_holdout or HoldoutPart()
    late = file.late_events or LatePart()
    caps = (read_cap(text, scope, found) for text in file.frequency_caps)
    blocking = read_blocking(file.when_capped, file.when_quiet, file.when_unreachable, found)
    languages = _languages(file.languages, found)
    links = compile_links(file.links, found)
    return Policy(
        name=str(file.policy or ""),
        zone=_zone(file.time_zone, found),
        languages=languages,
        currency=_currency(file.currency, found),
        holidays=_holidays(file.holidays, found),
        channels=compile_channels(file.channels, scope, found),
        categories=compile_categories(file.categories, links.measures, scope, languages, found),
        quiet=tuple(_quiet(file.quiet_hours, scope, found)),
        caps=tuple(cap for cap in caps if cap is not None),
        blocking=blocking.over(_DEFAULTS),
        arbitration=_arbitration(file.arbitration, scope, found),
        holdout=read_share(holdout.share, found),
        reshuffle=_reshuffle(holdout.reshuffle, found),
        accept_for_waits=duration(late.accept_for_waits, _LATE, found),
        ignore_for_starts=duration(late.ignore_for_starts, _OLD, found),
        services=compile_services(file.webhooks, found),
        replies=compile_replies(file.replies, languages, scope, found),
        keep=_keep(file.keep or KeepPart(), found),
        postal_address=" ".join((file.postal_address or "").split()),
        spread=_spread(file.spread_after_quiet, found),
        consent_texts=compile_consent_texts(file.consent_texts, languages, scope, found),
        laws=compile_laws(file.laws, file.state_of_residence, scope, found),
        tags=links.tags,
    )


def _zone(text: Text | None, found: list[Diagnostic]) -> str:
    if text is None:
        return "UTC"
    try:
        ZoneInfo(text)
    except (KeyError, OSError, ValueError):  # unknown, or no name of a zone at all
        hint = did_you_mean(text, available_timezones()) or "For example: Europe/Berlin"
        found.append(
            error("S10", text.span(), f'There is no time zone called "{text[:60]}".', hint)
        )
        return "UTC"
    return str(text)


def _currency(text: Text | None, found: list[Diagnostic]) -> str:
    if text is not None and not re.fullmatch(r"[A-Z]{3}", text):
        hint = "Three capital letters, for example: EUR"
        message = f'"{text[:40]}" is not the code of a currency.'
        found.append(error("S10", text.span(), message, hint))
    return str(text or "EUR")


def _languages(texts: Iterable[Text], found: list[Diagnostic]) -> tuple[str, ...]:
    made: dict[str, None] = {}
    for text in texts:
        if not _LANGUAGE.fullmatch(text):
            hint = "Two letters, for example: en, or with a country: de-AT"
            found.append(
                error("S10", text.span(), f'"{text[:40]}" is not the code of a language.', hint)
            )
        made.setdefault(str(text))
    return tuple(made) or ("en",)


def _holidays(texts: Iterable[Text], found: list[Diagnostic]) -> frozenset[date]:
    made = set()
    for text in texts:
        try:
            made.add(date.fromisoformat(text))
        except ValueError:
            hint = "Year, month, day: 2026-12-25"
            found.append(error("S10", text.span(), f'"{text[:40]}" is not a date.', hint))
    return frozenset(made)


def _quiet(
    parts: Iterable[QuietPart], scope: Scope, found: list[Diagnostic]
) -> Iterable[QuietSpan]:
    for part in parts:
        channels = {str(name) for name in part.on if _known_channel(name, scope, found)}
        days = {day for text in part.days if (day := _day(text, found)) is not None}
        if part.from_ is None or (part.on and not channels) or (part.days and not days):
            continue
        span = read_span(part.from_, found)
        if span is None:
            continue
        if span[0] == span[1]:
            hint = "For the whole day: 00:00 to 23:59"
            found.append(error("S10", part.from_.span(), "This span has no length.", hint))
        yield QuietSpan(
            channels=frozenset(channels) if part.on else None,
            days=frozenset(days) if part.days else None,
            start=span[0],
            end=span[1],
            place=part.from_.place,
        )


def _known_channel(name: Text, scope: Scope, found: list[Diagnostic]) -> bool:
    if name in scope.names.channels:
        return True
    hint = did_you_mean(name, scope.names.channels)
    found.append(error("N09", name.span(), f'There is no channel called "{name[:60]}".', hint))
    return False


def _day(text: Text, found: list[Diagnostic]) -> int | None:
    if text.lower() in _DAYS:
        return _DAYS.index(text.lower())
    hint = did_you_mean(text, [day.title() for day in _DAYS]) or "For example: Sunday"
    found.append(error("S09", text.span(), f'"{text[:40]}" is not a day of the week.', hint))
    return None


def _arbitration(
    part: ArbitrationPart | None, scope: Scope, found: list[Diagnostic]
) -> Arbitration | None:
    if part is None or part.about is None:
        return None
    if part.about not in scope.names.categories:
        hint = did_you_mean(part.about, scope.names.categories)
        message = f'There is no category called "{part.about[:60]}".'
        found.append(error("N16", part.about.span(), message, hint))
        return None
    return Arbitration(str(part.about), duration(part.collect_for, Duration(), found))


def _spread(text: Text | None, found: list[Diagnostic]) -> Instant:
    """Over how long messages are spread. The next quiet hours are never far away."""
    length = duration(text, Duration(), found)
    if text is None or (length.exact and 0 <= length.micros <= _WIDEST):
        return length.micros
    hint = "Up to 3 hours, for example: 15 minutes"
    found.append(error("S10", text.span(), f'"{text[:40]}" is too long to wait for.', hint))
    return 0


def _keep(part: KeepPart, found: list[Diagnostic]) -> Keep:
    return Keep(
        _kept(part.events, _MONTH, found),
        _kept(part.story, _MONTH, found),
        _kept(part.texts, _DAY, found),
        _kept(part.audit, _MONTH, found),
    )


def _kept(text: Text | None, least: Duration, found: list[Diagnostic]) -> Duration | None:
    """A length of at least so many days: what comes twice or late is known by what is kept."""
    length = None if text is None else read_duration(text, found)
    if text is None or length is None or _days(length) >= least.days:
        return length
    days = "1 day" if least.days == 1 else f"{least.days} days"
    hint = f"Keep it for {days} or longer."
    found.append(error("S10", text.span(), f'"{text[:40]}" is too short.', hint))
    return None


def _days(length: Duration) -> int:
    """Full days in it, at least."""
    return length.months * 28 + length.days + length.micros // DAY


def _reshuffle(text: Text | None, found: list[Diagnostic]) -> Duration | None:
    if text is None:
        return None
    if text[:6].casefold() == "every ":
        return read_duration(text.part(6).trimmed(), found)
    hint = "For example: every 3 months"
    found.append(error("S10", text.span(), f'"{text[:40]}" is not possible here.', hint))
    return None

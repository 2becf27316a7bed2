"""A new project: chosen journeys of the library, and of what they share only what they use."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from html import escape
from typing import NamedTuple

from dsl.compose import compose
from dsl.format.writing import kind_of
from dsl.source import Source, Text
from dsl.yaml import Items, Map
from engine.library.cutting import Cutting
from engine.library.shelf import Shelf
from engine.library.speaking import without_languages
from engine.library.words import words_in

__all__ = ["Wishes", "begun", "plain_name"]

_READ_BY_THE_ENGINE = frozenset({"country", "language", "time_zone"})
_PLAN, _POLICY = "tracking_plan.yaml", "policy.yaml"
_CURRENCY = re.compile(r"(?<=[\dy:] )EUR\b")  # 50 EUR, money EUR, currency: EUR
_IN_JOURNEY = re.compile(r"\bin\s+journey\s+(\w+)", re.IGNORECASE)


class Wishes(NamedTuple):
    """What a new project shall be. What is None stays as it is in the library."""

    journeys: Sequence[str]
    languages: Sequence[str] | None = None
    company: str | None = None
    zone: str | None = None
    currency: str | None = None


def begun(shelf: Shelf, wishes: Wishes) -> Mapping[str, str]:
    """The files of the new project, by path."""
    languages = tuple(wishes.languages or shelf.languages)
    gone = frozenset(shelf.languages) - {*languages}
    others = {each.name for each in shelf.journeys} - {*wishes.journeys}
    spoken = {
        path: without_languages(path, text, shelf.maps[path], gone)
        for path, text in shelf.files.items()
        if path.split("/")[0] not in others
    }
    plan, policy = spoken.pop(_PLAN), spoken.pop(_POLICY)
    shared = {
        path: text for path, text in spoken.items() if path.split("/")[0] not in wishes.journeys
    }
    files = {
        path: _alone(path, text, wishes.journeys)
        for path, text in spoken.items()
        if path.split("/")[0] in wishes.journeys
    }
    words = _words(files)
    used = _used(shared, words)
    words |= _words(used)
    files |= used
    files[_POLICY] = _policy(_with_services(policy, words), languages, wishes.zone)
    files[_PLAN] = _plan_for(plan, words | words_in(_map(_POLICY, files[_POLICY])))
    return {path: _renamed(path, text, shelf, wishes) for path, text in sorted(files.items())}


def plain_name(company: str) -> str:
    """A company as rules call it."""
    return re.sub(r"\W+", "_", company.casefold()).strip("_0123456789") or "company"


# --------------------------------------------------------------------------- what is used


def _words(files: Mapping[str, str]) -> set[str]:
    return {word for path, text in files.items() for word in words_in(_map(path, text))}


def _used(shared: Mapping[str, str], own: Collection[str]) -> dict[str, str]:
    """The shared files that are used, until nothing more is: each brings words of its own.

    A fragment and what lies in its folder go together.
    """
    fragments = {
        _folder(path): str(node.entries[0].value)
        for path, text in shared.items()
        if kind_of(node := _map(path, text)) == "fragment"
    }
    made: dict[str, str] = {}
    while True:
        words = {*own, *_words(made)}
        now: dict[str, str] = {}
        for path, text in shared.items():
            fragment = fragments.get(_folder(path))
            kept = _kept(path, text, words) if fragment is None else text
            if kept is not None and (fragment is None or fragment in words):
                now[path] = kept
        if now == made:
            return made
        made = now


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _kept(path: str, text: str, words: Collection[str]) -> str | None:
    """What is kept of segments or modules; None if nobody needs any of them."""
    names = _map(path, text).entries[0].value
    assert isinstance(names, Map), path
    doomed = [number for number, entry in enumerate(names) if entry.key not in words]
    return None if len(doomed) == len(names) else _cut(path, text, names, doomed)


def _with_services(text: str, words: Collection[str]) -> str:
    """The policy with the web services that somebody asks."""
    policy = _map(_POLICY, text)
    services = policy.get("webhooks")
    assert isinstance(services, Map)
    doomed = [number for number, each in enumerate(services) if each.key not in words]
    if len(doomed) < len(services):
        return _cut(_POLICY, text, services, doomed)
    keys = [str(entry.key) for entry in policy]
    return _cut(_POLICY, text, policy, [keys.index("webhooks")])


def _plan_for(text: str, words: Collection[str]) -> str:
    """The tracking plan with the attributes and events that somebody speaks of."""
    node = _map(_PLAN, text)
    profile, events = node.get("profile"), node.get("events")
    assert isinstance(profile, Map)
    assert isinstance(events, Map)
    wanted = {*words} | _READ_BY_THE_ENGINE
    attributes = [number for number, each in enumerate(profile) if each.key not in wanted]
    unheard = [
        number
        for number, each in enumerate(events)
        if isinstance(each.value, Map) and not wanted & {str(each.key), *_spoken(each.value)}
    ]
    cutting = Cutting(Source(_PLAN, text))
    for parent, doomed in ((profile, attributes), (events, unheard)):
        if doomed:
            cutting.cut(parent, doomed)
    return cutting.text()


def _spoken(event: Map) -> Iterator[str]:
    """The other words for an event."""
    for key in ("also", "did"):
        value = event.get(key)
        if isinstance(value, Text):
            yield str(value)


# ------------------------------------------------------------------------ what is cut out


def _alone(path: str, text: str, chosen: Collection[str]) -> str:
    """A journey without the exclusions that speak of journeys which are not there."""
    rules = _map(path, text).get("exclude if")
    if not path.endswith("/journey.yaml") or not isinstance(rules, Items):
        return text
    absent = [
        number
        for number, rule in enumerate(rules)
        if isinstance(rule, Text) and any(name not in chosen for name in _IN_JOURNEY.findall(rule))
    ]
    return _cut(path, text, rules, absent)


# ----------------------------------------------------------------------- what is replaced


def _policy(text: str, languages: Sequence[str], zone: str | None) -> str:
    """The company's rules, with its own languages and zone."""
    text = _set(text, "languages", ", ".join(languages))
    return text if zone is None else _set(text, "time zone", zone)


def _set(text: str, key: str, value: str) -> str:
    """Another value, with the comment behind it where it was."""
    node = _map(_POLICY, text).get(key)
    assert isinstance(node, Text)
    start, end = node.extent
    blanks = len(text[end:]) - len(text[end:].lstrip(" "))
    behind = max(2, blanks + end - start - len(value)) if blanks else 0
    return text[:start] + value + " " * behind + text[end + blanks :]


def _renamed(path: str, text: str, shelf: Shelf, wishes: Wishes) -> str:
    """The text with the company's own name and currency."""
    if wishes.currency is not None:
        text = _CURRENCY.sub(wishes.currency, text)
    if wishes.company is not None:
        in_html = kind_of(_map(path, text)) == "modules"
        shown = escape(wishes.company, quote=False) if in_html else wishes.company
        text = text.replace(shelf.company.title(), shown)
        text = re.sub(rf"\b{shelf.company}\b", plain_name(wishes.company), text)
    return text


def _cut(path: str, text: str, parent: Map | Items, doomed: Collection[int]) -> str:
    if not doomed:
        return text
    cutting = Cutting(Source(path, text))
    cutting.cut(parent, doomed)
    return cutting.text()


def _map(path: str, text: str) -> Map:
    node = compose(Source(path, text), [])
    assert isinstance(node, Map), path
    return node

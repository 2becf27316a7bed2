"""W160: audiences that no database can be asked for at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from dsl.diagnostics import Diagnostic
from dsl.expr import typed_value as tv
from dsl.files.reading import warning
from dsl.lint.sheets import Desk, texts_of
from dsl.machine import ConsentRule, Rule
from dsl.source import Text
from dsl.yaml import Map

__all__ = ["asked_one_by_one"]

_PLAIN = 12  # parts inside parts; with fewer, every rule can be said in SQL but for one function
_FUNCTION = "format_money"  # it writes in the language of each recipient


def asked_one_by_one(desk: Desk) -> Iterator[Diagnostic]:
    """Segments, reach and consent whose rule has no SQL that says exactly the same."""
    for what, rule, texts in _audiences(desk):
        reason = _reason(rule, desk) if texts else None
        if reason is not None:
            yield warning(
                "W160",
                texts[0].span(),
                f"This {what} is looked up person by person, because {reason}.",
                "It works; with very many people it takes its time.",
            )


def _audiences(desk: Desk) -> Iterator[tuple[str, Rule, tuple[Text, ...]]]:
    """What is asked of everybody, and where it is written."""
    project = desk.project
    for name, node in _parts(desk, "segments", "segments"):
        if name in project.segments:
            yield "segment", project.segments[name].who, texts_of(node.get("who"))
    for name, node in _parts(desk, "policy", "channels"):
        channel = project.policy.channels.get(name)
        if channel is not None and channel.reachable is not None:
            yield "reach", channel.reachable, texts_of(node.get("reachable when"))
    for name, node in _parts(desk, "policy", "categories"):
        category = project.policy.categories.get(name)
        if category is not None and isinstance(category.consent, ConsentRule):
            yield "consent", category.consent.rule, texts_of(node.get("consent"))


def _parts(desk: Desk, kind: str, key: str) -> Iterator[tuple[str, Map]]:
    for node in desk.files.of(kind):
        table = node.get(key)
        for entry in table if isinstance(table, Map) else ():
            if isinstance(entry.value, Map):
                yield str(entry.key), entry.value


def _reason(rule: Rule, desk: Desk) -> str | None:
    """Why there is no SQL. A database's own words are looked up only for rules that may have none:
    it takes longer to load them than to check a project.
    """
    if not any(_may_have_none(used.meaning) for used in _used(rule, desk)):
        return None
    from dsl.sql import Setting, live_only  # noqa: PLC0415

    project, policy = desk.project, desk.project.policy
    setting = Setting(policy.holidays, policy.channels, policy.categories, project.segments)
    found = live_only(rule, setting)
    return None if found is None else found.reason


def _used(rule: Rule, desk: Desk) -> list[Rule]:
    """The rule, and those of the segments it asks about."""
    found, names = [rule], set[str]()
    for each in found:  # grows meanwhile
        fresh = each.reads.segments - names
        names |= fresh
        found += [desk.project.segments[name].who for name in sorted(fresh)]
    return found


def _may_have_none(meaning: Any, depth: int = 0) -> bool:
    if depth > _PLAIN or (isinstance(meaning, tv.Call) and meaning.function == _FUNCTION):
        return True
    if isinstance(meaning, tuple):
        return any(_may_have_none(part, depth) for part in meaning)
    if not is_dataclass(meaning) or isinstance(meaning, type):
        return False
    parts = [getattr(meaning, part.name) for part in fields(meaning) if part.name != "kind"]
    return any(_may_have_none(part, depth + 1) for part in parts)

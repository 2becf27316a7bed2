"""What an edited journey says of the people inside: renamed and removed steps (section 4.8)."""

from __future__ import annotations

from collections.abc import Iterable

from dsl.diagnostics import Diagnostic
from dsl.files.journey import JourneyFile
from dsl.files.reading import error
from dsl.machine import Removed
from dsl.source import Text
from dsl.spelling import did_you_mean
from dsl.yaml import Entry, Map

__all__ = ["compile_removed", "compile_renamed"]

_CONTINUE = "continue with "
_LEAVE = "leave"


def compile_renamed(
    file: JourneyFile, steps: Iterable[str], found: list[Diagnostic]
) -> tuple[tuple[str, str], ...]:
    """``renamed steps``: each old id with its new one. ``steps`` are the ids of the journey."""
    known = frozenset(steps)
    made: list[tuple[str, str]] = []
    first: dict[str, Text] = {}
    for entry in file.renamed_steps or ():
        new = _text(entry, "its new id", found)
        if new is None or not _is_gone(entry.key, known, "renamed", found):
            continue
        other = first.setdefault(str(new), entry.key)
        if new not in known:
            found.append(_unknown(new, known))
        elif other is not entry.key:
            message = f'Two steps cannot both become "{new}": "{other}" and "{entry.key}".'
            hint = f"Write: removed steps: {{{entry.key}: continue with {new}}}"
            found.append(error("S21", entry.key.span(), message, hint))
        else:
            made.append((str(entry.key), str(new)))
    return tuple(made)


def compile_removed(
    file: JourneyFile, steps: Iterable[str], found: list[Diagnostic]
) -> tuple[Removed, ...]:
    """``removed steps``: where the people in each go on, or that they leave."""
    known = frozenset(steps)
    renamed = {str(entry.key) for entry in file.renamed_steps or ()}
    made: list[Removed] = []
    for entry in file.removed_steps or ():
        where = _text(entry, f'"{_CONTINUE}STEP" or "{_LEAVE}"', found)
        if where is None or not _is_gone(entry.key, known, "removed", found):
            continue
        if str(entry.key) in renamed:
            message = f'"{entry.key}" is under "renamed steps" and under "removed steps".'
            found.append(error("S21", entry.key.span(), message, "Keep one of the two."))
            continue
        removed = _where(str(entry.key), where, known, found)
        if removed is not None:
            made.append(removed)
    return tuple(made)


def _where(
    step: str, where: Text, known: frozenset[str], found: list[Diagnostic]
) -> Removed | None:
    words = " ".join(where.casefold().split())
    if words == _LEAVE:
        return Removed(step, None)
    if not words.startswith(_CONTINUE):
        target = where.split()[-1]
        hint = f"Possible here: {_CONTINUE}STEP, or {_LEAVE}"
        if target in known:
            hint = f"Write: {_CONTINUE}{target}"
        message = f'"{where[:60]}" does not say where people go.'
        found.append(error("S10", where.span(), message, hint))
        return None
    start = where.casefold().index("with") + len("with")
    target = where.part(start).trimmed()
    if target not in known:
        found.append(_unknown(target, known))
        return None
    return Removed(step, str(target))


def _text(entry: Entry, what: str, found: list[Diagnostic]) -> Text | None:
    value = entry.value
    if isinstance(value, Text) and value.strip():
        return value.trimmed()
    span = value.start if isinstance(value, Map) else entry.key.span()
    found.append(error("S08", span, f'Behind "{entry.key}" belongs {what}.'))
    return None


def _is_gone(step: Text, known: frozenset[str], verb: str, found: list[Diagnostic]) -> bool:
    if step not in known:
        return True
    message = f'"{step}" is said to be {verb}, and it is still here.'
    hint = f'The old id stands before the colon. Take "{step}" out of "{verb} steps" if it stays.'
    found.append(error("S21", step.span(), message, hint))
    return False


def _unknown(step: Text, known: frozenset[str]) -> Diagnostic:
    hint = did_you_mean(step, known) or f"Steps here: {', '.join(sorted(known)[:8])}"
    return error("N25", step.span(), f'There is no step called "{step[:60]}".', hint)

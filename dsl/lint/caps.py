"""W111 and W155: frequency caps that a journey runs into, and caps that never matter."""

from __future__ import annotations

from collections.abc import Iterator

from dsl.calendar import DAY, HOUR, Duration
from dsl.diagnostics import Diagnostic
from dsl.files.reading import warning
from dsl.graph import ways_out
from dsl.lint.sheets import Desk, texts_of
from dsl.lint.waits import constant_length
from dsl.machine import Machine, Send, Timer
from dsl.policy import Calendar, Cap, Rolling

__all__ = ["idle_caps", "too_many_messages"]

_UNITS = {"day": DAY, "week": 7 * DAY, "month": 31 * DAY}
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


_MOST_CAPS = 100
"""How many caps are held against each other; nobody has a tenth as many."""


def idle_caps(desk: Desk) -> Iterator[Diagnostic]:
    """W155: a cap beside a stricter one."""
    caps = desk.project.policy.caps[:_MOST_CAPS]
    for node in desk.files.of("policy"):
        texts = {str(text): text for text in texts_of(node.get("frequency caps"))}
        for cap in caps:
            stricter = next((one for one in caps if one is not cap and _covers(one, cap)), None)
            if stricter is not None and cap.text in texts:
                yield warning(
                    "W155",
                    texts[cap.text].span(),
                    f'"{cap.text}" never matters: "{stricter.text}" is stricter.',
                )


def _covers(one: Cap, other: Cap) -> bool:
    """Whether nobody can reach ``other`` without having reached ``one``."""
    return (
        one.channel in (None, other.channel)
        and one.category in (None, other.category)
        and one.count <= other.count
        and (one.count, one.channel, one.category) != (other.count, None, None)
        and _longer(one, other)
    )


def _longer(one: Cap, other: Cap) -> bool:
    """Whether each period of ``other`` lies within one of ``one``."""
    match one.period, other.period:
        case Calendar(unit=outer), Calendar(unit=inner):
            return inner == "day" and outer != "day"
        case Rolling(), Rolling() | Calendar():
            return _length(one) > _length(other)
        case _:
            return False


def _length(cap: Cap) -> int:
    """How long a period is, clock changes included."""
    match cap.period:
        case Calendar(unit=unit):
            return _UNITS[unit] + HOUR
        case Rolling(length=length):
            return length.longest


def too_many_messages(desk: Desk) -> Iterator[Diagnostic]:
    """W111: more messages in a row than the policy allows."""
    for sheet in desk.journeys.values():
        machine = sheet.machine
        for cap in desk.project.policy.caps:
            found = _most(machine, cap, desk)
            if found is None or any(_covers_or_same(own, cap) for own in machine.caps):
                continue
            number, length = found
            if number > cap.count:
                nth = _ORDINALS[cap.count] if cap.count < len(_ORDINALS) else f"{cap.count + 1}th"
                about = f"{cap.category} messages" if cap.category else "messages"
                path = cap.place.rsplit(":", 1)[0].rsplit("/", 1)[-1]
                allowed = cap.text.split(" about ")[0] if cap.category else cap.text
                within = f"within {_days(length)}" if length else "at once"
                yield warning(
                    "W111",
                    sheet.key("steps"),
                    f"This journey can send {number} {about} {within},"
                    f" but {path} allows {allowed}.",
                    f'The {nth} one will always be skipped as "capped".',
                )


def _covers_or_same(own: Cap, cap: Cap) -> bool:
    return own.channel is None and own.count <= cap.count and _length(own) >= _length(cap)


def _most(machine: Machine, cap: Cap, desk: Desk) -> tuple[int, int] | None:
    """The most messages that count for a cap within its period, and how long they take at least.

    Waits for events and moments may take no time at all.
    """
    if cap.channel is not None:  # another channel may stand in
        return None
    period = _length(cap) - (HOUR if isinstance(cap.period, Calendar) else 0)
    sends = [
        index
        for index, step in enumerate(machine.code)
        if isinstance(step, Send) and _counts(step, cap, desk)
    ]
    found = [_onward(machine, start, frozenset(sends), period) for start in sends]
    return max(found, key=lambda one: (one[0], -one[1]), default=None)


def _onward(machine: Machine, start: int, sends: frozenset[int], period: int) -> tuple[int, int]:
    """The most sends on a way from ``start`` on, and how long they take at least.

    Steps are only gone through forwards, so the least time for each number of sends is enough.
    """
    least: dict[int, dict[int, int]] = {start: {0: 0}}
    most = (0, 0)
    for index in range(start, len(machine.code)):
        step = machine.code[index]
        for number, spent in least.get(index, {}).items():
            after, later = number, spent
            if index in sends:
                after += 1
                if (after, -later) > (most[0], -most[1]):
                    most = (after, later)
            elif isinstance(step, Timer):
                later += _least(constant_length(step.length))
            if later >= period:
                continue
            for target in ways_out(step):
                known = least.setdefault(target, {}) if target > index else {}
                known[after] = min(later, known.get(after, later))
    return most


def _least(length: Duration | None) -> int:
    """The least time that a wait takes; nothing if that depends on the person."""
    if length is None:
        return 0
    return length.months * 28 * DAY + (length.days + length.working_days) * DAY + length.micros


def _counts(step: Send, cap: Cap, desk: Desk) -> bool:
    ignores = desk.project.policy.categories[step.category].ignores
    return "frequency caps" not in ignores and cap.category in (None, step.category)


def _days(length: int) -> str:
    days, rest = divmod(length, DAY)
    if days:
        days += bool(rest)
        return "1 day" if days == 1 else f"{days} days"
    hours = -(-length // HOUR)
    return "1 hour" if hours == 1 else f"{hours} hours"

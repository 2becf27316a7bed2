"""Calls that start a journey: read and checked against the inputs the journey declares. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from dsl.calendar import Instant
from dsl.plan import Field
from dsl.values import properties_at_rest
from engine.core.signals import StartAsked
from engine.ingest import LONGEST_ID

__all__ = ["NoStart", "read_start"]


class NoStart(NamedTuple):
    """Why a call is refused: the status of the answer, and one sentence."""

    status: int
    error: str


def read_start(
    journeys: Mapping[str, Mapping[str, Field]],
    journey: str,
    body: Mapping[str, Any],
    now: Instant,
    fresh: Callable[[], str],
) -> StartAsked | NoStart:
    """``{"userId": ..., "messageId": ..., "inputs": {...}}`` for one of ``journeys``, those that
    start on a call, with their inputs. The ``messageId`` makes a repetition recognisable.
    """
    inputs = journeys.get(journey)
    if inputs is None:
        return NoStart(404, f'There is no journey "{journey[:60]}" that starts on a call.')
    person = body.get("userId")
    if not isinstance(person, str) or not person or len(person) > LONGEST_ID:
        return NoStart(400, 'This call has no user: set "userId".')
    given = body.get("inputs", {})
    if not isinstance(given, dict):
        return NoStart(400, '"inputs" must be a JSON object.')
    unknown = next((name for name in given if name not in inputs), None)
    if unknown is not None:
        close = get_close_matches(str(unknown), inputs, 1)
        hint = f' Did you mean "{close[0]}"?' if close else ""
        return NoStart(400, f'"{journey}" has no input "{str(unknown)[:60]}".{hint}')
    values, problems = properties_at_rest(inputs, given)
    if problems:
        return NoStart(400, f"{'; '.join(str(problem) for problem in problems)}.")
    named = body.get("messageId")
    identity = named if isinstance(named, str) and 0 < len(named) <= LONGEST_ID else fresh()
    return StartAsked(identity, person, now, 0, journey, values)

"""The door for events: from calls in the Segment spec to arrivals."""

from __future__ import annotations

from engine.ingest.guard import Guard, guard_of
from engine.ingest.intake import (
    LARGEST_BATCH,
    LARGEST_EVENT,
    MOST_EVENTS,
    Intake,
    Refused,
    Taken,
)
from engine.ingest.oddities import Odd
from engine.ingest.reading import LONGEST_ID
from engine.ingest.sender import NAMING, Sender

__all__ = [
    "LARGEST_BATCH",
    "LARGEST_EVENT",
    "LONGEST_ID",
    "MOST_EVENTS",
    "NAMING",
    "Guard",
    "Intake",
    "Odd",
    "Refused",
    "Sender",
    "Taken",
    "guard_of",
]

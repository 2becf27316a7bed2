"""The door for events: from calls in the Segment spec to arrivals."""

from __future__ import annotations

from engine.ingest.intake import LARGEST_BATCH, LARGEST_EVENT, Intake, Refused, Taken
from engine.ingest.reading import LONGEST_ID

__all__ = ["LARGEST_BATCH", "LARGEST_EVENT", "LONGEST_ID", "Intake", "Refused", "Taken"]

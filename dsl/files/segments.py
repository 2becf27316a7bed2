"""The key table of segments: named audiences."""

from __future__ import annotations

from dsl.files.shape import Named, Texts, Words, Written, key

__all__ = ["SegmentPart", "SegmentsFile"]


class SegmentPart(Written):
    """One audience."""

    title: Words | None = key("What people call it")
    who: Texts = key("The rule; a list means all of these", needed=True, default=())


class SegmentsFile(Written):
    """Audiences by name."""

    segments: Named | None = key("Names and who belongs to them", needed=True)

"""The key table of segments: named audiences."""

from __future__ import annotations

from dsl.files.shape import Commas, Named, Texts, Words, Written, key

__all__ = ["BoundsPart", "RfmPart", "SegmentPart", "SegmentsFile"]


class SegmentPart(Written):
    """One audience."""

    title: Words | None = key("What people call it")
    who: Texts = key("The rule; a list means all of these", needed=True, default=())


class BoundsPart(Written):
    """Four bounds each, for scores from 1 to 5."""

    recency: Commas = key("Lengths of time, the shortest first: 30 days, 90 days", default=())
    frequency: Commas = key("Numbers, the smallest first", default=())
    monetary: Commas = key("Amounts, the smallest first", default=())


class RfmPart(Written):
    """How recently, how often and for how much people buy, as scores from 1 to 5."""

    recency: Words | None = key("The attribute that says when they bought last", needed=True)
    frequency: Words | None = key("The attribute that says how often they bought", needed=True)
    monetary: Words | None = key("The attribute that says for how much they bought", needed=True)
    bounds: BoundsPart | None = key("Bounds that you set; without them everybody is compared")
    every: Words | None = key("When everybody is compared anew; every Monday at 04:00 if not said")


class SegmentsFile(Written):
    """Audiences by name."""

    segments: Named | None = key("Names and who belongs to them", needed=True)
    rfm: RfmPart | None = key("Scores of how people buy, and the segments that follow from them")
    lifecycle: Named | None = key("Stages with their rules; everybody is in the first that holds")

"""RFM: three attributes as scores from 1 to 5, and the segments that follow from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from dsl.calendar import DAY
from dsl.diagnostics import Diagnostic
from dsl.expr.compile import read_duration, read_schedule
from dsl.expr.schedule import Schedule
from dsl.files.reading import error
from dsl.files.segments import RfmPart, SegmentPart, SegmentsFile
from dsl.kinds import Instant, Kind, Money, Whole
from dsl.plan import Field, TrackingPlan
from dsl.scoring import BANDS, GRID, Score, Scoring
from dsl.source import Text
from dsl.spelling import did_you_mean
from dsl.values import at_rest

__all__ = ["rfm_segments", "with_scoring"]

_USUAL = "every Monday at 04:00"
_KINDS: Mapping[str, tuple[tuple[type[Kind], ...], str]] = MappingProxyType(
    {
        "recency": ((Instant,), "a date and time"),
        "frequency": ((Whole,), "a whole number"),
        "monetary": ((Money, Whole), "an amount or a whole number"),
    }
)


def with_scoring(
    plan: TrackingPlan, files: Iterable[SegmentsFile], found: list[Diagnostic]
) -> TrackingPlan:
    """The plan with the scores among its attributes: ``rfm_recency`` and the others."""
    part = _only(files, found)
    if part is None:
        return plan
    scores: list[Score] = []
    attributes = dict(plan.attributes)
    for name in _KINDS:
        score = _score(name, part, plan, found)
        if score is not None:
            scores.append(score)
        own = f"rfm_{name}"
        if own in attributes or plan.event_called(own) is not None:
            span = Text.of(own, *_where(part)).span()
            message = f'"{own}" is the name of a score, so nothing else can be called that.'
            found.append(error("S24", span, message, "Choose another name in the plan."))
            continue
        attribute = "" if score is None else score.attribute  # known, even if it is mistaken
        attributes[own] = Field(own, Whole(), formula=f"score of {attribute}".rstrip())
    every = _schedule(part, found)
    if every is None:
        return replace(plan, attributes=MappingProxyType(attributes))
    scoring = Scoring(tuple(scores), every)
    return replace(plan, attributes=MappingProxyType(attributes), scoring=scoring)


def rfm_segments(files: Iterable[SegmentsFile], known: Iterable[str]) -> dict[Text, SegmentPart]:
    """The segments that follow from the scores, but for those that the project has itself."""
    part = next((file.rfm for file in files if file.rfm is not None), None)
    if part is None:
        return {}
    taken = set(map(str, known))
    path, line, column = _where(part)

    def at(text: str) -> Text:
        return Text.of(text, path, line, column)

    return {
        at(name): SegmentPart.of({"title": at(title), "who": (at(_rule(recency, frequency)),)})
        for name, title, recency, frequency in GRID
        if name not in taken
    }


def _rule(recency: str, frequency: str) -> str:
    return f"rfm_recency is one of ({recency}) and rfm_frequency is one of ({frequency})"


def _only(files: Iterable[SegmentsFile], found: list[Diagnostic]) -> RfmPart | None:
    parts = [file for file in files if file.rfm is not None]
    for other in parts[1:]:
        key = other.key_of("rfm")
        assert key is not None
        found.append(error("S24", key.span(), "This project says how people buy already."))
    return parts[0].rfm if parts else None


def _where(part: RfmPart) -> tuple[str, int, int]:
    """Where what nobody wrote is said to stand."""
    key = part.key_of("recency") or part.key_of("frequency") or part.key_of("monetary")
    return ("", 1, 1) if key is None else (key.path, key.line, key.column)


def _schedule(part: RfmPart, found: list[Diagnostic]) -> Schedule | None:
    text = part.every or Text.of(_USUAL, *_where(part))
    return read_schedule(text, found)


def _score(name: str, part: RfmPart, plan: TrackingPlan, found: list[Diagnostic]) -> Score | None:
    written: Text | None = getattr(part, name)
    if written is None:
        return None
    field = plan.attributes.get(str(written))
    if field is None:
        message = f'I do not know the attribute "{written[:60]}".'
        hint = did_you_mean(written, plan.attributes) or (
            f"Have it computed, in the tracking plan: {written}: = ..."
        )
        found.append(error("N01", written.span(), message, hint))
        return None
    possible, words = _KINDS[name]
    if not isinstance(field.kind, possible):
        message = f'"{written}" cannot say the {name}: that is {words}.'
        found.append(error("S24", written.span(), message))
        return None
    texts: tuple[Text, ...] = () if part.bounds is None else getattr(part.bounds, name)
    score = Score(f"rfm_{name}", str(written), written.place)
    if not texts:
        return score
    values = _bounds(name, texts, field, found)
    if values is None:
        return None
    if name == "recency":
        return replace(score, ages=values)
    return replace(score, bounds=values)


def _bounds(
    name: str, texts: tuple[Text, ...], field: Field, found: list[Diagnostic]
) -> tuple[int, ...] | None:
    values = [_bound(name, text, field, found) for text in texts]
    known = tuple(each for each in values if each is not None)
    if len(known) < len(texts):
        return None
    if len(known) != BANDS - 1 or list(known) != sorted(set(known)):
        message = f"{BANDS} scores need {BANDS - 1} bounds, each larger than the one before."
        found.append(error("S24", texts[0].span(), message))
        return None
    return known


def _bound(name: str, text: Text, field: Field, found: list[Diagnostic]) -> int | None:
    if name == "recency":
        length = read_duration(text, found)
        if length is None:
            return None
        if length.months or length.working_days:
            message = "Months and working days have no fixed length."
            found.append(error("S24", text.span(), message, "Write days: 90 days"))
            return None
        return length.days * DAY + length.micros
    value = at_rest(field.kind, str(text))
    if isinstance(value, int):
        return value
    found.append(error("S24", text.span(), f'"{text[:40]}" is no bound for this.'))
    return None

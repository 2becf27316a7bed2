"""A run is one trace, whoever does something for it, and nothing in it says who it is about."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.outcome import FailureClass, Rejected
from channels.services import Answer, NoAnswer
from dsl.calendar import Instant
from dsl.expr.context import Happened
from engine.core.signals import EventArrived
from engine.runner import Runner
from engine.tracing import Place, Span, SpanTracer, read_traceparent
from engine.tracing.span import place_of_event, place_of_run
from tests.engine.desk import scene_of
from tests.engine.scene import Scene, journey

WELCOME = journey("""
  - id: hello
    send: hello
    to: push
  - id: rest
    wait: 1 hour
  - id: again
    send: hello
    to: push
""")


class Watch:
    """Keeps every span that is told on a stage."""

    def __init__(self, scene: Scene, share: float = 1.0) -> None:
        self.spans: list[Span] = []
        self._scene = scene
        tracer = SpanTracer(self.spans.append, self, share)
        scene.runner = Runner(scene.store, scene.program, tracer=tracer)
        scene.dispatcher._hands._tracer = tracer
        scene.caller._tracer = tracer

    def now(self) -> Instant:
        return self._scene.now

    def named(self, name: str) -> list[Span]:
        return [span for span in self.spans if span.name == name]


def told(spans: Sequence[Span]) -> list[str]:
    return [span.name for span in spans]


def test_one_trace_goes_from_entering_to_the_receipt() -> None:
    scene = Scene(WELCOME)
    watch = Watch(scene)
    scene.person("ada")
    scene.event("signed_up", "ada")
    scene.until("2026-03-02 12:00")
    (run,) = {run.id for run in scene.runs("ada")}

    assert {span.place.trace for span in watch.spans} == {run}
    assert watch.spans[0].name == "enter welcome"
    assert watch.spans[0].place == place_of_run(run)
    assert sorted(told(watch.spans)) == sorted(
        ["enter welcome", "send hello", "hand over push", "receipt accepted"]
        + ["advance welcome", "send hello", "hand over push", "receipt accepted"]
        + ["advance welcome"] * (told(watch.spans).count("advance welcome") - 1)
    )
    places = {span.place for span in watch.spans}
    assert len(places) == len(watch.spans)
    assert all(span.parent in places for span in watch.spans if span.parent is not None)


def test_what_becomes_of_a_message_stands_below_the_decision_to_send_it() -> None:
    scene = Scene(WELCOME)
    watch = Watch(scene)
    scene.person("ada")
    scene.event("signed_up", "ada")
    scene.settle()
    (send,) = watch.named("send hello")
    (call,) = watch.named("hand over push")
    (receipt,) = watch.named("receipt accepted")

    assert call.parent == send.place == receipt.parent
    assert call.attributes["wayline.outcome"] == "accepted"
    assert call.attributes["wayline.attempt"] == 1
    assert not call.failed


def test_a_refusal_is_seen_as_a_failure() -> None:
    refusal = Rejected(FailureClass.PERMANENT_RECIPIENT, "550", "ada@example.com is unknown")
    scene = Scene(WELCOME, answer=lambda _: refusal)
    watch = Watch(scene)
    scene.person("ada")
    scene.event("signed_up", "ada")
    scene.settle()

    assert [span.failed for span in watch.named("hand over push")] == ["permanent_recipient"]
    assert [span.failed for span in watch.named("receipt refused")] == ["permanent_recipient"]


def test_a_run_points_at_the_event_that_started_it() -> None:
    scene = Scene(WELCOME)
    watch = Watch(scene)
    scene.person("ada")
    scene.store.append(
        [EventArrived("event-1", "ada", Happened("signed_up", scene.now, scene.now, 0, {}))]
    )
    scene.settle()
    (enter,) = watch.named("enter welcome")

    assert enter.links == (place_of_event("event-1"),)


def test_decisions_are_told_with_their_reasons() -> None:
    scene = Scene(journey("\n  - id: hello\n    send: hello\n    to first of: [sms, push]\n"))
    watch = Watch(scene)
    scene.person("ada")
    scene.event("signed_up", "ada")
    scene.settle()
    (enter,) = watch.named("enter welcome")

    said = [(each.name, each.attributes.get("wayline.reason")) for each in enter.happenings]
    assert ("passed over", "unreachable") in said
    assert next(name for name, _ in said) == "entered"


@pytest.mark.parametrize(
    ("said", "failed"),
    [(Answer({}), ""), (NoAnswer("HTTP 410", again=False), "HTTP 410")],
)
def test_a_question_to_a_web_service_is_a_span(said: Answer | NoAnswer, failed: str) -> None:
    scene = scene_of()
    watch = Watch(scene)
    scene.services.script("crm", said)
    scene.event("signed_up")
    (call,) = watch.named("call crm")
    (run,) = {span.place for span in watch.named("enter welcome")}

    assert call.failed == failed
    assert call.parent == run


def test_nobody_is_named() -> None:
    scene = Scene(WELCOME)
    watch = Watch(scene)
    scene.person("ada@example.com", first_name="Ada", email="ada@example.com")
    scene.event("signed_up", "ada@example.com")
    scene.until("2026-03-02 12:00")

    assert watch.spans
    assert "ada" not in repr(watch.spans).lower()


def test_a_share_of_all_traces_is_told_from_the_first_span_to_the_last() -> None:
    scene = Scene(WELCOME)
    some = Watch(scene, 0.5)
    for number in range(40):
        scene.person(f"p{number}")
        scene.event("signed_up", f"p{number}")
    scene.until("2026-03-02 12:00")
    whole = [span for span in some.spans if span.name.startswith("enter")]

    assert 5 < len(whole) < 35
    assert {span.place.trace for span in some.spans} == {span.place.trace for span in whole}
    assert len(some.named("hand over push")) == 2 * len(whole)


@given(st.text())
def test_whatever_a_caller_says_of_its_span_is_read_or_ignored(header: str) -> None:
    place = read_traceparent(header)

    assert place is None or (len(place.trace), len(place.span)) == (32, 16)


@pytest.mark.parametrize(
    ("header", "place"),
    [
        ("00-" + "a" * 32 + "-" + "b" * 16 + "-01", Place("a" * 32, "b" * 16)),
        ("cc-" + "a" * 32 + "-" + "b" * 16 + "-01-more", Place("a" * 32, "b" * 16)),
        ("00-" + "0" * 32 + "-" + "b" * 16 + "-01", None),
        ("00-" + "a" * 32 + "-" + "0" * 16 + "-01", None),
        ("ff-" + "a" * 32 + "-" + "b" * 16 + "-01", None),
        ("00-" + "A" * 32 + "-" + "b" * 16 + "-01", None),
        ("", None),
    ],
)
def test_a_callers_span_is_read_as_the_standard_has_it(header: str, place: Place | None) -> None:
    assert read_traceparent(header) == place

"""Spans as an OpenTelemetry collector gets them."""

from __future__ import annotations

import io
from collections.abc import Iterator

import orjson
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from engine.config import Traces
from engine.logs import open_log
from engine.metrics import Metrics
from engine.tracing import NoTracer, Place, Span
from engine.tracing.exporting import Exporter
from engine.tracing.opening import open_tracer
from engine.tracing.span import Happening
from tests.engine.tracing.collector import Collector

ROOT = Place("0a" * 16, "0b" * 8)
CALLER = Place("0d" * 16, "0e" * 8)
SPAN = Span(
    "hand over email",
    Place(ROOT.trace, "0c" * 8),
    ROOT,
    1_767_225_600_000_001,
    1_767_225_600_250_001,
    {"wayline.journey": "welcome", "wayline.attempt": 2},
    [Happening(1_767_225_600_100_000, "sent", {"wayline.step": "hello"})],
    [CALLER],
    "transient",
)


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()
    yield collector
    collector.close()


class Stage:
    def __init__(self, collector: Collector) -> None:
        self.said = io.StringIO()
        self.metrics = Metrics()
        log = open_log("json", stream=self.said)
        self.exporter = Exporter(collector.endpoint, "1.2.3", log, self.metrics)

    def events(self) -> list[str]:
        return [orjson.loads(line)["event"] for line in self.said.getvalue().splitlines()]


def test_a_span_arrives_as_it_was_told(collector: Collector) -> None:
    stage = Stage(collector)
    stage.exporter.emit(SPAN)
    stage.exporter.close()
    (span,) = collector.spans

    assert span.name == "hand over email"
    assert (span.trace_id.hex(), span.span_id.hex()) == SPAN.place
    assert span.parent_span_id.hex() == ROOT.span
    assert span.start_time_unix_nano == SPAN.began * 1000
    assert span.end_time_unix_nano == SPAN.ended * 1000
    told = {each.key: each.value.string_value or each.value.int_value for each in span.attributes}
    assert told == SPAN.attributes
    assert [(each.name, each.time_unix_nano) for each in span.events] == [
        ("sent", 1_767_225_600_100_000_000)
    ]
    assert [(each.trace_id.hex(), each.span_id.hex()) for each in span.links] == [CALLER]
    assert (span.status.code, span.status.message) == (Status.STATUS_CODE_ERROR, "transient")
    resource = {
        each.key: each.value.string_value for each in collector.resources[0].resource.attributes
    }
    assert resource["service.name"] == "wayline"
    assert resource["service.version"] == "1.2.3"
    assert b'wayline_spans_total{result="sent"} 1.0' in stage.metrics.text()


def test_what_a_collector_refuses_is_counted_and_said_once(collector: Collector) -> None:
    stage = Stage(collector)
    collector.refuses = True
    for _ in range(3):
        stage.exporter.emit(SPAN)
        stage.exporter.flush()
    collector.refuses = False
    stage.exporter.emit(SPAN)
    stage.exporter.close()

    assert b'wayline_spans_total{result="dropped"} 3.0' in stage.metrics.text()
    assert stage.events() == [
        "the collector of traces does not take spans; they are dropped",
        "the collector of traces takes spans again",
    ]


def test_without_a_collector_nothing_is_told() -> None:
    log, metrics = open_log(stream=io.StringIO()), Metrics()
    tracer, end = open_tracer(None, "1", _Clock(), log, metrics)
    end()

    assert isinstance(tracer, NoTracer)
    assert not tracer.listens


def test_a_tracer_sends_what_it_is_told(collector: Collector) -> None:
    log, metrics = open_log(stream=io.StringIO()), Metrics()
    settings = Traces(endpoint=collector.endpoint + "/v1/traces", share=0.0)
    tracer, end = open_tracer(settings, "1", _Clock(), log, metrics)
    end()

    assert tracer.listens
    assert collector.spans == []


class _Clock:
    def now(self) -> int:
        return SPAN.began

"""Spans to an OpenTelemetry collector, by OTLP over HTTP. Nothing global, and nobody waits for it.

Spans are collected in memory and sent in the background. What a collector does not take is counted
and dropped: no message waits for somebody who only watches.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Link, SpanContext, Status, StatusCode, TraceFlags

from engine.logs import Log
from engine.metrics import Metrics
from engine.tracing.span import Happening, Place, Span

__all__ = ["Exporter"]

_SERVICE = "wayline"
_PATH = "/v1/traces"  # as the OTLP specification names it, below the collector's address
_PATIENCE = 3  # seconds, for one export with all its repetitions


class Exporter:
    """Takes spans from any thread."""

    def __init__(self, endpoint: str, version: str, log: Log, metrics: Metrics) -> None:
        # It writes a line for each failure; ours is one when it begins and one when it is over.
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
        address = endpoint.rstrip("/")
        whole = address if address.endswith(_PATH) else address + _PATH
        self._resource = Resource.create({"service.name": _SERVICE, "service.version": version})
        self._processor = BatchSpanProcessor(
            _Telling(OTLPSpanExporter(whole, timeout=_PATIENCE), log, metrics)
        )

    def emit(self, span: Span) -> None:
        """Sends it some time soon."""
        self._processor.on_end(self._read(span))

    def flush(self) -> None:
        """Sends what there is now; it may take a few seconds."""
        self._processor.force_flush()

    def close(self) -> None:
        """Sends what is left; it may take a few seconds."""
        self.flush()
        self._processor.shutdown()  # type: ignore[no-untyped-call]

    def _read(self, span: Span) -> ReadableSpan:
        return ReadableSpan(
            span.name,
            _context(span.place),
            None if span.parent is None else _context(span.parent),
            self._resource,
            span.attributes,
            [_event(happening) for happening in span.happenings],
            [Link(_context(place)) for place in span.links],
            status=Status(StatusCode.ERROR, span.failed) if span.failed else Status(),
            start_time=span.began * 1000,  # nanoseconds
            end_time=max(span.began, span.ended) * 1000,
        )


class _Telling(SpanExporter):
    """The same, but that what becomes of spans is counted, and a failure said once."""

    def __init__(self, exporter: SpanExporter, log: Log, metrics: Metrics) -> None:
        self._exporter = exporter
        self._log = log
        self._metrics = metrics
        self._is_well = True

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Sends some, and says whether they were taken."""
        result = self._exporter.export(spans)
        sent = result is SpanExportResult.SUCCESS
        self._metrics.spans.labels("sent" if sent else "dropped").inc(len(spans))
        if sent and not self._is_well:
            self._log.info("the collector of traces takes spans again")
        if not sent and self._is_well:
            self._log.warning("the collector of traces does not take spans; they are dropped")
        self._is_well = sent
        return result

    def shutdown(self) -> None:
        """No more."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Nothing is kept here."""
        return self._exporter.force_flush(timeout_millis)


def _context(place: Place) -> SpanContext:
    flags = TraceFlags(TraceFlags.SAMPLED)
    return SpanContext(
        int(place.trace, 16), int(place.span, 16), is_remote=False, trace_flags=flags
    )


def _event(happening: Happening) -> Event:
    return Event(happening.name, happening.attributes, happening.at * 1000)

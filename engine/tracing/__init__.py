"""Traces: what was done for one run, from the event to the receipt, in whatever processes."""

from engine.tracing.making import Seen
from engine.tracing.span import Place, Span, read_traceparent
from engine.tracing.tracer import NoTracer, SpanTracer, Tracer

__all__ = [
    "NoTracer",
    "Place",
    "Seen",
    "Span",
    "SpanTracer",
    "Tracer",
    "read_traceparent",
]

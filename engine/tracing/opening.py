"""From an operator's setting to a tracer."""

from __future__ import annotations

from collections.abc import Callable

from engine.clock import Clock
from engine.config import Traces
from engine.logs import Log
from engine.metrics import Metrics
from engine.operator import OperatorError
from engine.tracing.tracer import NoTracer, SpanTracer, Tracer

__all__ = ["open_tracer"]


def open_tracer(
    settings: Traces | None, version: str, clock: Clock, log: Log, metrics: Metrics
) -> tuple[Tracer, Callable[[], None]]:
    """The tracer, and what ends it, which may take a few seconds. Raises ``OperatorError``."""
    if settings is None:
        return NoTracer(), lambda: None
    try:
        from engine.tracing.exporting import Exporter  # noqa: PLC0415 - an extra
    except ImportError:
        raise OperatorError(
            "Traces need a library that is not installed: pip install 'wayline[traces]'."
        ) from None
    exporter = Exporter(settings.endpoint, version, log, metrics)
    return SpanTracer(exporter.emit, clock, settings.share), exporter.close

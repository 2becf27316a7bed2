"""What Prometheus is told. One object made by the composition root; nothing global."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

__all__ = ["Metrics"]

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """Counters and gauges of one daemon, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.events = Counter(
            "wayline_events",
            "Events at the door, by what became of them: accepted, repeated or refused.",
            ["result"],
            registry=self.registry,
        )
        self.ignored_traits = Counter(
            "wayline_ignored_traits",
            "Traits that the tracking plan does not know and that were left out.",
            registry=self.registry,
        )
        self.requests = Counter(
            "wayline_http_requests",
            "HTTP requests answered, by route and status.",
            ["route", "status"],
            registry=self.registry,
        )
        self.request_seconds = Histogram(
            "wayline_http_request_seconds",
            "Time from a request to its answer.",
            ["route"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.people = Counter(
            "wayline_people", "People looked at by the runner.", registry=self.registry
        )
        self.signals = Counter(
            "wayline_signals", "Events, receipts and timers processed.", registry=self.registry
        )
        self.outcomes = Counter(
            "wayline_outcomes",
            "People of whom it was counted what came of a path that a split had learnt to give.",
            registry=self.registry,
        )
        self.batch_seconds = Histogram(
            "wayline_batch_seconds",
            "Time of one batch of the runner.",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.deliveries = Counter(
            "wayline_deliveries",
            "Deliveries at hand-over, by what became of them.",
            ["outcome"],
            registry=self.registry,
        )
        self.calls = Counter(
            "wayline_calls",
            "Questions to web services, by what became of them: answered, failed or put back.",
            ["outcome"],
            registry=self.registry,
        )
        self.lateness = Gauge(
            "wayline_lateness_seconds",
            "How long the most overdue event, timer or delivery has been waiting.",
            registry=self.registry,
        )
        self.set_aside = Gauge(
            "wayline_people_set_aside",
            "People of whom nothing is processed, because it raised: see wayline set-aside list.",
            registry=self.registry,
        )
        self.faults = Counter(
            "wayline_faults",
            "How often the signals of one person could not be processed, because of a bug.",
            registry=self.registry,
        )
        self.spans = Counter(
            "wayline_spans",
            "Spans of traces, by whether the collector took them: sent or dropped.",
            ["result"],
            registry=self.registry,
        )
        self.project = Gauge(
            "wayline_project",
            "1 for the project version that runs.",
            ["name", "version"],
            registry=self.registry,
        )

    def text(self) -> bytes:
        """Everything, in Prometheus' text form."""
        return generate_latest(self.registry)

"""What Prometheus is told. One object made by the composition root; nothing global."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from threading import Lock

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector

__all__ = ["Metrics"]

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_LATENESS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14400, 86400)


class Spread(Collector):
    """A histogram that is told a thousand values at a time."""

    def __init__(
        self, name: str, documentation: str, bounds: Sequence[float], registry: CollectorRegistry
    ) -> None:
        self._name = name
        self._documentation = documentation
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)  # of values up to each bound, and of all
        self._sum = 0.0
        self._guard = Lock()
        registry.register(self)

    def observe(self, values: Iterable[float]) -> None:
        """Adds values."""
        ordered = sorted(values)
        ends = [*[bisect_right(ordered, bound) for bound in self._bounds], len(ordered)]
        with self._guard:
            self._counts = [count + end for count, end in zip(self._counts, ends, strict=True)]
            self._sum += sum(ordered)

    def describe(self) -> Iterator[HistogramMetricFamily]:
        """Nothing but the name."""
        yield HistogramMetricFamily(self._name, self._documentation)

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """For the registry."""
        family = HistogramMetricFamily(self._name, self._documentation)
        with self._guard:
            names = [*[str(float(bound)) for bound in self._bounds], "+Inf"]
            family.add_metric([], list(zip(names, self._counts, strict=True)), self._sum)
        yield family


class Metrics:
    """Counters and gauges of one daemon, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.events = Counter(
            "wayline_events",
            "Events at the door, by what became of them: accepted, repeated, refused or put off.",
            ["result"],
            registry=self.registry,
        )
        self.ignored_traits = Counter(
            "wayline_ignored_traits",
            "Traits that the tracking plan does not know and that were left out.",
            registry=self.registry,
        )
        self.unplanned = Counter(
            "wayline_unplanned",
            "What was sent and does not fit the tracking plan, by what it is: unknown event, wrong"
            " type, missing or not in the plan.",
            ["what"],
            registry=self.registry,
        )
        self.refused_keys = Counter(
            "wayline_refused_keys",
            "Requests of those who may not ask, by why: none, unknown, expired, revoked,"
            " scope, site or rate.",
            ["why"],
            registry=self.registry,
        )
        self.refused_requests = Counter(
            "wayline_refused_requests",
            "Requests of bad guests, by what they were: large, bomb (larger when unpacked), slow,"
            " unreadable, inside (a webhook that would lead there), often or cursor (of another list).",
            ["what"],
            registry=self.registry,
        )
        self.told = Counter(
            "wayline_webhook_messages",
            "Messages to webhooks, by outcome: taken or failed.",
            ["outcome"],
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
        self.steps = Counter(
            "wayline_steps",
            "How often somebody went from one step of a journey to another.",
            registry=self.registry,
        )
        self.decisions = Counter(
            "wayline_decisions",
            "What was decided, and why, where the reason is one of those that wayline why tells.",
            ["what", "reason"],
            registry=self.registry,
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
        self.sms_parts = Counter(
            "wayline_sms_parts",
            "Parts of text messages that providers took, each of which is paid for.",
            registry=self.registry,
        )
        self.calls = Counter(
            "wayline_calls",
            "Questions to web services, by what became of them: answered, failed or put back.",
            ["outcome"],
            registry=self.registry,
        )
        self.calls_out = Gauge(
            "wayline_calls_out",
            "Messages that an adapter is handing over just now.",
            ["adapter"],
            registry=self.registry,
        )
        self.resting = Gauge(
            "wayline_adapter_resting",
            "1 while an adapter is left alone, because it failed too often in a row.",
            ["adapter"],
            registry=self.registry,
        )
        self.complaints = Gauge(
            "wayline_complaint_rate",
            "Complaints for each message handed over and not bounced, by sending domain and time.",
            ["domain", "window"],
            registry=self.registry,
        )
        self.stopped = Gauge(
            "wayline_promotional_stopped",
            "1 while what needs consent waits, because too many people call a domain's mail spam.",
            ["domain"],
            registry=self.registry,
        )
        self.lateness = Gauge(
            "wayline_lateness_seconds",
            "How long the most overdue event, timer or delivery has been waiting.",
            registry=self.registry,
        )
        self.timer_lateness = Spread(
            "wayline_timer_lateness_seconds",
            "How late timers were processed: from when each was due until all of it was durable.",
            _LATENESS,
            self.registry,
        )
        self.backlog = Gauge(
            "wayline_backlog",
            "Events and receipts that were accepted and are not processed yet.",
            registry=self.registry,
        )
        self.oldest = Gauge(
            "wayline_oldest_signal_seconds",
            "How long the first event or receipt of the backlog has been waiting.",
            registry=self.registry,
        )
        self.lock_wait = Counter(
            "wayline_lock_wait_seconds",
            "How long the process has waited for its turn in the store, by what it waited for.",
            ["lock"],
            registry=self.registry,
        )
        self.clock_difference = Gauge(
            "wayline_clock_difference_seconds",
            "How far this machine's clock is ahead of the time that the process goes by.",
            registry=self.registry,
        )
        self.clock_steps = Counter(
            "wayline_clock_steps",
            "How often a clock was set, by what was done: followed, doubted, believed or gone.",
            ["what"],
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
        self.receipts = Counter(
            "wayline_receipts",
            "What providers told later of messages, and what people wrote back, by what it was; also"
            " what was not taken.",
            ["channel", "what"],
            registry=self.registry,
        )
        self.spans = Counter(
            "wayline_spans",
            "Spans of traces, by whether the collector took them: sent or dropped.",
            ["result"],
            registry=self.registry,
        )
        self.gone = Counter(
            "wayline_gone",
            "Rows that nobody needed any more and that housekeeping has let go, by what they were.",
            ["what"],
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

"""A daemon tells a collector what it does, and works as well without one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from segment.analytics.client import Client

from tests.engine.tracing.collector import Collector

from .conftest import Daemon, Launch, free_port, until
from .post_office import PostOffice

pytestmark = pytest.mark.slow

Segment = Callable[[Daemon], Client]


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()
    yield collector
    collector.close()


def test_from_the_event_to_the_receipt(
    launch: Launch, segment: Segment, office: PostOffice, collector: Collector
) -> None:
    daemon = launch()
    settings = {"WAYLINE_TRACES_ENDPOINT": collector.endpoint}
    daemon.start("--dev", str(daemon.project), environment=settings)
    client = segment(daemon)
    client.identify("ada", {"email": "ada@example.com", "first_name": "Ada"})
    client.track("ada", "Order Completed", {"order_id": "o-1", "total": 20.0})
    client.flush()
    office.wait_for(2)
    until(
        lambda: 'wayline_deliveries_total{outcome="accepted"} 2.0' in daemon.get("/metrics")[1],
        "two accepted deliveries",
    )
    assert daemon.stop() == 0
    spans = collector.spans
    enter = next(span for span in spans if span.name == "enter thanks")
    whole = [span.name for span in spans if span.trace_id == enter.trace_id]
    (event,) = (span for span in spans if span.name == "event purchase")

    assert {"enter thanks", "send receipt", "hand over email"} <= {*whole}
    assert [link.trace_id for link in enter.links] == [event.trace_id]
    assert "ada" not in str(spans).lower()


def test_a_collector_that_is_not_there_stops_nothing(
    launch: Launch, segment: Segment, office: PostOffice
) -> None:
    daemon = launch()
    settings = {"WAYLINE_TRACES_ENDPOINT": f"http://127.0.0.1:{free_port()}"}
    daemon.start("--dev", str(daemon.project), environment=settings)
    client = segment(daemon)
    client.identify("ada", {"email": "ada@example.com"})
    client.track("ada", "Order Completed", {"order_id": "o-1", "total": 20.0})
    client.flush()

    assert len(office.wait_for(2)) == 2
    assert daemon.stop() == 0

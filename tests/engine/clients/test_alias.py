"""Clients that people already have say that two ids are one person's: what each says, and that the
histories of both are one then.
"""

from __future__ import annotations

from typing import Any

import pytest
from posthog import Posthog
from rudderstack.analytics.client import Client as RudderStack
from segment.analytics.client import Client as Segment

from .conftest import Running, said_in_node


def order(number: int) -> dict[str, Any]:
    return {"order_id": f"o-{number}", "total": 19.9}


ORDERS = ["o-0", "o-1", "o-2"]


@pytest.mark.parametrize("client", [Segment, RudderStack])
def test_the_clients_for_the_segment_spec(client: Any, daemon: Running) -> None:
    """A visitor who signs up, and has had another id before."""
    errors: list[object] = []
    name = client.__module__.partition(".")[0]
    visitor, before, after = (f"{name} {each}" for each in ("visitor", "before", "after"))
    sender = client(daemon.key, host=daemon.url, on_error=lambda error, _: errors.append(error))
    sender.track(anonymous_id=visitor, event="Order Completed", properties=order(0))
    sender.track(before, "Order Completed", order(1))
    sender.identify(after, {"firstName": "Ada"}, anonymous_id=visitor)
    sender.alias(before, after)
    sender.track(before, "Order Completed", order(2))
    sender.flush()
    sender.shutdown()

    assert errors == []
    assert daemon.bought(after, 3) == ORDERS
    assert daemon.names(after) >= {before, f"anonymous:{visitor}"}


def test_an_alias_of_somebody_who_was_anonymous(daemon: Running) -> None:
    """Which kind of id ``previousId`` is, the spec does not say."""
    sender = Segment(daemon.key, host=daemon.url, sync_mode=True)
    sender.track(anonymous_id="7c1f", event="Order Completed", properties=order(0))
    sender.alias("7c1f", "grace")
    sender.track(anonymous_id="7c1f", event="Order Completed", properties=order(1))

    assert daemon.bought("grace", 2) == ORDERS[:2]
    assert "anonymous:7c1f" in daemon.names("grace")


def test_posthogs_clients(daemon: Running) -> None:
    """``alias`` of its client for Python, which says ``$create_alias``; and ``$identify``, as its
    client for pages says it of a device.
    """
    errors: list[object] = []
    sender = Posthog(daemon.key, host=daemon.url, on_error=lambda error, _: errors.append(error))
    unknown = {"$process_person_profile": False}
    sender.capture("Order Completed", distinct_id="hog device", properties=order(0) | unknown)
    sender.capture("Order Completed", distinct_id="hog before", properties=order(1))
    told = {"$anon_distinct_id": "hog device", "$set": {"first_name": "Ada"}}
    sender.capture("$identify", distinct_id="hog after", properties=told)
    sender.alias(previous_id="hog before", distinct_id="hog after")
    sender.capture("Order Completed", distinct_id="hog before", properties=order(2))
    sender.flush()
    sender.shutdown()

    assert errors == []
    assert daemon.bought("hog after", 3) == ORDERS
    assert daemon.names("hog after") >= {"anonymous:hog device", "hog before"}
    assert daemon.told("hog after", "first_name") == "Ada"


SCRIPT = """
    const { Analytics } = require('@segment/analytics-node');
    const { url, key } = JSON.parse(require('fs').readFileSync(0, 'utf8'));
    const client = new Analytics({ writeKey: key, host: url });
    const wrong = [];
    client.on('error', (error) => wrong.push(String(error.reason ?? error.code)));
    const bought = (who, number) => client.track(
        { ...who, event: 'Order Completed', properties: { order_id: `o-${number}`, total: 19.9 } });
    bought({ anonymousId: 'node visitor' }, 0);
    bought({ userId: 'node before' }, 1);
    client.identify({ userId: 'node after', anonymousId: 'node visitor', traits: {} });
    client.alias({ userId: 'node after', previousId: 'node before' });
    bought({ userId: 'node before' }, 2);
    client.closeAndFlush().then(() => console.log(JSON.stringify(wrong)));
"""


@pytest.mark.peers
def test_segments_client_for_node(daemon: Running) -> None:
    assert said_in_node(SCRIPT, daemon) == ([], "")
    assert daemon.bought("node after", 3) == ORDERS
    assert "node before" in daemon.names("node after")

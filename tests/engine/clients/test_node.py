"""Segment's client for Node, pointed at a daemon."""

from __future__ import annotations

import pytest

from .conftest import Kept, Running, said_in_node

pytestmark = pytest.mark.peers

SCRIPT = """
    const { Analytics } = require('@segment/analytics-node');
    const { url, key } = JSON.parse(require('fs').readFileSync(0, 'utf8'));
    const client = new Analytics({ writeKey: key, host: url });
    const wrong = [];
    client.on('error', (error) => wrong.push(String(error.reason ?? error.code)));
    const context = { locale: 'en-GB', campaign: { name: 'spring' } };
    const properties = { order_id: 'o-1', total: 19.9 };
    client.identify({ userId: 'ada-node', traits: { firstName: 'Ada' }, context });
    client.track({ userId: 'ada-node', event: 'Order Completed', properties, context });
    client.page({ userId: 'ada-node', name: 'Home', category: 'Shop' });
    client.screen({ userId: 'ada-node', name: 'Basket', properties: { build: 7 } });
    client.group({ userId: 'ada-node', groupId: 'acme', traits: { plan: 'pro' } });
    client.track({ anonymousId: 'eve-node', event: 'Order Completed', properties });
    client.alias({ userId: 'ada-node', previousId: 'bob-node' });
    client.closeAndFlush().then(() => console.log(JSON.stringify(wrong)));
"""


def test_every_call_of_the_client(daemon: Running) -> None:
    assert said_in_node(SCRIPT, daemon) == ([], "")
    ada, eve = "ada-node", "anonymous:eve-node"
    assert daemon.kept(ada) == [
        Kept(ada, "told", {"first_name": "Ada", "language": "en"}),
        Kept(ada, "purchase", {"order_id": "o-1", "total": 1990, "campaign_name": "spring"}),
        Kept(ada, "page_seen", {"name": "Home", "category": "Shop"}),
        Kept(ada, "screen_seen", {"name": "Basket", "build": 7}),
        Kept(ada, "told", {"group_id": "acme", "group_plan": "pro"}),
    ]
    assert daemon.kept(eve) == [Kept(eve, "purchase", {"order_id": "o-1", "total": 1990})]

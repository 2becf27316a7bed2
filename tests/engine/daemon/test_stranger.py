"""The way of somebody who has a Segment client and nothing else: a project, people who appear, a
segment, and why somebody is in it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner
from segment.analytics.client import Client

from engine.cli.main import wayline

from .conftest import Daemon, until
from .post_office import PostOffice

SEGMENT = """
  big_orders:
    title: Bought for more than 100 EUR
    who: sum of purchases.total > 100 EUR and (email is known or phone is known)
"""
ADA = """\
ada is in big_orders: Bought for more than 100 EUR

  yes  all of these:
    yes  the sum of total over all purchases is more than 100 EUR
           the sum of total over all purchases: 120 EUR
    yes  one of these:
      yes  email is known
             email: known, and personal
      no   phone is known
             phone: unknown
"""
CARL = """\
no   the sum of total over all purchases is more than 100 EUR and (email is known or phone is known)
  yes  the sum of total over all purchases is more than 100 EUR  (the sum of total over all purchases: 300 EUR)
  no   email is known or phone is known
    no   email is known  (email: unknown)
    no   phone is known  (phone: unknown)
"""


def test_from_a_segment_client_to_why_somebody_is_in_a_segment(
    tmp_path: Path, office: PostOffice, segment: Callable[[Daemon], Client]
) -> None:
    shop = tmp_path / "shop"

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(wayline, [*arguments])
        assert result.exit_code == 0, result.output
        return result.output

    begun = run("init", str(shop), "--journeys", "post_purchase")
    assert f"wayline serve --dev {shop}" in begun
    daemon = Daemon(shop, shop, office, 0)
    try:
        daemon.start("--dev")  # the folder it stands in
        client = segment(daemon)
        client.identify("ada", {"first_name": "Ada", "email": "ada@example.com"})
        client.track("ada", "Order Completed", {"order_id": "o-1", "total": 120})
        client.track("bob", "Order Completed", {"order_id": "o-2", "total": 12})
        client.track("carl", "Order Completed", {"order_id": "o-3", "total": 300})
        client.flush()
        until(lambda: daemon.get("/v1/people/carl/why")[0] == 200, "carl is there")
        with (shop / "segments.yaml").open("a", encoding="utf-8") as written:
            written.write(SEGMENT)
        membership = "/v1/segments/big_orders/members/"
        until(lambda: daemon.get(f"{membership}carl")[0] == 200, "the segment is there")

        store = ("--store", daemon.store_url)
        assert run("audience", "big_orders", *store) == "ada\n"
        assert run("segment", "why", "big_orders", "ada", *store) == ADA
        assert json.loads(daemon.get(f"{membership}carl")[1])["text"] == CARL
        assert daemon.stop() == 0
    finally:
        daemon.end()

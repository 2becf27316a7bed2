"""What does not fit the tracking plan, over HTTP."""

from __future__ import annotations

from dsl.calendar import DAY
from engine.core.strays import UNKNOWN, Oddity, Seen, Stray

from .conftest import Shop


def test_it_is_told_by_day_the_most_frequent_first(shop: Shop) -> None:
    now = shop.scene.now
    rare, often = Oddity("Tour", "", UNKNOWN), Oddity("purchase", "total", "text")
    stray = Stray("k/1", "ada", "Tour", now, {"type": "track", "userId": "ada", "event": "Tour"})
    shop.store.strays.keep({rare: Seen(1)}, [], now - 3 * DAY)
    shop.store.strays.keep({rare: Seen(2), often: Seen(312, "12,50")}, [stray], now)

    told = shop.get("/v1/tracking")

    assert told["kept_aside"] == 1
    assert [tuple(each.values())[1:] for each in told["items"]] == [
        ("purchase", "total", "text", 312, "12,50"),
        ("Tour", None, UNKNOWN, 2, None),
    ]
    assert len(shop.get("/v1/tracking?days=5")["items"]) == 3
    assert shop.ask("GET", "/v1/tracking?days=31").status_code == 400
    assert "ada" not in shop.ask("GET", "/v1/tracking").text

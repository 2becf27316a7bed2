"""What does not fit the tracking plan, over HTTP: refused or not, it is counted and kept."""

from __future__ import annotations

from engine.core.strays import UNKNOWN, Oddity, Seen

from .conftest import NOW, Api

TOUR = {"type": "track", "userId": "ada", "event": "Tour", "messageId": "m-9"}


def test_what_is_refused_is_kept_aside_when_it_is_answered(api: Api) -> None:
    answer = api.send("/v1/track", TOUR)

    assert answer.status == 400
    (kept,) = api.store.strays.kept(0, 10)
    assert (kept.stray.event, kept.stray.call["messageId"]) == ("Tour", "m-9")
    assert set(api.store.strays.seen(NOW).values()) == {Seen(1)}
    assert [oddity for _, oddity in api.store.strays.seen(NOW)] == [Oddity("Tour", "", UNKNOWN)]
    assert b'wayline_unplanned_total{what="unknown event"} 1.0' in api.get("/metrics").body


def test_a_flood_of_one_name_is_counted_and_not_kept(api: Api) -> None:
    calls = [{**TOUR, "messageId": f"m{n}"} for n in range(450)]
    answer = api.send("/v1/batch", {"batch": calls})

    assert answer.status == 400
    assert api.store.strays.count() == 200
    assert set(api.store.strays.seen(NOW).values()) == {Seen(450)}

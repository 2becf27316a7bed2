"""More than can be processed: senders are told to come back, and nothing that was taken is lost."""

from __future__ import annotations

from engine.pressure import Pressure

from .conftest import Start


def tracks(count: int, first: int = 0) -> dict[str, object]:
    return {
        "batch": [
            {"type": "identify", "userId": f"u{number}", "messageId": f"m{number}", "traits": {}}
            for number in range(first, first + count)
        ]
    }


def test_beyond_the_limit_senders_are_told_when_to_come_back(start: Start) -> None:
    api = start(pressure=Pressure(20))
    assert api.send("/v1/batch", tracks(20)).status == 200
    refused = api.send("/v1/batch", tracks(5, 20))

    assert refused.status == 429
    assert refused.headers["retry-after"] == "2"
    assert refused.error.startswith("More events are waiting than can be processed soon")
    assert len(api.store.arrivals) == 20


def test_one_event_is_put_off_like_many(start: Start) -> None:
    api = start(pressure=Pressure(1))
    api.send("/v1/batch", tracks(1))
    one = {"userId": "ada", "traits": {}}
    begun = {"userId": "ada", "inputs": {"new_date": "2026-03-01"}}

    assert api.send("/v1/identify", one).status == 429
    assert api.send("/v1/journeys/order_delay/start", begun).status == 429
    assert api.woken == 1


def test_what_is_wrong_is_refused_for_being_wrong(start: Start) -> None:
    api = start(pressure=Pressure(1))
    api.send("/v1/batch", tracks(1))

    assert api.send("/v1/identify", {"traits": {}}).status == 400


def test_nobody_is_kept_from_being_forgotten_or_from_unsubscribing(start: Start) -> None:
    api = start(pressure=Pressure(1))
    api.send("/v1/batch", tracks(1))

    assert api.send("/v1/people/ada", method="DELETE").status == 200
    assert len(api.store.arrivals) == 2


def test_when_there_is_room_again_they_come_in(start: Start) -> None:
    pressure = Pressure(20)
    api = start(pressure=pressure)
    api.send("/v1/batch", tracks(20))
    assert api.send("/v1/batch", tracks(5, 20)).status == 429
    pressure.count(lambda: 0)

    assert api.send("/v1/batch", tracks(5, 20)).status == 200
    assert len(api.store.arrivals) == 25


def test_what_could_not_be_written_takes_no_room(start: Start) -> None:
    """While the store is away the answer is that it is away, and afterwards all come in."""
    api = start(pressure=Pressure(20))
    api.store.broken = True
    answers = [api.send("/v1/batch", tracks(20)).status for _ in range(3)]
    api.store.broken = False

    assert answers == [500, 500, 500]
    assert api.send("/v1/batch", tracks(20)).status == 200
    assert api.send("/v1/batch", tracks(1, 20)).status == 429

"""A journey that starts on a call: over HTTP, with the inputs it declares."""

from __future__ import annotations

from typing import Any

import pytest

from engine.core.signals import StartAsked

from .conftest import NOW, Api

PATH = "/v1/journeys/order_delay/start"


def call(**more: Any) -> dict[str, Any]:
    return {"userId": "ada", "messageId": "m-1", "inputs": {"new_date": "2026-05-01"}, **more}


def test_a_call_is_kept_for_the_person_and_the_journey(api: Api) -> None:
    """Durable when it is answered; the same message id is the same call."""
    assert api.send(PATH, call()).json == {"success": True}
    assert api.send(PATH, call()).json == {"success": True}

    assert list(api.store.arrivals.values()) == [
        StartAsked("m-1", "ada", NOW, 0, "order_delay", {"new_date": "2026-05-01"})
    ]


@pytest.mark.parametrize(
    ("path", "body", "status", "error"),
    [
        ("/v1/journeys/welcome/start", call(), 404, 'no journey "welcome" that starts on a call'),
        (PATH, call(userId=""), 400, 'set "userId"'),
        (PATH, call(inputs=[1]), 400, '"inputs" must be a JSON object'),
        (PATH, call(inputs={}), 400, "new_date"),
        (PATH, call(inputs={"new_date": "soon"}), 400, "new_date"),
        (PATH, call(inputs={"new_dat": "2026-05-01"}), 400, 'Did you mean "new_date"?'),
    ],
)
def test_what_is_wrong_is_said_and_changes_nothing(
    api: Api, path: str, body: dict[str, Any], status: int, error: str
) -> None:
    """Unknown journeys and inputs, missing and wrong values."""
    answer = api.send(path, body)

    assert answer.status == status
    assert error in answer.json["detail"]
    assert api.store.arrivals == {}

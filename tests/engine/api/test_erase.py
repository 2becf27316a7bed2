"""A person who is to be forgotten, over HTTP."""

from __future__ import annotations

import pytest

from engine.core.signals import Erased

from .conftest import NOW, Api


@pytest.mark.parametrize(
    ("path", "person"),
    [
        ("/v1/people/ada", "ada"),
        ("/v1/people/ada%40example.com", "ada@example.com"),
        ("/v1/people/shop%2Fada", "shop/ada"),
        ("/v1/people/Zo%C3%AB%20B", "Zoë B"),
    ],
)
def test_it_is_durable_when_it_is_answered(api: Api, path: str, person: str) -> None:
    answer = api.send(path, None, method="DELETE")

    assert answer.json["success"] is True
    (arrival,) = api.store.arrivals.values()
    assert arrival == Erased(arrival.id, person, NOW, 0)


def test_an_id_longer_than_any_is_refused(api: Api) -> None:
    answer = api.send(f"/v1/people/{'a' * 257}", None, method="DELETE")

    assert (answer.status, answer.error) == (
        400,
        "The person in the address has more than 256 characters.",
    )
    assert api.store.arrivals == {}


@pytest.mark.parametrize("path", ["/v1/people/", "/v1/people/%20"])
def test_nobody_is_nobody(api: Api, path: str) -> None:
    assert api.send(path, None, method="DELETE").status == 404
    assert api.store.arrivals == {}

"""Who may ask for what: the keys that are kept in the store, at the door."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping

import pytest

from dsl.calendar import DAY
from engine.access.keys import Wanted, made, revoke, rotate
from engine.core.keys import Scope
from engine.store.trouble import StoreUnavailableError

from .conftest import NOW, Api, Start
from .test_calls import purchase


def basic(text: str) -> Mapping[str, str]:
    return {"authorization": "Basic " + b64encode(f"{text}:".encode()).decode()}


def bearer(text: str) -> Mapping[str, str]:
    return {"authorization": f"Bearer {text}"}


def key(api: Api, *scopes: Scope, **more: int) -> str:
    name = " ".join(scopes) or "shop"
    return made(api.store.keys, Wanted(name, scopes=scopes or (Scope.INGEST,), **more), NOW - DAY)  # type: ignore[arg-type]


def refused(api: Api, why: str) -> bool:
    return f'wayline_refused_keys_total{{why="{why}"}} 1.0'.encode() in api.get("/metrics").body


def test_a_key_is_taken_as_a_user_name_and_as_a_bearer(api: Api) -> None:
    text = key(api)

    assert api.send("/v1/track", purchase("m-1"), basic(text)).status == 200
    assert api.send("/v1/track", purchase("m-2"), bearer(text)).status == 200


def test_as_soon_as_there_is_a_key_nobody_gets_in_without_one(api: Api) -> None:
    key(api)

    for path, method in (("/v1/track", "POST"), ("/v1/people/ada", "DELETE")):
        answer = api.send(path, purchase(), method=method)
        assert answer.status == 401
        assert answer.headers["www-authenticate"].startswith("Basic")
        assert "wayline keys create NAME --scope" in answer.error
    assert api.get("/v1/people/ada/export").status == 403
    assert api.store.arrivals == {}


def test_the_door_stays_shut_when_the_last_key_is_revoked(api: Api) -> None:
    key(api)
    revoke(api.store.keys, "shop", NOW)

    assert api.send("/v1/track", purchase()).status == 401


def test_a_key_that_nobody_made_is_refused(api: Api) -> None:
    key(api)
    answer = api.send("/v1/track", purchase(), basic("wayline_server_" + "A" * 43))

    assert answer.status == 401
    assert answer.error.startswith("This key is not known here. Give the write key as")
    assert refused(api, "unknown")


@pytest.mark.parametrize("scope", list(Scope))
def test_a_key_does_what_it_is_for_and_nothing_else(api: Api, scope: Scope) -> None:
    given = bearer(key(api, scope))
    key(api, *[each for each in Scope if each is not scope])
    asked = {
        Scope.INGEST: api.send("/v1/track", purchase(), given),
        Scope.READ: api.get("/v1/people/eve/export", given),
        Scope.WRITE: api.send("/v1/people/ada", None, given, "DELETE"),
    }

    for needed, answer in asked.items():
        may = scope in (needed, Scope.ADMIN)
        assert (answer.status == 403) is not may
        if not may:
            assert answer.error.startswith(f"This key is for {scope}, and this needs one for")


def test_a_key_that_has_ended_is_refused_and_says_when(api: Api) -> None:
    given = bearer(key(api, expires=NOW))
    answer = api.send("/v1/track", purchase(), given)

    assert answer.status == 401
    assert answer.error == "This key was valid until 2026-03-01 09:00 UTC: ask for a new one."
    assert refused(api, "expired")


def test_a_revoked_key_is_refused(api: Api) -> None:
    text = key(api)
    revoke(api.store.keys, "shop", NOW)
    answer = api.send("/v1/track", purchase(), bearer(text))

    assert (answer.status, answer.error) == (401, "This key has been revoked: ask for a new one.")
    assert refused(api, "revoked")


def test_both_texts_of_a_rotated_key_are_taken(api: Api) -> None:
    first = key(api)
    second = rotate(api.store.keys, "shop", NOW - 1, NOW + DAY)

    assert api.send("/v1/track", purchase("m-1"), bearer(first)).status == 200
    assert api.send("/v1/track", purchase("m-2"), bearer(second)).status == 200


def test_the_keys_of_the_settings_go_on_being_valid(start: Start) -> None:
    api = start(keys=["w"], read_keys=["r"])
    key(api)

    assert api.send("/v1/track", purchase(), basic("w")).status == 200
    assert api.get("/v1/people/eve/export", basic("r")).status == 404


def test_a_store_that_is_away_is_not_taken_for_a_wrong_key(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = key(api)

    def away() -> None:
        raise StoreUnavailableError("away")

    monkeypatch.setattr(api.store.keys, "known", away)
    answer = api.send("/v1/track", purchase(), bearer(text))

    assert (answer.status, answer.headers["retry-after"]) == (503, "1")


@pytest.mark.parametrize("header", ["Bearer " + "x" * 20_000, "Basic " + "QUFB" * 5_000])
def test_an_endless_key_is_refused_like_any_other(api: Api, header: str) -> None:
    key(api)

    assert api.send("/v1/track", purchase(), {"authorization": header}).status == 401

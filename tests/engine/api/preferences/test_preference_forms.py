"""What the preference centre does not take, and whom it does not know."""

from __future__ import annotations

import re

import pytest

from engine.access.links import Links
from engine.core.program import Program
from engine.core.signals import Erased
from engine.runner import Runner
from engine.store.protocol import StoreUnavailableError
from tests.engine.api.conftest import NOW, Api, Start

from .centre import FORM, changed, keep, post


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"x", b"on=promotional%2Fsms", b"\xff=1&limit=&limit_was=&pause=keep"),
        changed(("limit", "-1")),
        changed(("limit", "٣")),
        changed(("limit", "1000")),
        changed(("limit", "1"), ("limit", "2")),
        changed(("pause", "for ever")),
        changed(("limit_was", "x")),
        changed(*(("on", f"a/{n}") for n in range(600))),
    ],
)
def test_a_form_that_is_none_of_ours_is_refused_calmly(api: Api, token: str, body: bytes) -> None:
    answer = api.send(f"/preferences/{token}", body, FORM)

    assert answer.status == 400
    assert "This could not be read." in answer.body.decode()
    assert answer.headers["content-type"].startswith("text/html")
    assert api.store.arrivals == {}


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"x" * 17_000, FORM, 413),
        (changed(("limit", "2")), {"content-type": "text/plain"}, 400),
        (changed(("limit", "2")), {**FORM, "content-encoding": "br"}, 415),
    ],
)
def test_so_is_one_that_is_too_large_or_something_else(
    api: Api, token: str, body: bytes, headers: dict[str, str], status: int
) -> None:
    answer = api.send(f"/preferences/{token}", body, headers)

    assert answer.status == status
    assert "<h1>This could not be read.</h1>" in answer.body.decode()
    assert api.store.arrivals == {}


def test_what_is_not_offered_cannot_be_agreed_to(api: Api, token: str) -> None:
    """Not another channel, not a category that needs no consent or goes by a rule, not all."""
    wrong = ("promotional/whatsapp", "service/email", "surveys/email", "*/email", "*", "a/b/c")
    body = changed(*(("on", each) for each in wrong))

    assert post(api, token, body) == []


def test_only_our_own_links_are_valid(api: Api, token: str) -> None:
    forged = Links(b"another secret").token("d1")
    for wrong in (forged, api.links.token("d2"), token[:-1], "d1", "%C3%BC.1"):
        for method in ("GET", "POST"):
            answer = api.send(f"/preferences/{wrong}", b"everything=1", FORM, method)
            assert answer.status == 404, wrong
            assert "Ce lien n&#x27;est pas valable." in answer.body.decode()
    assert api.store.arrivals == {}


def test_after_erasing_the_link_leads_nowhere(api: Api, token: str, program: Program) -> None:
    api.store.append([Erased("e1", "ada", NOW, 0)])
    Runner(api.store, program).run_once(NOW)

    for body in (None, b"everything=1"):
        method = "GET" if body is None else "POST"
        assert api.send(f"/preferences/{token}", body, FORM, method).status == 404
    assert api.store.people(["ada"], ()) == {}


@pytest.mark.parametrize("part", ["append", "deliveries"])
def test_nothing_is_said_to_have_been_saved_that_was_not(
    api: Api, token: str, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise StoreUnavailableError

    monkeypatch.setattr(api.store, part, away)
    answer = api.send(f"/preferences/{token}", changed(("limit", "2")), FORM)

    assert (answer.status, answer.headers["retry-after"]) == (503, "60")
    assert answer.headers["content-type"].startswith("text/html")


def test_without_a_project_it_asks_for_patience(start: Start) -> None:
    api = start(deployed=False)
    keep(api)
    answer = api.get(f"/preferences/{api.links.token('d1')}")

    assert (answer.status, answer.headers["retry-after"]) == (503, "60")
    assert "This does not work just now." in answer.body.decode()


def test_the_link_is_made_of_the_public_address() -> None:
    links = Links(b"secret", "https://mail.shop.example/")
    link = links.preferences("abc123")

    assert re.fullmatch(r"https://mail\.shop\.example/preferences/abc123\.[0-9a-f]{32}", link)
    assert links.delivery(link.rpartition("/")[2]) == "abc123"

"""``wayline suppressions``: what is not written to any more, and an operator's word about it."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from channels.outcome import FailureClass, Rejected
from engine.cli.main import wayline
from engine.clock import SystemClock
from engine.core.bars import Bar
from engine.core.deeds import Deed
from engine.core.profile import Profile
from engine.runner import Runner
from engine.store import open_store
from engine.store.protocol import Changes
from engine.store.testing.samples import commit
from tests.engine.scene import Scene, journey

RULE = "SMTP codes as of 2024-12: 5.1.1"
GONE = Rejected(FailureClass.PERMANENT_RECIPIENT, "5.1.1", "no such user", rule=RULE)


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store in which Ada's address is gone; and Bob's, since an older version."""
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:///{tmp_path / 'wayline.db'}"
    with closing(open_store(url)) as store:
        to_email = journey("  - {id: greet, send: hello, to: email}")
        scene = Scene(to_email, store=store, answer=lambda _: GONE)
        scene.person()
        scene.event("signed_up")
        bob = Profile("bob", suppressed=frozenset({"bob@example.com"}))
        commit(store, Changes(profiles=[bob]), ["bob"])
    return url


def run(*arguments: str) -> Result:
    return CliRunner().invoke(wayline, ["suppressions", *arguments], catch_exceptions=False)


def test_the_list_says_since_when_why_and_by_which_rule(url: str) -> None:
    plain, data = run("--store", url), json.loads(run("--store", url, "--json").output)

    assert plain.output.splitlines() == [
        "ada@example.com on email",
        "  refused for good since 2026-03-02 09:00 UTC, of ada",
        f"  {RULE}, by email",
        "bob@example.com on any channel",
        "  by an older version, of bob",
    ]
    assert data[0] == {
        "person": "ada",
        "channel": "email",
        "address": "ada@example.com",
        "since": "2026-03-02T09:00:00+00:00",
        "cause": "refused for good",
        "rule": f"{RULE}, by email",
    }


def test_a_channel_may_be_named(url: str) -> None:
    assert "bob" not in run("--store", url, "--channel", "email").output
    assert run("--store", url, "--channel", "sms").output == "Nothing is suppressed.\n"


@pytest.mark.parametrize("address", ["ada@example.com", "Bob@Example.com"])
def test_an_operator_lifts_one(url: str, address: str) -> None:
    result = run("--store", url, "--lift", address)
    program = Scene(journey("  - {id: greet, send: hello, to: email}")).program
    with closing(open_store(url)) as store:
        Runner(store, program).run_once(SystemClock().now())
        left = [place for each in store.suppressed() for place in each.suppressed]
        person = address.partition("@")[0].lower()
        told = [each for each in store.decisions(person) if each.what == "lifted"]

    assert result.output == f"{address} is written to again; 1 person had it.\n"
    assert len(left) == 1
    assert address.lower() not in left[0]
    assert len(told) == 1
    (noted,) = _deeds(url)
    assert (noted.what, noted.about["people"]) == ("suppressions lift", 1)
    assert noted.who == told[0].reason
    assert person not in str(noted.about)


def test_what_is_written_to_cannot_be_lifted(url: str) -> None:
    result = run("--store", url, "--lift", "eve@example.com")

    assert result.exit_code == 2
    assert "eve@example.com is written to." in result.output
    assert _deeds(url) == []


def test_what_nobody_has_who_is_known_can_be_lifted_as_well(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of somebody erased only the operator knows the address; the store does not."""
    monkeypatch.setenv("WAYLINE_SUPPRESSION_KEYS", "a-key-that-nobody-can-guess")
    with closing(open_store(url)) as store:
        store.bars.under([b"a-key-that-nobody-can-guess"])
        store.bars.tell([(("email", "gone@example.com"), Bar(5, "a complaint"))])
    told = run("--store", url).output
    lifted = run("--store", url, "--lift", "Gone@Example.com").output

    assert told.splitlines()[-1] == (
        "1 address is suppressed that nobody has who is known: which, the store cannot tell."
    )
    assert lifted == "Gone@Example.com is written to again; nobody who is known had it.\n"
    assert "nobody has who is known" not in run("--store", url).output
    assert "is written to" in run("--store", url, "--lift", "gone@example.com").output


def test_lifting_lets_whoever_has_the_address_be_written_to(url: str) -> None:
    run("--store", url, "--lift", "ada@example.com")

    with closing(open_store(url)) as store:
        assert store.bars.count() == 0


def _deeds(url: str) -> list[Deed]:
    with closing(open_store(url)) as store:
        return [deed for _, deed in store.deeds.read()]

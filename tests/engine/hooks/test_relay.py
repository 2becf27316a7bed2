"""Others are told what happens: signed, in order, once more until it is taken, and nobody waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
import standardwebhooks

from channels.http.guarded import Inside
from channels.http.transport import Lost, Request, Response
from dsl.calendar import DAY, HOUR, MINUTE, SECOND
from engine.core.hooks import SORTS, Hook, unknown_sorts, wants
from engine.core.signals import Erased, MergeAsked
from engine.hooks import Managing, Relay, Relayed, Signing
from engine.store import open_store
from engine.store.protocol import Store
from tests.engine.scene import Scene, journey

WELCOME = journey("  - {id: greet, send: hello, to: email}\n  - {id: pause, wait: 3 days}\n")
SECRET = b"secret of the tests"


class Receiver:
    """Takes messages, or does not."""

    def __init__(self) -> None:
        self.got: list[Request] = []
        self.answer: Callable[[Request], Response | Lost] = lambda _: Response(204, b"")

    async def exchange(self, request: Request, seconds: float, most: int) -> Response | Lost:
        await asyncio.sleep(0)
        self.got.append(request)
        return self.answer(request)

    async def close(self) -> None:
        """Nothing to close."""

    @property
    def told(self) -> list[tuple[str, str]]:
        """What was told of whom."""
        bodies = [orjson.loads(each.body) for each in self.got]
        return [(each["type"], each["data"]["person"]) for each in bodies]


class Desk:
    """A scene with somebody who is told of what happens in it."""

    def __init__(self, *sorts: str, store: Store | None = None) -> None:
        self.scene = Scene(WELCOME, store=store)
        self.receiver = Receiver()
        self.signing = Signing(SECRET)
        self.managing = Managing(self.scene.store, Inside(), self.signing)
        made = self.managing.make(
            "h1", "https://crm.example/hook", sorts or ("*",), "", self.scene.now
        )
        assert made is not None
        self.relay = self.another()

    def another(self) -> Relay:
        return Relay(self.scene.store, self.receiver, self.signing, lambda: self.scene.now)

    def look(self, relay: Relay | None = None) -> Relayed:
        return asyncio.run((relay or self.relay).run_once(self.scene.now))

    def all(self) -> None:
        while self.look().more:
            pass

    @property
    def hook(self) -> Hook:
        (found,) = self.scene.store.hooks.known()
        return found


def test_what_happens_is_told_in_its_order_and_signed_as_others_read_it() -> None:
    desk = Desk()
    desk.scene.person()
    desk.scene.event("signed_up")
    desk.scene.after(4 * DAY)
    desk.all()

    assert desk.receiver.told == [
        ("consent.granted", "ada"),
        ("message.sent", "ada"),
        ("journey.entered", "ada"),
        ("journey.left", "ada"),
    ]
    sent = desk.receiver.got[2]
    assert orjson.loads(sent.body) == {
        "type": "journey.entered",
        "timestamp": "2026-03-02T09:00:00Z",
        "data": orjson.loads(sent.body)["data"] | {"person": "ada", "journey": "welcome"},
    }
    reader = standardwebhooks.Webhook(desk.signing.secret(desk.hook))
    told: Any = reader.verify(sent.body, _now(dict(sent.headers), reader, sent.body))
    assert told["type"] == "journey.entered"
    assert desk.hook.told == 4


def _now(headers: dict[str, str], reader: Any, body: bytes) -> dict[str, str]:
    """The library checks the time against the wall: so what it would sign then is compared with
    what we signed, and given to it with its own time.
    """
    stamp = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    ours = headers["webhook-signature"]
    assert reader.sign(headers["webhook-id"], stamp, body.decode()) in ours.split(" ")
    fresh = datetime.now(UTC)
    return {
        **headers,
        "webhook-timestamp": str(int(fresh.timestamp())),
        "webhook-signature": reader.sign(headers["webhook-id"], fresh, body.decode()),
    }


def test_where_nothing_happens_nothing_is_written() -> None:
    desk = Desk("person.erased")
    desk.scene.person()
    before = desk.hook

    assert desk.look() == Relayed()
    assert desk.hook == before


def test_only_what_is_wanted_is_told() -> None:
    desk = Desk("message.*", "journey.left")
    desk.scene.person()
    desk.scene.event("signed_up")
    desk.scene.after(4 * DAY)
    desk.all()

    assert [sort for sort, _ in desk.receiver.told] == ["message.sent", "journey.left"]


def test_what_is_not_taken_is_told_again_later_under_the_same_name() -> None:
    desk = Desk("message.*")
    desk.scene.person()
    desk.scene.event("signed_up")
    desk.receiver.answer = lambda _: Response(503, b"", {"retry-after": "600"})

    assert desk.look() == Relayed(0, 1, more=False)
    assert (desk.hook.attempts, desk.hook.reason) == (1, "it answers 503")
    assert desk.hook.due == desk.scene.now + 10 * MINUTE
    assert desk.look() == Relayed()
    desk.receiver.answer = lambda _: Response(200, b"")
    desk.scene.after(10 * MINUTE)
    desk.all()
    first, again = desk.receiver.got
    assert first.headers["webhook-id"] == again.headers["webhook-id"]
    assert first.headers["webhook-timestamp"] != again.headers["webhook-timestamp"]
    assert (desk.hook.attempts, desk.hook.failing, desk.hook.told) == (0, 0, 1)


def test_one_person_who_is_not_taken_keeps_their_order_and_nobody_hears_anything_twice() -> None:
    desk = Desk("consent.*")
    for name in ("ada", "bob"):
        desk.scene.person(name)
        desk.scene.event("consent_withdrawn", name, category="promotional")
    refusing = True

    def answer(request: Request) -> Response | Lost:
        said = orjson.loads(request.body)
        first = said["data"]["person"] == "ada" and said["type"] == "consent.granted"
        return Response(500 if refusing and first else 200, b"")

    desk.receiver.answer = answer
    for _ in range(3):
        desk.look()
        desk.scene.after(HOUR)
    refusing = False
    desk.all()

    told = [each for each in desk.receiver.told if each[1] == "ada"]
    assert told[-2:] == [("consent.granted", "ada"), ("consent.withdrawn", "ada")]
    assert ("consent.withdrawn", "ada") not in told[:-1]
    taken = [each for each in desk.receiver.told if each[1] == "bob"]
    assert taken == [("consent.granted", "bob"), ("consent.withdrawn", "bob")]


def test_what_was_out_when_a_process_died_is_told_by_the_next() -> None:
    desk = Desk("consent.*")
    desk.scene.person()
    desk.scene.person("bob")

    async def dies(request: Request, seconds: float, most: int) -> Response | Lost:
        raise asyncio.CancelledError

    desk.receiver.exchange = dies  # type: ignore[method-assign]
    with pytest.raises(asyncio.CancelledError):
        desk.look()
    del desk.receiver.exchange
    after = desk.another()
    assert desk.look(after) == Relayed()  # somebody may still be at it
    after.recover()
    while desk.look(after).more:
        pass

    assert sorted(desk.receiver.told) == [("consent.granted", "ada"), ("consent.granted", "bob")]


def test_two_processes_do_not_tell_the_same_thing() -> None:
    desk = Desk("consent.*")
    for number in range(30):
        desk.scene.person(f"p{number}")

    async def both() -> None:
        relays = [desk.another(), desk.another()]
        for _ in range(5):
            await asyncio.gather(*(each.run_once(desk.scene.now) for each in relays))

    asyncio.run(both())

    assert len(desk.receiver.told) == len(set(desk.receiver.told)) == 30


def test_who_looked_before_somebody_else_told_it_tells_nothing() -> None:
    desk = Desk("consent.*")
    desk.scene.person()
    before, horizon = desk.hook, desk.scene.store.hooks.horizon()
    desk.all()
    late = asyncio.run(desk.another()._look(before, horizon, desk.scene.now))

    assert late == Relayed()
    assert len(desk.receiver.told) == 1


def test_who_fails_for_three_days_is_told_nothing_more_until_it_is_switched_on() -> None:
    desk = Desk("consent.*")
    desk.scene.person()
    desk.receiver.answer = lambda _: Lost("it could not be reached", left=False)
    disabled: tuple[Hook, ...] = ()
    asked = 0
    while not disabled:
        disabled = desk.look().disabled
        asked += 1
        desk.scene.now = max(desk.hook.due, desk.scene.now + SECOND)
        assert asked < 60

    assert disabled[0].disabled.startswith("It has failed for three days")
    assert "it could not be reached" in disabled[0].disabled
    assert desk.look() == Relayed()
    assert 10 < asked < 40
    desk.receiver.answer = lambda _: Response(200, b"")
    desk.managing.change("h1", disabled="", due=0, failing=0, attempts=0)
    desk.all()
    assert desk.receiver.told[-1] == ("consent.granted", "ada")
    assert desk.hook.told == 1


def test_who_is_gone_is_told_nothing_more_at_once() -> None:
    desk = Desk("consent.*")
    desk.scene.person()
    desk.receiver.answer = lambda _: Response(410, b"")

    (off,) = desk.look().disabled
    assert "410" in off.disabled


def test_nobody_is_followed_to_another_address() -> None:
    desk = Desk("consent.*")
    desk.scene.person()
    desk.receiver.answer = lambda _: Response(302, b"", {"location": "http://127.0.0.1/"})
    desk.look()

    assert desk.hook.reason == "it sends us to another address, which is not followed"


def test_whoever_had_something_of_a_person_is_told_that_they_are_forgotten() -> None:
    desk = Desk("person.erased")
    desk.scene.person()
    desk.scene.take(Erased("gone", "ada", desk.scene.now, 0))
    desk.all()

    assert desk.receiver.told == [("person.erased", "ada")]
    desk.all()
    assert len(desk.receiver.told) == 1


def test_people_who_become_one_are_told_of(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'wayline.db'}")
    desk = Desk("person.merged", store=store)
    desk.scene.person()
    desk.scene.person("anonymous:7")
    desk.scene.take(MergeAsked("m", "anonymous:7", desk.scene.now, 0, "ada", "login"))
    desk.all()

    (told,) = [orjson.loads(each.body)["data"] for each in desk.receiver.got]
    assert told == {"person": "ada", "merged": "anonymous:7", "by": "login"}
    store.close()


def test_while_secrets_change_both_sign_for_a_day() -> None:
    desk = Desk("consent.*")
    before = desk.signing.secret(desk.hook)
    rotated = desk.managing.rotate("h1", desk.scene.now)
    assert rotated is not None
    after = desk.signing.secret(rotated)
    desk.scene.person()
    desk.all()
    desk.scene.after(2 * DAY)
    desk.scene.event("consent_withdrawn", category="promotional")
    desk.all()

    assert before != after
    early, late = desk.receiver.got
    for request, secrets in ((early, (before, after)), (late, (after,))):
        assert len(request.headers["webhook-signature"].split()) == len(secrets)
        for secret in secrets:
            _now(dict(request.headers), standardwebhooks.Webhook(secret), request.body)


def test_a_new_secret_of_the_daemon_leaves_receivers_as_they_are() -> None:
    desk = Desk("consent.*")
    secret = desk.signing.secret(desk.hook)
    later = Signing(b"a new one", [SECRET])
    headers = dict(later.headers(desk.hook, "msg_1", b"{}", desk.scene.now))

    _now(headers, standardwebhooks.Webhook(secret), b"{}")
    assert later.secret(desk.hook) != secret


def test_a_trial_says_what_stands_in_the_way() -> None:
    desk = Desk()
    assert asyncio.run(desk.relay.try_out(desk.hook, desk.scene.now)) == ""
    desk.receiver.answer = lambda _: Response(401, b"")
    assert asyncio.run(desk.relay.try_out(desk.hook, desk.scene.now)) == "it answers 401"
    assert desk.receiver.told[0] == ("webhook.test", "")


@pytest.mark.parametrize(
    ("wanted", "sort", "is_wanted"),
    [
        (["*"], "person.erased", True),
        (["message.*"], "message.sent", True),
        (["message.*"], "journey.left", False),
        (["journey.left"], "journey.left", True),
    ],
)
def test_what_is_wanted(wanted: list[str], sort: str, is_wanted: bool) -> None:
    assert wants(wanted, sort) is is_wanted


def test_what_cannot_be_told_is_found_out() -> None:
    assert unknown_sorts([*SORTS, "message.*", "*"]) == []
    assert unknown_sorts(["message.read", "messages.*", ""]) == ["message.read", "messages.*", ""]

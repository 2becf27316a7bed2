"""How complaints about our domains are told: in metrics, in the log, by the doctor, on the command
line; and counted where providers tell them.
"""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from channels.memory import MemoryAdapter
from channels.receipts import Answered, Incoming, NotGenuine, Report, complaint
from dsl.calendar import DAY, Instant
from engine.cli.main import wayline
from engine.clock import SystemClock
from engine.dispatcher.carriers import Carrier, receivers_of
from engine.dispatcher.judged import Judged
from engine.dispatcher.reputation import Reputations
from engine.doctor.channels import judged
from engine.metrics import Metrics
from engine.store import open_store
from engine.store.memory import MemoryStore
from tests.engine.dispatcher.post import Post

NOW: Instant = 1_772_355_600_000_000
SHOP = "shop.example"


class Log:
    """Remembers what was said."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []

    def __getattr__(self, level: str) -> Any:
        return lambda event, **_: self.said.append((level, event))


def test_what_is_new_is_told_once() -> None:
    store, metrics, log = MemoryStore(), Metrics(), Log()
    counted = Reputations(store.gates)
    looking = Judged(store, [SHOP, ""], metrics, log)
    looking.look_once(NOW)
    nothing = counted.known(NOW)
    counted.count({SHOP: 10_000}, {SHOP: 12}, NOW)
    for _ in range(3):
        looking.look_once(NOW)
    counted.count({}, {SHOP: 30}, NOW)
    for _ in range(3):
        looking.look_once(NOW)
    told = metrics.text().decode()
    looking.look_once(NOW + 8 * DAY)

    assert nothing == []
    assert [level for level, _ in log.said] == ["warning", "error", "warning"]
    assert 'wayline_complaint_rate{domain="shop.example",window="24 hours"} 0.0042' in told
    assert 'wayline_promotional_stopped{domain="shop.example"} 1.0' in told
    after = metrics.text().decode()
    assert 'wayline_promotional_stopped{domain="shop.example"} 0.0' in after


def test_the_doctor_says_what_waits_and_what_comes_near_it() -> None:
    store = MemoryStore()
    counted = Reputations(store.gates)
    well = judged(store, NOW)
    counted.count({SHOP: 10_000, "news.example": 10_000}, {SHOP: 42, "news.example": 11}, NOW)

    near, waits = judged(store, NOW)
    assert well == []
    assert (near.level, near.area) == ("note", "domains")
    assert near.says == "Complaints about news.example are at 0.11% (11 of 10,000) in 24 hours."
    assert waits.level == "problem"
    assert "0.42% (42 of 10,000) in 24 hours" in waits.says
    assert waits.fix.endswith("wayline complaints --resume shop.example")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(wayline, ["complaints", *arguments], catch_exceptions=False)


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store in which a domain is stopped."""
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:///{tmp_path / 'wayline.db'}"
    with closing(open_store(url)) as store:
        Reputations(store.gates).count({SHOP: 10_000}, {SHOP: 42}, SystemClock().now())
    return url


def test_an_operator_sees_the_rates(url: str) -> None:
    plain, data = run("--store", url), json.loads(run("--store", url, "--json").output)

    assert "24 hours: 0.42% (42 of 10,000)" in plain.output
    assert "stopped: what needs consent waits" in plain.output
    (found,) = data
    assert (found["domain"], found["state"]) == (SHOP, "stopped")
    assert found["rates"]["7 days"] == {"delivered": 10_000, "complained": 42, "rate": 0.0042}


def test_an_operators_word_is_written_down(url: str) -> None:
    result = run("--store", url, "--resume", "Shop.Example")

    assert result.exit_code == 0
    assert "resumed by" in result.output
    with closing(open_store(url)) as store:
        ((_, noted),) = store.deeds.read()
    assert noted.what == "complaints resume"
    assert noted.about == {"domain": SHOP, "was": "0.42% (42 of 10,000) in 24 hours"}
    assert "stopped" not in run("--store", url).output


def test_a_domain_that_nobody_knows_is_none(url: str) -> None:
    result = run("--store", url, "--resume", "elsewhere.example")

    assert result.exit_code == 2
    assert "known are shop.example" in result.output
    with closing(open_store(url)) as store:
        assert store.deeds.read() == []


def test_where_nothing_was_sent_there_is_nothing_to_say(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'wayline.db'}"
    open_store(url).close()

    assert run("--store", url).output == "Nothing was handed over from any domain lately.\n"


# ------------------------------------------------------------------------------ who told it


class Hearing(Post):
    """An adapter whose provider tells of a complaint."""

    def __init__(self, **more: Any) -> None:
        super().__init__("email", **more)
        self.receiver = self

    def read(self, incoming: Incoming, now: Instant) -> Answered | NotGenuine:
        if incoming.body != b"sesame":
            return NotGenuine("no")
        return Answered([complaint("d1", "k", now, "us"), Report("d1", "delivered", "k2", now)])


def test_reports_say_by_whom_they_were_told_and_of_which_domain() -> None:
    carriers = {"email": [Carrier("email/ses", Hearing(domain=SHOP))], "sms": []}
    heard = receivers_of({**carriers, "push": [Carrier("push/x", MemoryAdapter())]})
    (receiver,) = heard["email"]
    found = receiver.read(Incoming("POST", "", {}, b"sesame"), NOW)

    assert heard["sms"] == heard["push"] == []
    assert isinstance(found, Answered)
    first, second = found.reports
    assert (first.domain, first.rule) == (SHOP, "a complaint, told by email/ses")
    assert (second.domain, second.rule) == (SHOP, "")
    assert isinstance(receiver.read(Incoming("POST", "", {}, b"x"), NOW), NotGenuine)


def test_what_was_long_ago_is_forgotten() -> None:
    store = MemoryStore()
    Reputations(store.gates).count({SHOP: 10_000}, {SHOP: 42}, NOW)
    store.gates.prune(NOW + 7 * DAY)
    (kept,) = Reputations(store.gates).known(NOW + 6 * DAY)
    store.gates.prune(NOW + 10 * DAY)

    assert kept.rates["7 days"].complained == 42
    assert Reputations(store.gates).known(NOW + 10 * DAY) == []

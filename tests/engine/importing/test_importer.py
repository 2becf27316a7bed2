"""Every line counts once, whatever happens; and what was said elsewhere needs its proof."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from channels.content.library import Library
from dsl.calendar import DAY
from engine.core.past import is_past
from engine.core.program import Program
from engine.importing import Report
from engine.importing import importer as module
from engine.operator import OperatorError
from engine.runner import Runner
from engine.store import open_store
from engine.store.protocol import Store
from tests.engine.importing.grounds import (
    NOW,
    brought_in,
    importer,
    lines_of_json,
    project,
    table,
    told,
)

PEOPLE = "user_id,first_name,email,tier,visits"
ORDERS = "customer_id,order_id,total,time"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'wayline.db'}")
    yield opened
    opened.close()


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines in a transaction."""
    monkeypatch.setattr(module, "LINES", 7)


def settle(store: Store) -> None:
    shop = project()
    runner = Runner(store, Program.of(shop, Library({}, ("en",), lambda _: "")))
    while runner.run_once(NOW + DAY).people:
        pass


def orders_of(store: Store, people: Sequence[str]) -> dict[str, list[str]]:
    views = store.people(people, ["purchase"])
    return {
        name: [each.properties["order_id"] for each in view.history["purchase"]]
        for name, view in views.items()
    }


def test_people_of_a_file_are_known_and_nothing_waits(store: Store, tmp_path: Path) -> None:
    path = table(
        tmp_path / "p.csv", PEOPLE, *(f"p{n},N,p{n}@shop.example,gold,{n}" for n in range(50))
    )
    report = brought_in(store, path)

    assert (report.lines, report.new, report.written, report.waiting) == (50, 50, 50, 0)
    assert store.next_wake() is None
    assert store.people(["p7"], [])["p7"].profile.attributes["visits"] == 7


def test_a_line_about_somebody_who_is_known_is_merged_into_what_is(
    store: Store, tmp_path: Path, few: None
) -> None:
    rows = [f"p{n % 10},N{n},,,{n}" for n in range(40)]
    report = brought_in(store, table(tmp_path / "p.csv", PEOPLE, "p3,Ada,,silver,", *rows))
    settle(store)

    assert (report.new, report.written + report.waiting) == (10, 41)
    attributes = store.people(["p3"], [])["p3"].profile.attributes
    assert attributes == {"first_name": "N33", "visits": 33, "tier": "silver"}


def test_what_people_did_is_history_with_its_own_times(store: Store, tmp_path: Path) -> None:
    rows = ["ada,o1,19.90,2024-03-01T10:00:00Z", "ada,o2,5,2023-03-01 10:00", "bob,o3,1 EUR,x"]
    path = table(tmp_path / "o.csv", ORDERS, *rows, "cy,o4,1,")
    report = brought_in(store, path, "events", event="purchase", zone="Europe/Berlin")

    assert (report.new, report.written, report.refused) == (1, 2, 2)
    assert orders_of(store, ["ada"]) == {"ada": ["o2", "o1"]}
    history = store.people(["ada"], ["purchase"])["ada"].history["purchase"]
    assert history[0].occurred == 1677661200 * 1_000_000
    assert history[1].properties == {"order_id": "o1", "total": 1990}
    reasons = dict(told(path))
    assert reasons[4].startswith('"time" is not a date and time')
    assert reasons[5].startswith("Nothing says when this happened")


def test_the_same_event_in_two_files_is_one(store: Store, tmp_path: Path) -> None:
    """The second file is the first, mended."""
    good = [f"p{n},o{n},{n}.00,2024-03-01T10:00:00Z" for n in range(20)]
    first = brought_in(
        store, table(tmp_path / "a.csv", ORDERS, *good, "ada,o1,?,2024"), "events", event="purchase"
    )
    mended = table(tmp_path / "b.csv", ORDERS, "ada,o1,1,2024-01-01T00:00:00Z", *good)
    second = brought_in(store, mended, "events", event="purchase")

    assert (first.written, first.refused) == (20, 1)
    assert (second.written, second.repeated) == (1, 20)


def test_calls_in_the_segment_spec_say_themselves_what_they_are(
    store: Store, tmp_path: Path
) -> None:
    long_ago = "2020-03-01T10:00:00Z"
    order = {"order_id": "o1", "total": 5}
    calls: list[dict[str, Any]] = [
        {"type": "identify", "userId": "ada", "traits": {"tier": "gold", "shoe": 42}},
        {
            "type": "track",
            "userId": "ada",
            "event": "Order Completed",
            "properties": order,
            "messageId": "m1",
            "timestamp": long_ago,
            "sentAt": long_ago,
        },
        {"type": "track", "userId": "ada", "event": "Order Completed", "properties": order},
    ]
    path = lines_of_json(tmp_path / "calls.ndjson", [*calls, calls[1]])
    report = brought_in(store, path)

    assert (report.written + report.waiting, report.repeated, report.refused) == (2, 1, 1)
    assert report.ignored == {"shoe": 1}
    settle(store)
    view = store.people(["ada"], ["purchase"])["ada"]
    assert [each.occurred for each in view.history["purchase"]] == [1583056800 * 1_000_000]


def test_a_file_that_was_brought_in_is_known_again(store: Store, tmp_path: Path) -> None:
    path = table(tmp_path / "p.csv", PEOPLE, "ada,Ada,,gold,1")
    brought_in(store, path)

    assert importer(path).begun(store).done
    assert not importer(path).begun(store, again=True).done
    with pytest.raises(OperatorError, match="in another way"):
        importer(path, given={"tier": ""}).begun(store)
    table(path, PEOPLE, "ada,Ada,,gold,2")
    assert not importer(path).begun(store).done


class _Killed(Exception):
    pass


@pytest.mark.parametrize("after", [False, True], ids=["before a commit", "after a commit"])
def test_whoever_is_killed_goes_on_without_doubling(
    store: Store, tmp_path: Path, few: None, monkeypatch: pytest.MonkeyPatch, *, after: bool
) -> None:
    rows = [
        f"p{n % 40},o{n},?,x" if n % 9 == 0 else f"p{n % 40},o{n},1,2024-01-01T00:00:00Z"
        for n in range(100)
    ]
    path = table(tmp_path / "o.csv", ORDERS, *rows)
    bring, chance = store.imports.bring, random.Random(after)

    def dies(*given: Any) -> Any:
        if chance.random() < 0.3 and not after:
            raise _Killed
        done = bring(*given)
        if chance.random() < 0.3 and after:
            raise _Killed
        return done

    monkeypatch.setattr(store.imports, "bring", dies)
    killed = 0
    report = Report()
    while not report.done:
        try:
            report = brought_in(store, path, "events", event="purchase")
        except _Killed:
            killed += 1
            report = importer(path, "events", event="purchase").begun(store)
    settle(store)

    assert killed > 2
    found = orders_of(store, [f"p{n}" for n in range(40)])
    assert sorted(each for orders in found.values() for each in orders) == sorted(
        f"o{n}" for n in range(100) if n % 9
    )
    assert [line for line, _ in told(path)] == [n + 2 for n in range(100) if n % 9 == 0]
    assert (report.lines, report.refused, report.new) == (100, 12, 40)
    assert report.written + report.waiting == 88


def test_nothing_is_kept_of_a_dry_run(store: Store, tmp_path: Path) -> None:
    path = table(tmp_path / "p.csv", PEOPLE, "ada,Ada,,gold,1", "bob,B,,bronze,")
    made = importer(path)
    report = made.run(None, Report(), lambda: NOW)

    assert (report.written, report.refused) == (1, 1)
    assert store.people(["ada"], []) == {}
    assert store.imports.marks() == {}


def test_it_is_news_only_if_that_is_said(store: Store, tmp_path: Path) -> None:
    path = table(tmp_path / "p.csv", PEOPLE, "ada,Ada,,gold,1")
    brought_in(store, path, starts=True)

    with store.batch() as batch:
        (arrival,) = batch.load(["ada"], NOW)["ada"].pending
    assert not is_past(arrival)


def test_attributes_come_from_where_it_is_said(store: Store, tmp_path: Path) -> None:
    path = table(tmp_path / "p.csv", PEOPLE, "ada,Ada,a@shop.example,gold,1")
    brought_in(store, path, origin="partner")

    dossier = store.dossier("ada")
    assert dossier is not None
    assert {each.origin for each in dossier.origins.values()} == {"partner"}


def test_of_a_refused_line_nothing_personal_is_written_down(store: Store, tmp_path: Path) -> None:
    head = "user_id,first_name,email,phone,tier,visits,note"
    row = "secret-id,Ada,ada@shop.example,+49 30 901820,gold,many,rang twice"
    path = table(tmp_path / "p.csv", head, row)
    brought_in(store, path)

    text = (tmp_path / "p.csv.rejected.ndjson").read_text(encoding="utf-8")
    assert '"tier":"gold"' in text
    assert '"visits":"many"' in text
    for word in ("secret", "Ada", "ada@", "901820", "rang"):
        assert word not in text


CONSENTS = "user_id,word,category,channel,when,source,wording"


def test_consent_is_taken_with_its_proof(store: Store, tmp_path: Path) -> None:
    row = "ada,granted,promotional,email,2024-03-01T10:00:00Z,shop.example/news,v3"
    report = brought_in(store, table(tmp_path / "c.csv", CONSENTS, row), "consents")
    settle(store)

    assert (report.waiting, report.refused) == (1, 0)
    (entry,) = store.consents("ada")
    assert (entry.word, entry.method, entry.source, entry.wording) == (
        "granted",
        "import",
        "shop.example/news",
        "v3",
    )
    assert store.people(["ada"], [])["ada"].profile.consents["promotional/email"] == entry.occurred


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("ada,granted,promotional,email,,form,v3", "needs its proof: when it was given"),
        ("ada,granted,promotional,email,2024-03-01T10:00:00Z,,v3", "the form, list or contract"),
        ("ada,granted,promotional,email,2024-03-01T10:00:00Z, ,v3", "the form, list or contract"),
        ("ada,granted,,email,2024-03-01T10:00:00Z,form,", '"category" is required'),
        ("ada,granted,fun,email,2024-03-01T10:00:00Z,form,", 'The policy has no category "fun"'),
        ("ada,granted,promotional,fax,2024-03-01T10:00:00Z,form,", "The policy has no channel"),
        ("ada,maybe,promotional,email,2024-03-01T10:00:00Z,form,", "must be one of: granted"),
        ("ada,,promotional,email,2024-03-01T10:00:00Z,form,", "must be one of: granted"),
    ],
)
def test_consent_without_proof_is_refused(
    store: Store, tmp_path: Path, row: str, words: str
) -> None:
    path = table(tmp_path / "c.csv", CONSENTS, row)
    brought_in(store, path, "consents")

    assert words in dict(told(path))[2]
    assert store.consents("ada") == []


def test_who_does_not_want_any_more_needs_no_proof(store: Store, tmp_path: Path) -> None:
    path = table(tmp_path / "c.csv", "user_id,category", "ada,*")
    report = brought_in(store, path, "consents", event="withdrawn")
    settle(store)

    assert report.refused == 0
    assert [(each.word, each.occurred) for each in store.consents("ada")] == [("withdrawn", NOW)]


def test_consent_among_other_events_needs_the_same_proof(store: Store, tmp_path: Path) -> None:
    call = {
        "type": "track",
        "userId": "ada",
        "event": "consent_granted",
        "timestamp": "2024-03-01T10:00:00Z",
        "properties": {"category": "promotional", "method": "form"},
    }
    path = lines_of_json(tmp_path / "c.ndjson", [call])
    brought_in(store, path)

    assert "needs its proof" in dict(told(path))[1]


def test_no_attribute_is_ever_a_consent(store: Store, tmp_path: Path) -> None:
    brought_in(store, table(tmp_path / "p.csv", PEOPLE, "ada,Ada,a@shop.example,gold,1"))
    settle(store)

    assert store.consents("ada") == []
    assert store.people(["ada"], [])["ada"].profile.consents == {}

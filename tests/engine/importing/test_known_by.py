"""Files about people of whom there is an address only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from channels.content.library import Library
from dsl.calendar import DAY
from engine.core.program import Program
from engine.importing import Report
from engine.operator import OperatorError
from engine.runner import Runner
from engine.store import open_store
from engine.store.memory import MemoryStore
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

ADDRESSES = ("email", "phone")


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    memory = request.param == "memory"
    opened: Store = MemoryStore() if memory else open_store(f"sqlite:///{tmp_path / 'w.db'}")
    yield opened
    opened.close()


def settle(store: Store) -> None:
    runner = Runner(store, Program.of(project(*ADDRESSES), Library({}, ("en",), lambda _: "")))
    for at in range(NOW + DAY, NOW + DAY + 5):
        while runner.run_once(at).people:
            pass


def names(store: Store, person: str) -> list[str]:
    return sorted(each.person for each in store.names(person))


def test_a_list_of_addresses_is_a_list_of_people(store: Store, tmp_path: Path) -> None:
    path = table(tmp_path / "p.csv", "E-mail,first_name", "Ada@Shop.Example,Ada", "bob@x.example,")
    report = brought_in(store, path, identifiers=("email",))

    assert (report.lines, report.new, report.refused) == (2, 2, 0)
    view = store.people(["email:ada@shop.example"], ())["email:ada@shop.example"]
    assert view.profile.attributes == {"first_name": "Ada"}
    assert view.profile.addresses == {"email": "Ada@Shop.Example"}


def test_where_nobody_is_known_by_an_address_nothing_says_whose_a_line_is(tmp_path: Path) -> None:
    path = table(tmp_path / "p.csv", "email,first_name", "ada@shop.example,Ada")

    with pytest.raises(OperatorError, match='"identifiers: email" in the tracking plan'):
        importer(path)


def test_a_list_with_ids_says_whose_the_addresses_are(store: Store, tmp_path: Path) -> None:
    """Whoever was known by one becomes the person, in whichever order the files come."""
    mails = table(tmp_path / "mails.csv", "email,tier", "ada@shop.example,gold", "eve@x.example,")
    ids = table(
        tmp_path / "ids.csv",
        "user_id,email,phone,first_name",
        "ada,ADA@shop.example,+49 30 901820,Ada",
        "bob,,030 12345,Bob",
    )
    first = brought_in(store, mails, identifiers=ADDRESSES)
    settle(store)
    second = brought_in(store, ids, identifiers=ADDRESSES)
    settle(store)
    third = brought_in(
        store,
        table(tmp_path / "late.csv", "phone,visits", "0049 30 901820,7"),
        identifiers=ADDRESSES,
    )
    settle(store)

    counts = [(each.new, each.written, each.waiting) for each in (first, second, third)]
    assert counts == [(2, 2, 0), (2, 2, 0), (0, 0, 1)]
    assert names(store, "ada") == ["email:ada@shop.example", "phone:+4930901820"]
    profile = store.people(["ada"], ())["ada"].profile
    assert profile.attributes == {"first_name": "Ada", "tier": "gold", "visits": 7}
    assert names(store, "bob") == []


def test_what_is_brought_in_twice_is_there_once(store: Store, tmp_path: Path) -> None:
    path = table(tmp_path / "p.csv", "user_id,email", "ada,ada@shop.example")
    brought_in(store, path, identifiers=ADDRESSES)
    settle(store)
    report = importer(path, identifiers=ADDRESSES).run(store, Report(), lambda: NOW)

    assert (report.new, report.waiting, report.repeated) == (0, 0, 1)


def test_what_people_did_is_told_by_their_addresses(store: Store, tmp_path: Path) -> None:
    """Two who did the same at the same moment are two."""
    orders = table(
        tmp_path / "o.csv",
        "email,order_id,total,time",
        "ada@shop.example,o-1,10,2026-04-01T09:00:00Z",
        "bob@shop.example,o-1,10,2026-04-01T09:00:00Z",
        ",o-2,10,2026-04-01T09:00:00Z",
    )
    consents = table(
        tmp_path / "c.csv",
        "email,category,source,when",
        "ada@shop.example,promotional,shop.example/news,2026-04-01T09:00:00Z",
    )
    for _ in range(2):
        brought_in(store, orders, "events", event="purchase", identifiers=ADDRESSES)
    agreed = brought_in(store, consents, "consents", event="granted", identifiers=ADDRESSES)
    settle(store)

    assert [*told(orders)] == [(4, 'This line is about nobody: there is nothing in "email".')]
    assert agreed.refused == 0
    found = store.people(["email:ada@shop.example", "email:bob@shop.example"], ["purchase"])
    assert [len(view.history["purchase"]) for view in found.values()] == [1, 1]
    assert found["email:ada@shop.example"].profile.consents
    beside = orders.with_name("o.csv.rejected.ndjson").read_text("utf-8")
    assert "shop.example" not in beside


def test_calls_in_a_file_are_heard_by_their_addresses(store: Store, tmp_path: Path) -> None:
    calls = [
        {"type": "identify", "traits": {"email": f"{name}@shop.example", "first_name": name}}
        for name in ("ada", "bob")
    ]
    report = brought_in(store, lines_of_json(tmp_path / "p.ndjson", calls), identifiers=ADDRESSES)

    assert (report.new, report.refused) == (2, 0)

"""A person's data, whole: nothing that a store keeps of somebody is left out of what they get."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from dsl.calendar import SECOND
from dsl.expr.context import Happened
from dsl.project import Folder
from engine.api.v1.shapes.people import ExportedPerson
from engine.cli.main import wayline
from engine.core.aside import Aside
from engine.core.changes import Merge
from engine.core.decision import Decision
from engine.core.learning import Assignment
from engine.core.origins import Origin
from engine.core.profile import Contact, Preferences, Profile
from engine.core.signals import Erased, EventArrived, ProfileChanged, ReceiptArrived
from engine.core.strays import Stray
from engine.deploy import deploy_folder
from engine.people.dossier import VERSION, written
from engine.store import open_store
from engine.store.protocol import Changes, Store
from engine.store.sql.tables import metadata_of_schema
from engine.store.testing.samples import (
    NUMBERLESS,
    call,
    commit,
    delivery,
    event,
    process,
    run,
    unfinished,
)
from tests.engine.scene import SHOP, compiled, journey

FILES = {**SHOP, "journeys/0.yaml": journey("  - {id: hello, send: hello, to: email}")}
AT = 1_772_355_600 * SECOND  # 2026-03-01 09:00 UTC
PERSONAL = {
    name
    for name, table in metadata_of_schema().tables.items()
    if "person" in table.columns or name in {"people", "contents"}
} - {"numbers"}  # an index: they stand among the addresses


def _live(store: Store) -> None:
    """Something in every table that knows people, marked with the name of the table."""

    def mark(table: str) -> str:
        return f"mark-{table}."

    happened = Happened("purchase", AT, AT, NUMBERLESS, {"total": 990, "cart_id": mark("log")})
    store.append(
        [
            EventArrived("e1", "ada", happened),
            ProfileChanged("p1", "ada", AT, NUMBERLESS, {"x": mark("log of changes")}, {}),
            ReceiptArrived("r1", "ada", AT, NUMBERLESS, "d1", "opened", mark("receipt"), AT),
        ]
    )
    odd = {"type": "track", "userId": "ada", "event": mark("strays")}
    store.strays.keep({}, [Stray("s1", "ada", "Tour", AT, odd)], AT)
    agreed = {"category": "promotional", "method": "form", "source": mark("consents")}
    store.append([event("a1", "anonymous:1", received=AT)])
    store.append([event("c1", received=AT, name="consent_granted", properties=agreed)])
    said = [each for each in process(store, AT) if each.id == "c1"]
    texts = {"subject": mark("contents")}
    assigned = Assignment(
        "a1", "ada", "welcome", "r1", "s", "s", mark("assignments"), 1, 0.5, AT, AT
    )
    commit(
        store,
        Changes(
            profiles=[
                Profile(
                    "ada",
                    {"first_name": mark("people")},
                    {"email": "ada@example.com"},
                    {"promotional/*": AT, "service/sms": -AT},
                    (Contact("d1", AT, None, "email", "promotional", "welcome"),),
                    frozenset({"old@example.com"}),
                    {"vip": True, "new": False},
                    preferences=Preferences(2, None, AT),
                )
            ],
            runs=[
                run("r1", due=AT, state="hello", variables={"v": mark("standings")}),
                run("r0", status="closed", left=AT, variables={"v": mark("closed_runs")}),
            ],
            deliveries=[
                delivery("d1", parts=texts, run="r1", decided=AT, due=AT),
                delivery(mark("deliveries"), unfinished=unfinished(values={"k": "half"})),
            ],
            calls=[call("c1", values={"q": mark("calls")})],
            decisions=[
                Decision("ada", AT, "not entered", "re-enter", "welcome", detail=mark("decisions"))
            ],
            assignments=[assigned],
            consents=[each for each in said if isinstance(each, EventArrived)],
            origins={"ada": {mark("origins"): Origin(AT), "email address": Origin(5, "partner")}},
        ),
    )
    commit(
        store, Changes(merges=[Merge("anonymous:1", "ada", AT, mark("merges"))]), ["anonymous:1"]
    )
    commit(store, Changes(aside=[Aside("ada", AT, mark("set_aside"))]))
    store.append([event(mark("inbox"), received=AT), event("theirs", "bob")])


@pytest.fixture
def lived(store: Store) -> Store:
    _live(store)
    return store


def _export(store: Store) -> tuple[str, dict[str, Any]]:
    dossier = store.dossier("ada")
    assert dossier is not None
    text = b"".join(written(dossier, compiled(FILES), AT)).decode()
    return text, json.loads(text)


def test_every_table_that_knows_people_is_in_it(url: str, store: Store) -> None:
    """A new table with a column for the person fails here until it is exported."""
    _live(store)
    text, _ = _export(store)
    kept = PERSONAL if url != "memory:" else PERSONAL - {"set_aside"}

    assert {table for table in kept if f"mark-{table}." not in text} == set()
    assert ("mark-log of changes." in text) == (url != "memory:")
    assert "theirs" not in text
    assert "bob" not in text


def test_it_says_what_it_is_and_of_when(lived: Store) -> None:
    _, data = _export(lived)

    assert list(data) == [*ExportedPerson.model_fields]
    assert list(data) == [
        "form", "version", "exported", "person", "profile", "origins", "set_aside", "story",
        "consent_texts", "names", "consents", "arrivals", "runs", "deliveries", "decisions", "calls",
        "assignments", "kept_aside",
    ]  # fmt: skip
    assert (data["form"], data["version"], data["exported"]) == (
        "wayline person",
        VERSION,
        "2026-03-01T09:00:00Z",
    )


def test_it_has_the_form_that_the_document_of_the_api_says(lived: Store) -> None:
    """Nothing more and nothing less, so that who reads it by program can rely on it."""
    text, data = _export(lived)
    read = ExportedPerson.model_validate_json(text, strict=False)

    assert read.model_dump(mode="json").keys() == data.keys()
    assert read.version == VERSION
    assert read.origins.attributes["mark-origins."].origin == "told"
    assert read.origins.addresses["email"].origin == "partner"


def test_it_is_written_for_people(lived: Store) -> None:
    _, data = _export(lived)

    assert data["profile"]["consents"] == [
        {
            "category": "promotional",
            "channel": None,
            "granted": True,
            "at": "2026-03-01T09:00:00Z",
            "basis": "consent",
        },
        {
            "category": "service",
            "channel": "sms",
            "granted": False,
            "at": "2026-03-01T09:00:00Z",
            "basis": "consent",
        },
    ]
    (word,) = data["consents"]
    assert (word["word"], word["method"], word["source"]) == ("granted", "form", "mark-consents.")
    assert word["received"] == "2026-03-01T09:00:00Z"
    assert data["profile"]["preferences"] == {
        "at_most_per_week": 2,
        "paused_until": None,
        "said": "2026-03-01T09:00:00Z",
    }
    assert data["profile"]["segments"] == ["vip"]
    assert data["profile"]["suppressed"] == ["old@example.com"]
    first = next(each for each in data["arrivals"] if each["kind"] == "event")
    assert (first["name"], first["occurred"]) == ("purchase", "2026-03-01T09:00:00Z")
    assert first["waiting"] is False
    assert data["arrivals"][-1]["waiting"] is True
    assert data["deliveries"][0]["parts"] == {"subject": "mark-contents."}
    lines = [line["text"] for day in data["story"]["days"] for line in day["lines"]]
    assert any("€9.90" in line for line in lines)
    assert any("not again so soon" in line for line in lines)


def test_without_a_project_the_story_is_not_told_and_all_else_is(lived: Store) -> None:
    dossier = lived.dossier("ada")
    assert dossier is not None
    data = json.loads(b"".join(written(dossier, None, AT)))

    assert data["story"] is None
    assert data["decisions"][0]["detail"] == "mark-decisions."


def test_of_who_was_never_heard_of_or_is_forgotten_there_is_nothing(lived: Store) -> None:
    lived.append([Erased("wish", "ada", AT + 1, NUMBERLESS)])
    with lived.batch() as batch:
        pending = batch.load(["ada"], AT + 9)["ada"].pending
        (wish,) = [each for each in pending if isinstance(each, Erased)]
        batch.commit(Changes(processed=[wish.number], erased={"ada": wish.number}))

    assert lived.dossier("ada") is None
    assert lived.dossier("nobody") is None


def test_the_command_writes_the_same(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'wayline.db'}"
    store = open_store(url)
    deploy_folder(store, Folder(FILES, ()), 1)
    _live(store)
    expected = _export(store)[1]
    store.close()

    told = CliRunner().invoke(wayline, ["export", "ada", "--store", url])
    nobody = CliRunner().invoke(wayline, ["export", "eve", "--store", url])

    assert {**json.loads(told.stdout), "exported": ""} == {**expected, "exported": ""}
    assert (nobody.exit_code, nobody.stdout) == (1, "")
    assert 'Nobody called "eve"' in nobody.stderr

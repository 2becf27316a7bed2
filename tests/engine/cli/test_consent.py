"""``wayline consent``: what somebody agreed to, and what may be sent to them, now and then."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result

from dsl.calendar import Instant, from_datetime
from dsl.project import Folder
from engine.cli.main import wayline
from engine.core.profile import Profile
from engine.deploy import deploy_folder
from engine.ingest import Intake
from engine.operator import OperatorError
from engine.people.ledger import as_text, consents_in, moment_of
from engine.runner import Runner
from engine.store import open_store
from engine.store.protocol import Changes
from engine.store.testing.samples import commit, event
from tests.engine.scene import SHOP, program_of
from tests.papers import guide

BERLIN = ZoneInfo("Europe/Berlin")
FILES = {
    **SHOP,
    "policy.yaml": SHOP["policy.yaml"].replace(
        "promotional: {consent: required}",
        "promotional: {consent: required}\n"
        "  similar: {consent: required, existing customers: yes}\n"
        "  letters: {consent: visits > 3}",
    ),
}


def at(text: str) -> Instant:
    return from_datetime(datetime.fromisoformat(text).replace(tzinfo=BERLIN))


@pytest.fixture
def store(tmp_path: Path) -> str:
    """Ada has agreed, bought, withdrawn by telephone, and asked again."""
    url = f"sqlite:///{tmp_path / 'wayline.db'}"
    opened = open_store(url)
    deploy_folder(opened, Folder(FILES, ()), 1)
    form = {"method": "form", "source": "shop.example/news", "wording": "v3"}
    sale = {"basis": "existing customer", "sale": "4711", "channel": "email"}
    for number, (name, said, heard, more) in enumerate(
        (
            (
                "granted",
                "2026-03-02 10:00",
                "2026-03-02 10:00",
                {"category": "promotional", **form},
            ),
            ("granted", "2026-03-09 18:30", "2026-03-09 18:30", {"category": "similar", **sale}),
            (
                "withdrawn",
                "2026-04-30 11:15",
                "2026-05-04 09:00",
                {"category": "*", "channel": "sms", "method": "telephone", "actor": "Bo"},
            ),
            (
                "granted",
                "2026-05-05 09:00",
                "2026-05-05 09:00",
                {"category": "promotional", "method": "import"},
            ),
            (
                "requested",
                "2026-05-06 09:00",
                "2026-05-06 09:00",
                {"category": "promotional", "channel": "sms"},
            ),
        )
    ):
        said_at, heard_at = at(said), at(heard)
        opened.append(
            [
                event(
                    f"c{number}", "ada", heard_at, name=f"consent_{name}", occurred=said_at, properties=more
                )
            ]
        )  # fmt: skip
    Runner(opened, program_of(FILES)).run_once(at("2026-05-07 09:00"), 10)
    opened.close()
    return url


def run(*arguments: str) -> Result:
    return CliRunner().invoke(wayline, ["consent", *arguments])


def test_it_is_told_in_words(store: str) -> None:
    told = run("ada", "--store", store, "--at", "2026-05-06", "--known-at", "2026-05-06").stdout

    assert (
        told
        == """\
ada, as of 6 May 2026, 23:59 (Europe/Berlin)

What was said
  2 March 2026, 10:00   agreed to promotional
                        by form, at shop.example/news, with the words v3
  9 March 2026, 18:30   agreed to similar on email
                        as an existing customer who bought 4711
  30 April 2026, 11:15  withdrew everything on sms
                        by telephone, taken down by Bo
                        heard on 4 May 2026, 09:00
  5 May 2026, 09:00     agreed to promotional
                        by import
                        grants nothing: it lacks its proof
  6 May 2026, 09:00     asked for promotional on sms

What follows
  promotional  email, push    yes   agreed on 2 March 2026
               sms            no    asked for on 6 May 2026, and not confirmed
  similar      email, sms     no    withdrawn on 30 April 2026 (everything on sms)
               push           no    nothing was said
  letters      email, push    rule  visits > 3
               sms            no    withdrawn on 30 April 2026 (everything on sms)
  service      every channel  yes   needs no consent: They have ordered something
"""
    )


@pytest.mark.parametrize(
    ("times", "sms"),
    [
        (("--at", "2026-05-03", "--known-at", "2026-05-03"), "granted"),
        (("--at", "2026-05-03"), "withdrawn"),
        (("--at", "2026-05-03", "--known-at", "2026-05-04 08:59"), "granted"),
        (("--at", "2026-05-03", "--known-at", "2026-05-04T09:00:00+02:00"), "withdrawn"),
        (("--at", "2026-04-30 11:14"), "granted"),
        (("--at", "2026-03-01"), "none"),
        ((), "pending"),
    ],
)
def test_what_could_be_sent_on_a_day_as_it_was_known_and_as_it_is(
    store: str, times: tuple[str, ...], sms: str
) -> None:
    found = json.loads(run("ada", "--store", store, "--json", *times).stdout)

    (cell,) = [
        each
        for each in found["follows"]
        if (each["category"], each["channel"]) == ("promotional", "sms")
    ]
    assert cell["stands"] == sms
    assert cell["may"] is (sms == "granted")


def test_programs_get_every_word_with_its_proof(store: str) -> None:
    found = json.loads(run("ada", "--store", store, "--json", "--at", "2026-05-01").stdout)

    assert found["at"] == "2026-05-01T21:59:59.999999Z"
    assert found["later"] == 2
    assert found["words"][2] == {
        "id": "c2", "person": "ada", "word": "withdrawn", "category": None, "channel": "sms",
        "occurred": "2026-04-30T09:15:00Z", "received": "2026-05-04T07:00:00Z",
        "method": "telephone", "source": "", "wording": "", "basis": "consent", "actor": "Bo",
        "sale": "", "counts": True,
    }  # fmt: skip


def test_somebody_who_said_nothing_and_somebody_nobody_knows(store: str) -> None:
    opened = open_store(store)
    opened.append([event("e1", "bob", 5)])
    opened.close()

    told = run("bob", "--store", store).stdout
    assert "What was said\n  nothing\n" in told
    assert "promotional  every channel  no    nothing was said" in told
    assert told.startswith("bob, as of ")
    then = run("bob", "--store", store, "--at", "2026-05-03", "--known-at", "2026-05-04").stdout
    assert then.startswith(
        "bob, as of 3 May 2026, 23:59, by what was known on 4 May 2026, 23:59 (Europe/Berlin)"
    )
    nobody = run("eve", "--store", store)
    assert (nobody.exit_code, nobody.stderr) == (
        1,
        'Nobody called "eve" has ever been heard of.\n',
    )


def test_what_was_said_before_there_was_a_ledger_is_told_as_such(store: str) -> None:
    """The events are gone, and what follows from them is not."""
    opened = open_store(store)
    said = {"promotional/*": at("2025-02-01 08:00"), "*/sms": -at("2025-03-01 08:00")}
    commit(opened, Changes([Profile("cid", {}, {}, said)]), ["cid"])
    opened.close()

    told = run("cid", "--store", store, "--at", "2026-05-03").stdout
    assert "1 February 2025, 08:00  agreed to promotional" in told
    assert "at a time before the ledger was kept" in told
    assert "promotional  email, push    yes   agreed on 1 February 2025" in told
    assert "sms            no    withdrawn on 1 March 2025 (everything on sms)" in told


def test_a_day_that_is_none_is_said_to_be_none(store: str) -> None:
    for option in ("--at", "--known-at"):
        with pytest.raises(OperatorError, match='"May" is no date: write 2026-05-03'):
            CliRunner().invoke(
                wayline, ["consent", "ada", "--store", store, option, "May"], catch_exceptions=False
            )


def test_without_a_project_there_are_no_categories(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'other.db'}"
    open_store(url).close()

    with pytest.raises(OperatorError, match="Nothing is deployed in this store yet"):
        CliRunner().invoke(wayline, ["consent", "ada", "--store", url], catch_exceptions=False)


def test_the_example_of_the_readme(tmp_path: Path) -> None:
    """The events that it shows, and what it says that the command tells then."""
    text = guide().partition("## What people agreed to")[2]
    calls = [
        json.loads(line) for line in text.partition("```json\n")[2].split("```")[0].splitlines()
    ]
    shown = text.partition("```text\n")[2].split("```")[0]
    program = program_of(SHOP)
    policy = program.policy
    intake = Intake(program.project.plan, policy.categories, policy.channels)
    arrivals = []
    for number, call in enumerate(calls):
        taken = intake.take([call], moment_of(call["timestamp"], BERLIN), lambda: f"m{number}")  # noqa: B023
        assert taken.refused == []
        arrivals += taken.arrivals
    url = f"sqlite:///{tmp_path / 'wayline.db'}"
    opened = open_store(url)
    deploy_folder(opened, Folder(SHOP, ()), 1)
    opened.append(arrivals)
    ledger = consents_in(opened, "ada", at("2026-05-07 09:00"), "2026-05-03")
    opened.close()

    assert ledger is not None
    assert "".join(f"{line}\n" for _, line in as_text(ledger)) == shown


@pytest.mark.parametrize(
    ("day", "end"),
    [
        ("2026-03-29", "2026-03-29T21:59:59.999999+00:00"),
        ("2026-10-25", "2026-10-25T22:59:59.999999+00:00"),
        ("2026-05-03 09:00", "2026-05-03T07:00:00+00:00"),
        ("2026-05-03T09:00:00Z", "2026-05-03T09:00:00+00:00"),
    ],
)
def test_a_date_alone_is_the_end_of_the_day_however_long_it_is(day: str, end: str) -> None:
    assert moment_of(day, BERLIN) == from_datetime(datetime.fromisoformat(end))


def test_what_was_shown_is_shown(store: str) -> None:
    """Also in what people get of themselves."""
    policy = FILES["policy.yaml"] + "consent texts:\n  v3: {en: Send me offers.}\n"
    opened = open_store(store)
    deploy_folder(opened, Folder({**FILES, "policy.yaml": policy + "\n"}, ()), 2)
    opened.close()

    told = CliRunner().invoke(wayline, ["consent", "ada", "--store", store], catch_exceptions=False)
    data = json.loads(
        CliRunner().invoke(wayline, ["consent", "ada", "--store", store, "--json"]).output
    )
    whole = json.loads(CliRunner().invoke(wayline, ["export", "ada", "--store", store]).output)
    assert "  en: “Send me offers.”\n" in told.output
    assert data["texts"] == whole["consent_texts"] == {"v3": {"en": "Send me offers."}}

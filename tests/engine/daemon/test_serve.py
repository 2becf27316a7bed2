"""``wayline serve`` for real: a process, a database file, Segment's client, a mail server."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing

import pytest
from click.testing import CliRunner
from segment.analytics.client import Client

from engine.cli.erase import erase
from engine.cli.send_event import send_event
from engine.daemon.daemon import _listening

from .conftest import HOUSE, Daemon, Launch, until
from .post_office import PostOffice
from .shop import FILES

pytestmark = pytest.mark.slow

Segment = Callable[..., Client]


def address(person: str) -> str:
    return f"{person}@example.com"


def order(client: Client, person: str) -> None:
    client.identify(person, {"email": address(person), "first_name": person.title()})
    client.track(person, "Order Completed", {"order_id": f"o-{person}", "total": 20.0})


def test_from_segments_client_to_the_mail_server(
    launch: Launch, segment: Segment, office: PostOffice
) -> None:
    daemon = launch()
    daemon.start("--dev", str(daemon.project))
    client = segment(daemon, gzip=True)
    people = [f"person{number}" for number in range(25)]
    for person in people:
        order(client, person)
    client.flush()
    letters = office.wait_for(50)

    expected = Counter((address(p), s) for p in people for s in ("Thank you", "How was it?"))
    assert Counter((letter.to, letter.subject) for letter in letters) == expected
    first = next(letter for letter in letters if letter.to == "person7@example.com")
    assert "We have your order, Person7." in first.text
    assert len({letter.message_id for letter in letters}) == 50
    assert daemon.get("/healthz") == (200, "ok\n")
    assert daemon.get("/readyz") == (200, "ready\n")
    until(
        lambda: 'wayline_deliveries_total{outcome="accepted"} 50.0' in daemon.get("/metrics")[1],
        "50 accepted deliveries in the metrics",
    )
    assert 'wayline_events_total{result="accepted"} 50.0' in daemon.get("/metrics")[1]
    assert daemon.stop() == 0


def welcome(daemon: Daemon) -> None:
    """Ada has agreed and signs up; nobody knows Bob."""
    everything = [
        {"type": "identify", "userId": "ada", "traits": {"email": "ada@example.com"}},
        {
            "type": "track",
            "userId": "ada",
            "event": "consent_granted",
            "properties": {"category": "promotional"},
        },
        {"type": "track", "userId": "ada", "event": "Signed Up"},
        {"type": "track", "userId": "bob", "event": "Signed Up"},
    ]
    answer = daemon.post("/v1/batch", {"batch": everything})
    assert json.loads(answer[1])["accepted"] == 4


def test_who_asks_for_a_break_in_the_preference_centre_has_it(
    launch: Launch, office: PostOffice
) -> None:
    daemon = launch()
    daemon.start("--dev", str(daemon.project))
    welcome(daemon)
    (letter,) = office.wait_for(1)

    base = f"http://127.0.0.1:{daemon.port}"
    (path,) = re.findall(rf"Less: {base}(/preferences/\S+)", letter.text)
    assert "<legend>Promotional</legend>" in daemon.get(path)[1]
    assert daemon.fill_in(path, limit_was="", limit="2", pause="1 month")[0] == 303
    assert "2 messages a week</option>" in daemon.get(f"{path}?said=saved")[1]
    with closing(daemon.store()) as store:

        def heeded() -> bool:
            said = store.people(["ada"], ())["ada"].profile.preferences
            return said.at_most == 2 and said.paused_until is not None

        until(heeded, "the wish to be known")
    assert daemon.stop() == 0


def test_unsubscribing_stops_what_needs_consent(launch: Launch, office: PostOffice) -> None:
    daemon = launch()
    daemon.start("--dev", str(daemon.project))
    welcome(daemon)
    (letter,) = office.wait_for(1)

    assert (letter.to, letter.subject) == ("ada@example.com", "Welcome")
    assert letter.headers["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    link = letter.headers["list-unsubscribe"].strip("<>")
    assert link.startswith(f"http://127.0.0.1:{daemon.port}/unsubscribe/")
    assert link in letter.text
    path = link.removeprefix(f"http://127.0.0.1:{daemon.port}")
    assert "Do you want to unsubscribe?" in daemon.get(path)[1]
    assert daemon.post(path, {})[0] == 200
    with closing(daemon.store()) as store:

        def withdrawn() -> bool:
            consents = store.people(["ada"], ())["ada"].profile.consents
            return consents.get("promotional/*", 1) < 0

        until(withdrawn, "the consent to be withdrawn")
    assert daemon.stop() == 0


def test_a_stop_finishes_what_is_in_hand_and_a_start_goes_on(
    launch: Launch, segment: Segment, office: PostOffice
) -> None:
    """The second letter is due while nobody runs; it comes when somebody does."""
    daemon = launch()
    daemon.start("--dev", str(daemon.project))
    client = segment(daemon)
    order(client, "ada")
    client.flush()
    office.wait_for(1)
    assert daemon.stop() == 0
    with closing(daemon.store()) as store:
        accepted = [each.status for each in store.deliveries_of("ada")]
    assert accepted == ["accepted"]

    daemon.start()  # what is deployed in the store
    letters = office.wait_for(2)
    assert [letter.subject for letter in letters] == ["Thank you", "How was it?"]
    assert daemon.stop() == 0


def test_a_stop_waits_for_the_answer_to_a_call_in_hand(
    launch: Launch, segment: Segment, office: PostOffice
) -> None:
    daemon = launch()
    daemon.start("--dev", str(daemon.project))
    office.hold = "after"
    client = segment(daemon)
    order(client, "ada")
    client.flush()
    office.wait_until(lambda: office._held == 1)
    daemon.terminate()
    until(lambda: is_deaf(daemon), "the daemon to take no more requests")
    office.release()

    assert daemon.wait() == 0
    with closing(daemon.store()) as store:
        assert [each.status for each in store.deliveries_of("ada")] == ["accepted"]


def is_deaf(daemon: Daemon) -> bool:
    try:
        daemon.get("/healthz")
    except OSError:
        return True
    return False


def test_with_a_write_key_only_those_who_have_it_may_send(
    launch: Launch, segment: Segment, office: PostOffice
) -> None:
    daemon = launch()
    keys = {"WAYLINE_WRITE_KEYS": "another, a-write-key"}
    daemon.start("--dev", str(daemon.project), environment=keys)
    assert daemon.post("/v1/track", {"userId": "eve", "event": "Signed Up"})[0] == 401
    client = segment(daemon)  # its key is "a-write-key"
    order(client, "ada")
    client.flush()

    assert office.wait_for(1)[0].to == "ada@example.com"
    assert daemon.stop() == 0


def test_the_outside_world_is_only_let_in_with_a_key(launch: Launch) -> None:
    daemon = launch()
    answer = daemon.run(
        "--dev", str(daemon.project), environment={"WAYLINE_LISTEN_HOST": "0.0.0.0"}
    )

    assert answer.returncode == 2
    assert "Listening on 0.0.0.0 lets anybody send events: make a key" in answer.stderr


def test_a_second_daemon_on_the_same_file_is_refused(launch: Launch) -> None:
    daemon = launch()
    daemon.start("--dev", str(daemon.project))
    second = daemon.run()

    assert second.returncode == 2
    assert f"Another wayline serve (process {daemon.pid}) is using" in second.stderr
    assert daemon.stop() == 0


def test_without_a_project_it_says_how_to_begin(launch: Launch) -> None:
    answer = launch().run()

    assert answer.returncode == 2
    assert "Nothing is deployed in this store yet" in answer.stderr
    assert "--dev FOLDER" in answer.stderr


def test_an_edit_is_deployed_if_it_compiles_and_else_explained(
    launch: Launch, segment: Segment, office: PostOffice
) -> None:
    daemon = launch()
    daemon.start("--dev", str(daemon.project))
    messages = daemon.project / "messages.yaml"
    broken = FILES["messages.yaml"].replace("first_name", "frist_name")
    messages.write_text(broken)
    until(lambda: any("messages.yaml" in line for line in daemon.lines), "the diagnostic")
    order(segment(daemon), "ada")
    office.wait_for(1)
    assert "We have your order, Ada." in office.letters[0].text

    messages.write_text(FILES["messages.yaml"].replace("We have your order", "It is ours"))
    until(lambda: daemon.errors.count("running") == 2, "the second deploy")
    order(segment(daemon), "bob")
    office.wait_until(lambda: any(letter.to == "bob@example.com" for letter in office._letters))

    assert any("It is ours, Bob." in letter.text for letter in office.letters)
    assert daemon.stop() == 0


def test_a_project_that_never_compiled_is_waited_for(launch: Launch) -> None:
    daemon = launch(changes={"journeys/thanks.yaml": "journey: thanks\nsteps: 7\n"})
    daemon.start("--dev", str(daemon.project))

    status, body = daemon.post("/v1/track", {"userId": "ada", "event": "Order Completed"})
    assert (status, "No project is deployed" in body) == (503, True)
    assert daemon.get("/readyz")[0] == 503
    (daemon.project / "journeys/thanks.yaml").write_text(FILES["journeys/thanks.yaml"])
    until(lambda: daemon.get("/readyz")[0] == 200, "the project to be deployed")
    assert daemon.stop() == 0


def test_events_can_be_sent_from_the_command_line(launch: Launch, office: PostOffice) -> None:
    daemon = launch()
    daemon.start("--dev", str(daemon.project))
    command = [sys.executable, "-c", "from engine.cli import main; main()"]
    send = ["send-event", "Order Completed", "--user", "ada", "-t", "email=ada@example.com"]
    send += ["-p", "order_id=o-1", "-p", "total=20", "--url", f"http://127.0.0.1:{daemon.port}"]
    sent = subprocess.run([*command, *send], cwd=HOUSE, capture_output=True, text=True, check=True)
    office.wait_for(2)
    assert daemon.stop() == 0
    why = ["why", "ada", "--store", daemon.store_url]
    told = subprocess.run([*command, *why], cwd=HOUSE, capture_output=True, text=True, check=True)

    assert sent.stdout == "2 accepted, 0 refused.\n"
    assert "Thank you" in told.stdout
    assert "\x1b" not in told.stdout


def test_a_port_that_is_taken_is_said(launch: Launch) -> None:
    first = launch("first")
    first.start("--dev", str(first.project))
    second: Daemon = launch("second", port=first.port)
    answer = second.run("--dev", str(second.project))

    assert answer.returncode == 2
    assert f"Port {first.port} of 127.0.0.1 cannot be listened on" in answer.stderr
    assert first.stop() == 0


def test_no_half_of_an_answer_waits_for_the_other_half_to_be_acknowledged() -> None:
    with (
        _listening("127.0.0.1", 0) as listening,
        closing(socket.create_connection(listening.getsockname())),
        listening.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_somebody_can_be_forgotten_from_the_command_line(
    launch: Launch, office: PostOffice
) -> None:
    """Asked first; and nothing is left to tell of them."""
    daemon = launch()
    daemon.start("--dev", str(daemon.project))
    url = ["--url", f"http://127.0.0.1:{daemon.port}"]
    runner = CliRunner()
    runner.invoke(send_event, ["Signed Up", "--user", "a/b", *url], catch_exceptions=False)
    with closing(daemon.store()) as store:
        until(lambda: bool(store.people(["a/b"], [])), "somebody to forget")
        kept = runner.invoke(erase, ["a/b", *url], input="n\n")
        assert store.people(["a/b"], []) != {}
        gone = runner.invoke(erase, ["a/b", *url, "--yes"], catch_exceptions=False)
        until(lambda: not store.people(["a/b"], []), "nobody")
        told = {"type": "identify", "traits": {"email": "ada@shop.example"}}
        for name in ("ada", "eve"):
            daemon.post("/v1/identify", {**told, "userId": name})
        until(lambda: len(store.numbers.people("ada@shop.example")) == 2, "two with one address")
        which = runner.invoke(erase, ["ada@shop.example", *url, "--yes"])
        runner.invoke(erase, ["eve", *url, "--yes"], catch_exceptions=False)
        until(lambda: not store.people(["eve"], []), "one with it")
        asked = runner.invoke(erase, [" Ada@shop.example", *url], input="y\n")
        until(lambda: not store.people(["ada"], []), "nobody with it")

    assert which.exit_code == 1
    assert "2 people have the address ada@shop.example: ada, eve." in str(which.exception)
    assert "Forget ada?" in asked.output
    assert kept.exit_code == 1
    assert "This cannot be undone." in kept.output
    assert gone.output == "a/b is forgotten as soon as the daemon gets there.\n"

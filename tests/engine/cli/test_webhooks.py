"""``wayline webhooks``, with a receiver that really listens."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import standardwebhooks
from click.testing import CliRunner, Result

from dsl.calendar import SECOND
from engine.cli.main import wayline
from engine.operator import OperatorError
from engine.store import open_store


class Receiver:
    """What came, and what is answered."""

    def __init__(self) -> None:
        self.came: list[tuple[dict[str, str], bytes]] = []
        self.status = 204
        self.url = ""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.came.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(receiver.status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield receiver
        server.shutdown()
        thread.join()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store, and settings by which this machine may be told."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wayline.toml").write_text('webhooks_inside = ["127.0.0.1"]\n')
    open_store(f"sqlite:///{tmp_path / 'wayline.db'}").close()
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(wayline, ["webhooks", *words], catch_exceptions=False)


def known() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run("list", "--json").stdout)
    return found


def test_one_is_made_tried_turned_and_taken_away(here: Path, receiver: Receiver) -> None:
    assert run("list").output == "Nobody is told of anything.\n"
    made = run("add", receiver.url, "--event", "message.*", "--about", "the CRM")
    (hook,) = known()
    name, secret = hook["id"], made.stdout.strip()

    assert secret.startswith("whsec_")
    assert f"This is the secret of {name}. It is not shown again." in made.stderr
    assert (hook["url"], hook["events"], hook["active"]) == (receiver.url, ["message.*"], True)
    assert run("test", name).output == f"{receiver.url} took it.\n"
    headers, body = receiver.came[-1]
    assert standardwebhooks.Webhook(secret).verify(body, headers)["type"] == "webhook.test"
    turned = run("rotate", name)
    assert turned.stdout.strip() != secret
    assert "The one before signs as well until" in turned.stderr
    assert run("remove", name).output == f"{receiver.url} is told nothing more.\n"
    assert known() == []
    with closing(open_store(f"sqlite:///{here / 'wayline.db'}")) as store:
        deeds = [deed for _, deed in store.deeds.read()]
    assert [each.what.removeprefix("webhooks ") for each in reversed(deeds)] == [
        *("add", "test", "rotate", "remove")
    ]
    assert all(each.about == {"webhook": name} for each in deeds)
    assert secret not in str(deeds)


def test_what_is_not_taken_is_said_and_it_is_switched_off_and_on(
    here: Path, receiver: Receiver
) -> None:
    run("add", receiver.url, "--event", "*")
    (hook,) = known()
    receiver.status = 500
    tried = run("test", hook["id"])
    with closing(open_store(f"sqlite:///{here / 'wayline.db'}")) as store:
        failing: dict[str, Any] = {
            "failing": SECOND,
            "due": 61 * SECOND,
            "attempts": 3,
            "reason": "it answers 500",
        }
        store.hooks.turn(lambda all_: [each._replace(**failing) for each in all_])
    told = run("list").output.splitlines()

    assert (tried.exit_code, tried.stderr) == (
        1,
        f"{receiver.url} did not take it: it answers 500.\n",
    )
    assert told[-2:] == [
        "  takes nothing since 1970-01-01 00:00 UTC: it answers 500",
        "  tried 3 times, again at 1970-01-01 00:01 UTC",
    ]
    run("off", hook["id"])
    assert "  told nothing any more: Somebody has switched it off." in run("list").output
    assert run("on", hook["id"]).output == f"{receiver.url} is told of what happens.\n"
    (again,) = known()
    assert (again["active"], again["reason"], again["attempts"]) == (True, "", 0)


def test_what_cannot_be_is_said_and_nothing_is_written_down(here: Path) -> None:
    for words, said in (
        (["add", "https://10.0.0.1/", "--event", "*"], "lies inside"),
        (["add", "http://crm.example/", "--event", "*"], "https://"),
        (["add", "https://crm.example/", "--event", "message.read"], "nothing to be told of"),
        (["remove", "crm"], "There is no webhook crm: there are none."),
    ):
        with pytest.raises(OperatorError, match=said):
            run(*words)
    with closing(open_store(f"sqlite:///{here / 'wayline.db'}")) as store:
        assert store.deeds.read() == []


def test_those_of_the_settings_are_changed_there(here: Path) -> None:
    run("add", "https://crm.example/", "--event", "*")
    with closing(open_store(f"sqlite:///{here / 'wayline.db'}")) as store:
        store.hooks.turn(lambda all_: [each._replace(settled=True) for each in all_])
    (hook,) = known()

    for word in ("remove", "off", "on"):
        with pytest.raises(OperatorError, match=r"comes from wayline.toml: change it there"):
            run(word, hook["id"])
    assert run("rotate", hook["id"]).exit_code == 0

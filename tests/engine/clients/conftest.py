"""A daemon as an operator starts it, with a project that takes all that clients say, and a look at
what it keeps afterwards.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from benchmarks.serving import deployed, listening, wayline
from engine.access.keys import Wanted, made
from engine.core.signals import EventArrived, ProfileChanged
from engine.store import open_store

PEERS = Path(__file__).parents[3] / "build/peers"
FILES: Mapping[str, str] = {
    "tracking_plan.yaml": """\
tracking plan: shop
profile:
  first_name: text, personal
  email: text, personal
  language: one of en / de
  time_zone: text
  group_id: code
  group_plan: text
events:
  purchase:
    from: Order Completed
    has: {order_id: "code, required", total: "money EUR, required", campaign_name: text}
  page_seen:
    from: page
    has: {name: text, category: text, url: text}
  screen_seen:
    from: screen
    has: {name: text, category: text, build: whole number}
""",
    "policy.yaml": """\
policy: shop
time zone: Europe/Berlin
languages: en, de
currency: EUR
channels:
  sms:
    reachable when: yes
categories:
  promotional:
    consent: not needed
""",
}


class Kept(NamedTuple):
    """Something that arrived, without what differs each time."""

    person: str
    what: str
    values: Mapping[str, Any]
    more: Mapping[str, Any] = {}


class Running(NamedTuple):
    """A daemon that is being sent to."""

    url: str
    key: str
    store: str

    def kept(self, *people: str) -> list[Kept]:
        """All that arrived of these people, in its order."""
        with closing(open_store(self.store)) as store:
            found = [store.dossier(person) for person in people]
        return [
            kept
            for dossier in found
            if dossier is not None
            for filed in dossier.arrivals
            if (kept := _kept(filed.arrival)) is not None
        ]

    def bought(self, person: str, count: int) -> list[str]:
        """The orders of a person, as soon as there are that many."""
        found: list[str] = []
        for _ in range(1_000):
            with closing(open_store(self.store)) as store:
                view = store.people([person], ["purchase"]).get(person)
            history = view.history["purchase"] if view else []
            found = sorted(str(each.properties["order_id"]) for each in history)
            if len(found) == count:
                break
            threading.Event().wait(0.02)
        return found

    def names(self, person: str) -> set[str]:
        """What else a person goes by."""
        with closing(open_store(self.store)) as store:
            return {each.person for each in store.names(person)}

    def told(self, person: str, attribute: str) -> Any:
        """What is known of a person."""
        with closing(open_store(self.store)) as store:
            return store.people([person], ())[person].profile.attributes.get(attribute)


def said_in_node(script: str, daemon: Running) -> tuple[list[str], str]:
    """What a script that sends with Segment's client for Node found wrong, and what it complained of.
    It reads where to send from its input.
    """
    node = shutil.which("node")
    if node is None or not (PEERS / "node_modules/@segment/analytics-node").exists():
        pytest.skip("no @segment/analytics-node here: make others installs it")
    told = subprocess.run(
        [node, "-e", script],
        input=json.dumps({"url": daemon.url, "key": daemon.key}),
        capture_output=True,
        text=True,
        check=True,
        cwd=PEERS,
        timeout=60,
    )
    return json.loads(told.stdout), told.stderr


def _kept(arrival: object) -> Kept | None:
    match arrival:
        case EventArrived(person=person, event=event):
            return Kept(person, event.name, event.properties)
        case ProfileChanged(person=person, attributes=attributes, addresses=addresses):
            return Kept(person, "told", attributes, addresses)
        case _:
            return None


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """On a port of loopback, with one key."""
    folder: Path = tmp_path_factory.mktemp("daemon")
    store = f"sqlite:///{folder / 'wayline.db'}"
    deployed(FILES, folder, store)
    with closing(open_store(store)) as opened:
        key = made(opened.keys, Wanted("shop"), 1)
    environment = {"WAYLINE_CHANNELS_SMS_ADAPTER": "file"}
    serve = wayline("serve", "--store", store, "--port", "0")
    with listening(serve, folder, environment) as server:
        yield Running(f"http://127.0.0.1:{server.port}", key, store)

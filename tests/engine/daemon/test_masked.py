"""Marked personal data is poured through a daemon by every opening, right and wrong; then all that it
has said to anybody is looked through: answers that are errors, logs, metrics, traces, and what
commands print. None of it may have the mark.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.engine.tracing.collector import Collector

from .conftest import HOUSE, PATIENCE, Daemon, Launch, until
from .post_office import PostOffice
from .shop import FILES

pytestmark = pytest.mark.slow

MARK = "zq7xkeepsake"
PLAN = FILES["tracking_plan.yaml"].replace(
    "events:\n",
    """  birthday: date, personal
  points: whole number, personal
  wishes: list of text, personal
  skin: one of dry / oily, sensitive
events:
  told:
    has: {words: "text, personal", age: "whole number, personal"}
""",
)
WRONG: Mapping[str, Any] = {
    "email": MARK,
    "first_name": [MARK],
    "birthday": MARK,
    "points": MARK,
    "wishes": {MARK: MARK},
    "skin": MARK,
    "phone": f"+49 {MARK}",
}
"""Values that cannot be what the tracking plan says."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()
    yield collector
    collector.close()


def _identify(**traits: Any) -> dict[str, Any]:
    return {"type": "identify", "userId": "ada", "traits": traits}


def _track(event: str, **properties: Any) -> dict[str, Any]:
    return {"type": "track", "userId": "ada", "event": event, "properties": properties}


def _poured(daemon: Daemon) -> list[tuple[int, str]]:
    """What was answered to all that is wrong."""
    wrong = [_identify(**{name: value}) for name, value in WRONG.items()]
    wrong += [
        _track("told", words=[MARK], age=1),
        _track("told", words="x", age=MARK),
        {"type": "identify", "userId": "ada", "traits": MARK},
        {"type": "identify", "userId": "ada", "traits": {}, "timestamp": MARK},
        {"type": "identify", "userId": "ada", "traits": {"email": None}, "context": {"device": {"token": [MARK]}}},
        {"type": "alias", "userId": MARK, "previousId": {"is": MARK}},
    ]  # fmt: skip
    told = [daemon.post(f"/v1/{each['type']}", each) for each in wrong]
    told.append(daemon.post("/v1/batch", {"batch": wrong}))
    told.append(daemon.send("/v1/batch", f'{{"batch": [{MARK}'.encode(), {}))
    people, query = "/v1/people/ada", f"limit={MARK}&at={MARK}&cursor={MARK}"
    told += [daemon.get(f"{people}/{part}?{query}") for part in ("consents", "events", "runs")]
    told.append(daemon.post("/v1/people/ada/consents", {"word": "granted", "source": [MARK]}))
    told.append(daemon.post("/v1/journeys/thanks/runs", {"person": "ada", "inputs": {"x": MARK}}))
    told.append(daemon.get(f"/unsubscribe/{MARK}"))
    told.append(daemon.get(f"/c/{MARK}"))
    return told


def _command(daemon: Daemon, *arguments: str) -> str:
    """What a command prints that cannot do what it is asked."""
    command = [sys.executable, "-c", "from engine.cli import main; main()", *arguments]
    done = subprocess.run(
        command,
        cwd=daemon.folder,
        env={"PYTHONPATH": str(HOUSE), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode != 0, done.stdout
    return done.stdout + done.stderr


def test_nothing_that_is_said_to_anybody_has_the_mark(
    launch: Launch, office: PostOffice, collector: Collector
) -> None:
    daemon = launch(changes={"tracking_plan.yaml": PLAN})
    settings = {"WAYLINE_TRACES_ENDPOINT": collector.endpoint, "WAYLINE_LOG": "json"}
    daemon.start("--dev", str(daemon.project), environment=settings)
    refused = _poured(daemon)
    good = {"email": f"{MARK}@example.com", "first_name": MARK, "wishes": [MARK], "skin": "dry"}
    calls = [_identify(**good), _track("told", words=MARK, age=7), _track("Signed Up")]
    calls.append(_track("Order Completed", order_id="o-1", total=20.0))
    assert daemon.post("/v1/batch", {"batch": calls})[0] == 200
    office.wait_for(2)
    until(
        lambda: 'wayline_deliveries_total{outcome="accepted"} 2.0' in daemon.get("/metrics")[1],
        "two accepted deliveries",
    )
    spans = collector.wait_until(lambda seen: any(s.name == "hand over email" for s in seen))
    here = ("--user", "ada", "--url", f"http://127.0.0.1:{daemon.port}")
    commands = [
        _command(daemon, "send-event", "told", "-p", f"age={MARK}", *here),
        _command(daemon, "send-event", "-t", f"birthday={MARK}", *here),
    ]
    metrics = daemon.get("/metrics")[1]
    assert daemon.stop() == 0

    assert {status for status, _ in refused} <= {400, 404, 409, 422}
    said = [text for _, text in refused] + commands + daemon.lines
    assert [text for text in said if MARK in text] == []
    assert MARK not in daemon.errors
    assert MARK not in metrics
    assert MARK not in str(spans)
    assert "@example.com" not in daemon.errors + metrics + str(spans)

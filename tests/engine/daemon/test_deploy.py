"""``wayline deploy`` beside a running daemon: two processes, one store."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing

import pytest
from segment.analytics.client import Client

from .conftest import HOUSE, PATIENCE, Daemon, Launch, until
from .post_office import PostOffice
from .shop import FILES
from .test_serve import order

pytestmark = pytest.mark.slow

Segment = Callable[[Daemon], Client]


def wayline(daemon: Daemon, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command, in a process of its own beside the daemon."""
    return subprocess.run(
        [sys.executable, "-c", "from engine.cli import main; main()", *arguments],
        cwd=daemon.folder,
        env={**os.environ, "PYTHONPATH": str(HOUSE)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def deploy(daemon: Daemon, *arguments: str) -> subprocess.CompletedProcess[str]:
    options = ("--store", daemon.store_url, "--yes")
    return wayline(daemon, "deploy", str(daemon.project), *options, *arguments)


def test_a_running_daemon_takes_up_what_another_process_deploys(
    launch: Launch, segment: Segment, office: PostOffice
) -> None:
    """As soon as the deploy has ended: nothing is decided by the version before it any more."""
    daemon = launch()
    assert deploy(daemon).returncode == 0
    daemon.start()
    order(segment(daemon), "ada")
    office.wait_for(1)
    messages = daemon.project / "messages.yaml"
    messages.write_text(FILES["messages.yaml"].replace("We have your order", "It is ours"))
    assert deploy(daemon).returncode == 0
    order(segment(daemon), "bob")
    office.wait_until(lambda: any(letter.to == "bob@example.com" for letter in office._letters))
    texts = [letter.text for letter in office.letters if "Tell us" not in letter.text]

    assert [text.split(",")[0] for text in texts] == ["We have your order", "It is ours"]
    assert daemon.errors.count("running") == 2
    assert daemon.stop() == 0


def test_who_is_inside_is_refused_to_be_lost_and_moved_when_it_is_said_where(
    launch: Launch, segment: Segment, office: PostOffice
) -> None:
    """The wait before the second letter goes; nothing happens to anybody but the deploy."""
    steps = FILES["journeys/thanks.yaml"].replace("wait: 1 second", "wait: 9 days")
    daemon = launch(changes={"journeys/thanks.yaml": steps})
    assert deploy(daemon).returncode == 0
    daemon.start()
    order(segment(daemon), "ada")
    office.wait_for(1)
    edited = steps.replace("  - wait: 9 days\n    id: pause\n", "")
    file = daemon.project / "journeys/thanks.yaml"
    file.write_text(edited)
    refused = deploy(daemon)
    assert refused.returncode == 1
    assert 'You removed the step "pause", and 1 person is in it.' in refused.stdout
    file.write_text(edited.replace("steps:", "removed steps: {pause: leave}\nsteps:"))
    done = deploy(daemon)
    assert done.returncode == 0, done.stdout + done.stderr

    def left() -> bool:
        with closing(daemon.store()) as store:
            return [run.outcome for run in store.people(["ada"], ())["ada"].runs] == ["removed"]

    until(left, "ada to leave")
    assert daemon.stop() == 0

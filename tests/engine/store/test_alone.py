"""One daemon per file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.config import OperatorError
from engine.store.alone import Alone

HOLDER = """
import sys, time
from pathlib import Path
from engine.store.alone import Alone
with Alone(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_one_is_told_who_the_first_is(tmp_path: Path) -> None:
    database = tmp_path / "w.db"
    with Alone(database), pytest.raises(OperatorError) as error, Alone(database):
        pass

    assert str(error.value) == (
        f"Another wayline serve (process {os.getpid()}) is using {database}: stop it first, or"
        " name another store with --store."
    )


def test_it_is_free_again_afterwards(tmp_path: Path) -> None:
    for _ in range(2):
        with Alone(tmp_path / "w.db"):
            pass


def test_it_goes_with_its_process_even_when_that_is_killed(tmp_path: Path) -> None:
    database = tmp_path / "w.db"
    command = [sys.executable, "-c", HOLDER, str(database)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(OperatorError, match=f"process {process.pid}"), Alone(database):
            pass
        process.send_signal(signal.SIGKILL)
        process.wait(10)

    with Alone(database):
        pass


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with (
        pytest.raises(OperatorError, match="cannot be written to"),
        Alone(tmp_path / "no" / "w.db"),
    ):
        pass

"""Processes that are measured: started, waited for until they listen, and asked what they used.

What counts is CPU time of whole families of processes, as ``/proc`` tells it: a machine that has
other things to do makes everything slower, but nothing costs more for it.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

__all__ = ["Listening", "cpu_seconds", "deployed", "family", "listening", "wayline"]

_HOUSE = Path(__file__).parents[1]
_LISTENING = re.compile(r"listening on http://127\.0\.0\.1:(\d+)\s*")
_TICKS = os.sysconf("SC_CLK_TCK")
_ENDS_WITHIN = 30.0  # seconds
_WAYLINE = ("-c", "from engine.cli import main; main()")


class Listening(NamedTuple):
    """A server that takes requests."""

    pid: int
    port: int

    @property
    def cpu(self) -> float:
        """Seconds of CPU that it has used so far, with its children."""
        return cpu_seconds([self.pid])


def wayline(*words: str) -> tuple[str, ...]:
    """The command line of ``wayline``, as it is in this house."""
    return (sys.executable, *_WAYLINE, *words)


@contextlib.contextmanager
def listening(
    command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[Listening]:
    """A process that says where it listens, ended in good order afterwards."""
    said = folder / f"said-{time.monotonic_ns()}"
    with said.open("wb") as errors:
        process = subprocess.Popen(  # noqa: S603 - our own command
            command,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(_HOUSE), **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    assert process.stdout is not None
    try:
        with process.stdout as lines:
            for line in lines:
                if found := _LISTENING.fullmatch(line):
                    yield Listening(process.pid, int(found[1]))
                    break
            else:
                raise SystemExit(f"{' '.join(command)} ended:\n{said.read_text()}")
    finally:
        process.terminate()
        try:
            process.wait(_ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def deployed(files: Mapping[str, str], folder: Path, store: str) -> None:
    """Lets a project of these texts run in a store."""
    for name, text in files.items():
        path = folder / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    done = subprocess.run(  # noqa: S603 - our own command
        wayline("deploy", str(folder / "project"), "--yes", "--store", store),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(_HOUSE)},
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"what is to be measured cannot be deployed:\n{done.stdout}{done.stderr}")


def cpu_seconds(roots: Sequence[int]) -> float:
    """Seconds of CPU of these processes, of their living descendants, and of those they have
    waited for.
    """
    ticks = 0
    for process in family(roots):
        with contextlib.suppress(OSError):  # it has just ended; its parent has been told
            after_name = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, after_name[11:15]))
    return ticks / _TICKS


def family(roots: Sequence[int]) -> set[int]:
    """These processes with all their living descendants."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                parents[int(entry.name)] = int(fields[1])
    found = {*roots}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found

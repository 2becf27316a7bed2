"""How a program that is measured and whoever measures it speak: it says when it is ready and when
everybody is through, and waits each time until its CPU has been looked at.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence

__all__ = ["play", "turn"]


@contextlib.contextmanager
def turn() -> Iterator[None]:
    """What is inside is measured. For the program."""
    _say("ready")
    yield
    _say("done")


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()
    sys.stdin.readline()


def play(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[int]:
    """Runs a program, and gives its process when it is ready, and again when it is through. For
    whoever measures.
    """
    with subprocess.Popen(  # noqa: S603 - our own command
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        for word in ("ready", "done"):
            if (said := program.stdout.readline().strip()) != word:
                raise SystemExit(f"{' '.join(command)} said {said!r} and not {word!r}")
            yield program.pid
            program.stdin.write("go on\n")
            program.stdin.flush()

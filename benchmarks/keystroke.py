"""How long an editor waits: a keystroke in a project of 500 generated journeys, and its cold check.

Everything is real: ``wayline check`` and ``wayline lsp`` as processes of their own, spoken to as an
editor speaks to them. A keystroke is answered when the findings of what has been typed are shown;
the server waits 20 ms of that for the next one. Beside it stand completion, asked for after each
keystroke, and keystrokes while the whole project is being checked in the background.

    python -m benchmarks.keystroke [--journeys 500]
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.generated import write
from engine.lsp.testing import Client

__all__ = [
    "LONGEST_CHECK",
    "LONGEST_KEYSTROKE",
    "Measured",
    "Place",
    "main",
    "places",
    "run",
    "slow",
]

LONGEST_CHECK, LONGEST_KEYSTROKE = 20.0, 0.100
JOURNEYS = 500

_TYPED = "favourite_colours_of_the_customer"


class Place(NamedTuple):
    """Where something is typed: in a file, in place of these words, a name that nobody knows."""

    path: str
    words: str
    typed: str


def places(journeys: int) -> dict[str, Place]:
    """One file of each kind, and where one types in it."""
    middle = journeys // 12 * 6  # one that starts with a cart
    return {
        "journey": Place(
            f"journeys/{middle}/journey.yaml",
            "exit if: did unsubscribe since entry",
            "exit if: did unsubscribe since entry and {word} > 1",
        ),
        "message": Place(
            f"journeys/{middle}/messages.yaml", "in your cart.", "in your cart, {{{{ {word} }}}}."
        ),
        "segment": Place("segments.yaml", "segments:", "segments:\n  new: {{who: {word} > 1}}"),
        "policy": Place(
            "policy.yaml", "  - 1 per day on push", "  - 1 per day on push\n  - 9 per day on {word}"
        ),
        "tracking plan": Place(
            "tracking_plan.yaml", "  renewal_date:", "  new: {word}\n  renewal_date:"
        ),
    }


class Measured(NamedTuple):
    """Seconds: one check from nothing, and the waits of one editing session."""

    check: float
    check_cpu: float
    opened: float
    whole: float
    keystrokes: Mapping[str, tuple[float, ...]]  # by kind of file
    busy: tuple[float, ...]
    completions: tuple[float, ...]


def slow(waits: Sequence[float]) -> float:
    """The wait that nineteen of twenty stay under."""
    return sorted(waits)[int(len(waits) * 0.95)]


def run(journeys: int = JOURNEYS) -> Measured:
    """Generates the project, checks it once and types in it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve() / "generated"
        write(folder, journeys)
        check, cpu = _check(folder)
        where = places(journeys)
        path = where["journey"].path
        with Client(folder) as editor:
            started = time.perf_counter()
            text = editor.open(path)
            editor.until_shown(path, lambda _: True)
            opened = time.perf_counter() - started
            busy = tuple(_type(editor, where["journey"], text, "b"))
            started = time.perf_counter()
            _settle(editor, folder, path)
            whole = time.perf_counter() - started
            keystrokes = {}
            for what, place in where.items():
                before = text if place.path == path else editor.open(place.path)
                keystrokes[what] = tuple(_type(editor, place, before, "k"))
                editor.change(place.path, before)
            completions = tuple(_complete(editor, path, text))
        return Measured(check, cpu, opened, whole, keystrokes, busy, completions)


def _check(folder: Path) -> tuple[float, float]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    wayline = Path(sys.executable).with_name("wayline")
    subprocess.run([str(wayline), "check", str(folder)], check=True, capture_output=True)  # noqa: S603
    seconds = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, used


def _type(editor: Client, place: Place, text: str, first: str) -> Iterator[float]:
    """Types a name that nobody knows, letter by letter; each is told about before the next."""
    for length in range(1, len(_TYPED) + 1):
        word = first + _TYPED[:length]
        started = time.perf_counter()
        typed = text.replace(place.words, place.typed.format(word=word), 1)
        assert typed != text, place
        editor.change(place.path, typed)
        editor.until_shown(place.path, lambda found, word=word: any(  # type: ignore[misc]
            f'"{word}"' in one["message"] for one in found
        ))  # fmt: skip
        yield time.perf_counter() - started


def _settle(editor: Client, folder: Path, path: str) -> None:
    """Waits for the check of the whole project: a mistake in a file that is not open is shown."""
    other = "segments.yaml"
    broken = (folder / other).read_text(encoding="utf-8").replace("purchase.total", "purchase.tota")
    (folder / other).write_text(broken, encoding="utf-8")
    editor.tell("workspace/didChangeWatchedFiles", {"changes": []})
    editor.until_shown(other, lambda found: len(found) > 0)
    (folder / other).write_text(broken.replace("tota ", "total "), encoding="utf-8")
    editor.tell("workspace/didChangeWatchedFiles", {"changes": []})
    editor.until_shown(other, lambda found: not found)


def _complete(editor: Client, path: str, text: str) -> Iterator[float]:
    for word in ("exclude if:\n  - in segment s", "goal: did purchase where cart", "    send: rem"):
        line = word.rpartition("\n")[2]
        at = next(n for n, each in enumerate(text.split("\n")) if each.startswith(line))
        editor.change(path, text)
        for _ in range(5):
            started = time.perf_counter()
            if not editor.ask_at("completion", path, at, len(line)):
                raise SystemExit(f"Nothing is proposed after {line}")
            yield time.perf_counter() - started


def main() -> None:
    """Measures once and prints it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.keystroke", description=__doc__)
    parser.add_argument("--journeys", type=int, default=JOURNEYS)
    options = parser.parse_args()
    took = run(options.journeys)
    print(f"{options.journeys} journeys")
    print(f"cold check                     {took.check:8.1f} s  ({took.check_cpu:.1f} s of CPU)")
    print(f"opening the first file         {took.opened:8.2f} s")
    print(f"two whole checks in background {took.whole:8.1f} s")
    for name, waits in (
        *((f"keystroke in a {what}", waits) for what, waits in took.keystrokes.items()),
        ("keystroke during whole check", took.busy),
        ("completion", took.completions),
    ):
        ordered = sorted(waits)
        print(
            f"{name:<30} {statistics.median(ordered) * 1000:8.0f} ms median,"
            f" {ordered[int(len(ordered) * 0.95)] * 1000:.0f} ms 95 %, {ordered[-1] * 1000:.0f} ms at most"
        )


if __name__ == "__main__":
    main()

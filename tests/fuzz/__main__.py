"""Goes on for as long as it is told, and keeps what it finds.

    python -m tests.fuzz --minutes 15 [--seed 1] [--with atheris]

Choices come from random numbers. With ``--with atheris`` they come from a fuzzer that looks for inputs
which reach new code; it has to be installed beside the rest (``pip install atheris``).
What fails, or takes longer than anybody would wait, is kept below ``build/fuzz``, file by file.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.fuzz.mutate import Pick

LONGEST = 10.0  # seconds of CPU for one example
KEPT = Path("build/fuzz")


class Session:
    """Counts what was tried, and keeps what went wrong, one of a kind."""

    def __init__(self) -> None:
        self.corpus = importlib.import_module("tests.fuzz.corpus").corpus()
        self.drawn = importlib.import_module("tests.fuzz.mutate").drawn
        self.look_at = importlib.import_module("tests.fuzz.targets").look_at
        self.tried = 0
        self.slowest = 0.0
        self.seen: Counter[str] = Counter()

    def one(self, pick: Pick) -> None:
        """Draws files and looks at them."""
        files, path = self.drawn(self.corpus, pick)
        started = time.process_time()
        try:
            self.look_at(files, path, pick)
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            self.keep(files, path, _kind(error), traceback.format_exc())
        took = time.process_time() - started
        self.tried += 1
        self.slowest = max(self.slowest, took)
        if took > LONGEST:
            self.keep(files, path, "slow", f"{took:.1f} seconds\n")

    def keep(self, files: dict[str, bytes], path: str, kind: str, told: str) -> None:
        """Writes the files down, if nothing of this kind has been seen."""
        self.seen[kind] += 1
        if self.seen[kind] > 1:
            return
        folder = KEPT / f"{len(self.seen):03}"
        for name, raw in files.items():
            file = folder / "project" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(raw)
        (folder / "told.txt").write_text(f"{path}\n{told}", encoding="utf-8", errors="replace")
        print(f"{kind}: kept in {folder}", flush=True)

    def said(self) -> str:
        """What came of it, in one line."""
        wrong = ", ".join(f"{kind} ({count})" for kind, count in self.seen.items()) or "nothing"
        return f"{self.tried} examples, the slowest {self.slowest:.1f} s; found: {wrong}"


def _kind(error: Exception) -> str:
    """Where it happened, so that the same mistake is kept once."""
    frames = traceback.extract_tb(error.__traceback__)
    last = next((one for one in reversed(frames) if "/tests/" not in one.filename), frames[-1])
    said = f": {error}"[:60] if isinstance(error, AssertionError) else ""
    return f"{type(error).__name__} in {Path(last.filename).name}:{last.lineno}{said}"


def by_chance(minutes: float, seed: int) -> Session:
    """Random numbers for so many minutes."""
    session, random = Session(), Random(seed)
    until = time.monotonic() + minutes * 60
    while time.monotonic() < until:
        session.one(random.randrange)
    return session


def by_coverage(minutes: float) -> None:
    """A fuzzer that watches the code of the language. It never comes back, so it ends here."""
    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports(
        include=["dsl", "engine"]
    ):  # only what is imported from here on
        session = Session()
    until = time.monotonic() + minutes * 60

    def target(data: bytes) -> None:
        provider = atheris.FuzzedDataProvider(data)
        session.one(lambda count: int(provider.ConsumeIntInRange(0, count - 1)))
        if time.monotonic() > until:
            print(session.said(), flush=True)
            os._exit(1 if session.seen else 0)

    atheris.Setup([sys.argv[0], "-max_len=400", "-len_control=0", "-timeout=120"], target)
    atheris.Fuzz()


def main() -> None:
    """Runs, and says what was found; 1 if that is anything."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--with", dest="engine", choices=["chance", "atheris"], default="chance")
    options = parser.parse_args()
    print(f"seed {options.seed}, for {options.minutes:g} minutes", flush=True)
    if options.engine == "atheris":
        by_coverage(options.minutes)
    session = by_chance(options.minutes, options.seed)
    print(session.said())
    sys.exit(1 if session.seen else 0)


if __name__ == "__main__":
    main()

"""The store: whether it can be used, what it holds, and whether anybody works on it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from dsl.calendar import MINUTE, SECOND, Instant
from engine.config import Listen
from engine.doctor.finding import Finding, note, problem, well
from engine.store.protocol import Store

__all__ = ["aside", "at_work", "clocks", "file_of_store"]

_PATIENCE = 3  # seconds
_LATE = MINUTE
_APART = 5 * SECOND


def file_of_store(path: Path, *, thorough: bool) -> list[Finding]:
    """The file of an SQLite store: its size, and with ``thorough`` whether every page is whole."""
    size = sum(
        beside.stat().st_size
        for beside in (path, path.with_name(path.name + "-wal"))
        if beside.exists()
    )
    found = [well("store", f"{path} takes {size / (1 << 20):.1f} MB.")]
    if path.stat().st_mode & 0o077:
        found.append(
            note(
                "store",
                f"Others on this machine can read {path}, and with it what is known of people.",
                f"chmod 600 {path}",
            )
        )
    if not thorough:
        return found
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        (said,) = db.execute("pragma quick_check(1)").fetchone()
    if said == "ok":
        return [*found, well("store", "Every page of it is whole.")]
    return [
        *found,
        problem(
            "store",
            f"The file is damaged: {said}.",
            "Stop the daemon, keep a copy of the file, and go back to the last backup.",
        ),
    ]


def at_work(store: Store, listen: Listen, now: Instant) -> list[Finding]:
    """Whether a daemon answers, and whether what is due gets done."""
    answer = _ready(listen)
    since = store.next_wake()
    late = 0 if since is None else max(0, now - since)
    if answer is None:
        says = f"No daemon answers at {_address(listen)}"
        if late > _LATE:
            waiting = f"{says}, and people have been waiting for {_length(late)}."
            return [problem("store", waiting, "Start wayline serve.")]
        return [note("store", f"{says}: nobody is moved on.", "Start wayline serve.")]
    if answer:
        return [problem("store", f"The daemon is not ready: {answer}", "Put that right.")]
    if late > _LATE:
        return [
            problem(
                "store",
                f"The daemon is behind: what is due now has been due for {_length(late)}.",
                "Look at wayline_lateness_seconds in its metrics; it may need a faster disk.",
            )
        ]
    return [well("store", f"A daemon answers at {_address(listen)} and keeps up.")]


def clocks(store: Store, now: Instant) -> list[Finding]:
    """Whether this machine's clock is that of the database, and the store's past is past."""
    there = store.pulse.clock()
    latest = store.pulse.latest()
    found = []
    if there is not None and abs(now - there) > _APART:
        says = (
            f"This machine's clock is {_length(abs(now - there))}"
            f" {'ahead of' if now > there else 'behind'} that of the database, which counts."
        )
        found.append(note("store", says, "Let a time service set both, for example chrony."))
    if latest is not None and latest - (now if there is None else there) > _APART:
        ahead = _length(latest - (now if there is None else there))
        found.append(
            problem(
                "store",
                f"The store remembers what will be in {ahead}: a clock is wrong, or was.",
                "Put the clock right. If it is, a daemon believes it ten minutes after its start.",
            )
        )
    return found


def aside(store: Store) -> list[Finding]:
    """Whether people wait whose signals cannot be processed."""
    found = store.set_aside()
    if not found:
        return []
    who = "1 person is" if len(found) == 1 else f"{len(found)} people are"
    return [
        problem(
            "store",
            f"{who} set aside, because a bug keeps their signals from being processed.",
            "Report what wayline set-aside list says, put it right or install a newer Wayline, and"
            " then: wayline set-aside release --all",
        )
    ]


def _ready(listen: Listen) -> str | None:
    """What keeps the daemon from being ready, empty if nothing does; None if nobody answers."""
    request = Request(f"{_address(listen)}/readyz")  # noqa: S310 - always http
    try:
        with urlopen(request, timeout=_PATIENCE):  # noqa: S310 - as above
            return ""
    except HTTPError as refusal:
        return refusal.read(500).decode(errors="replace").strip() or str(refusal.reason)
    except (URLError, OSError):
        return None


def _address(listen: Listen) -> str:
    host = "127.0.0.1" if listen.host in ("0.0.0.0", "::") else listen.host  # noqa: S104 - asked of
    return f"http://{f'[{host}]' if ':' in host else host}:{listen.port}"


def _length(late: Instant) -> str:
    minutes = late // MINUTE
    if minutes >= 2880:
        return f"{minutes // 1440} days"
    if minutes >= 120:
        return f"{minutes // 60} hours"
    return f"{minutes} minutes" if minutes > 1 else f"{late // SECOND} seconds"

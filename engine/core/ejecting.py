"""Taking somebody out of one run by hand: a word in their history, that holds from when it is taken
in. They leave at once, by no way that the journey has, and nothing of the run goes out any more.
"""

from __future__ import annotations

from dsl.calendar import Instant
from dsl.expr.context import Happened
from engine.core.books import Books
from engine.core.ids import ejection_id
from engine.core.run import Run
from engine.core.signals import EventArrived
from engine.core.standing import Standing

__all__ = ["TAKEN_OUT", "eject", "ejected", "ejection"]

TAKEN_OUT = "taken out"
"""The event, and how the run was left. No event of a tracking plan can have a name with blanks."""


def ejection(run: Run, by: str, now: Instant) -> EventArrived:
    """The word that takes somebody out of a run, whoever says it and however often."""
    happened = Happened(TAKEN_OUT, now, now, 0, {"run": run.id, "by": by})
    return EventArrived(ejection_id(run.id), run.person, happened)


def eject(books: Books, event: Happened, now: Instant) -> None:
    """Ends the run, unless it has left by itself meanwhile."""
    run = books.standing.runs.get(str(event.properties.get("run")))
    if run is None or run.status != "live":
        return
    machine = books.program.machine_of(run)
    if machine is None:
        books.end_orphan(run, now)
        return
    passage, _ = books.passage(machine, run, now)
    passage.leave(TAKEN_OUT, detail=str(event.properties.get("by")))
    books.keep(passage.result(), run)


def ejected(standing: Standing, run: str) -> str | None:
    """Who has taken the person out of a run, if somebody has."""
    for event in standing.history.get(TAKEN_OUT, ()):
        if event.properties.get("run") == run:
            return str(event.properties.get("by"))
    return None

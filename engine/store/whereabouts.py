"""Where people are, for who wants to know how many an edit touches."""

from __future__ import annotations

from engine.core.run import Run
from engine.store.codec import Whereabouts
from engine.store.protocol import Residence

__all__ = ["residence_of"]


def residence_of(run: Run | Whereabouts) -> Residence:
    """Where an open run is."""
    inside = run.status == "live" and run.arm == "live"
    return Residence(run.journey, run.version, run.state if inside else "")

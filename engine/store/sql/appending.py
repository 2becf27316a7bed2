"""How something is put into the log of a database, as its parts need it who write beside that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from engine.core.signals import Arrival
from engine.store.protocol import Appended
from engine.store.sql.session import Session

__all__ = ["Appending"]


class Appending(NamedTuple):
    """``hold`` keeps whoever else would append for these people out until the transaction ends,
    ``receive`` appends, and ``lock`` ends a query of rows that nobody else may change meanwhile.
    """

    hold: Callable[[Session, Sequence[str]], None]
    receive: Callable[[Session, Sequence[Arrival]], Appended]
    lock: str = ""

    def hold_for(self, session: Session, arrivals: Sequence[Arrival]) -> None:
        """Holds the people of arrivals."""
        self.hold(session, [each.person for each in arrivals])

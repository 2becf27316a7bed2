"""A database, as batches and stores use it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from engine.store.protocol import StoreUnavailableError
from engine.store.sql.session import Session
from engine.store.sql.veil import Veil
from engine.store.waits import Waits

__all__ = ["Database"]


class Database(Protocol):
    """Connections and transactions."""

    waits: Waits
    veil: Veil

    def begin(self) -> Session:
        """Starts a writing transaction; ``commit`` or ``roll_back`` must follow."""
        ...

    def commit(self, session: Session) -> None:
        """Makes everything since ``begin`` durable."""
        ...

    def roll_back(self, session: Session) -> None:
        """Forgets everything since ``begin``."""
        ...

    def writing(self) -> AbstractContextManager[Session]:
        """A transaction that is committed if the block ends well."""
        ...

    def reading(self) -> AbstractContextManager[Session]:
        """One consistent view of everything committed so far. Never waits for a writer."""
        ...

    def trouble(self, error: BaseException) -> StoreUnavailableError | None:
        """What an error of the driver means if it may be over later, and nothing was written."""
        ...

    def tidy(self) -> None:
        """Housekeeping."""
        ...

    def close(self) -> None:
        """Closes every connection."""
        ...

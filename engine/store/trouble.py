"""What a store raises."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["StoreError", "StoreUnavailableError", "UnwritableError"]


class StoreError(Exception):
    """What an operator must put right before the store can be used, in one sentence."""


class StoreUnavailableError(StoreError):
    """The store cannot be used at the moment. What was asked for may or may not have been done
    (wholly, or not at all); asking again is safe.
    """


class UnwritableError(Exception):
    """What is to be written of these ``people`` cannot be kept by any store, and why. Nothing was."""

    def __init__(self, people: Mapping[str, Exception]) -> None:
        super().__init__(f"what is to be written of {len(people)} people cannot be kept")
        self.people = people

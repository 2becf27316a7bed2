"""What an operator gets wrong, wherever in the engine it shows."""

from __future__ import annotations

__all__ = ["OperatorError"]


class OperatorError(Exception):
    """What an operator must put right before anything can start, in one sentence."""

"""A journey in words, from what was compiled: it shows how the machine read the file."""

from __future__ import annotations

from dsl.explain.journey import explain_journey

__all__ = ["explain_journey"]

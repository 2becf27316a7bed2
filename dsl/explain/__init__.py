"""A journey in words, from what was compiled: it shows how the machine read the file."""

from __future__ import annotations

from dsl.explain.journey import explain_journey, head_in_words
from dsl.explain.steps import step_in_words

__all__ = ["explain_journey", "head_in_words", "step_in_words"]

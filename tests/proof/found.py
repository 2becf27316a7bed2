"""A promise that was found broken, and how it comes to be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dsl.compiler import compile_project
from dsl.render import render
from engine.scenarios.play import play
from tests.proof.telling import Broken, Passage, scenario

__all__ = ["UNSAID", "Call", "Found", "in_a_scenario"]

UNSAID = "cannot be said in a scenario"
Call = tuple[str, Mapping[str, Any]]


class Found(Broken):
    """A promise that is broken, by its number, and the calls of rules that led there; in the words
    of a scenario, if it has any for them.
    """

    def __init__(
        self,
        words: str,
        files: Mapping[str, str],
        steps: Sequence[str],
        number: int,
        calls: Sequence[Call],
        passage: Passage | None,
    ) -> None:
        super().__init__(words, files, steps)
        self.number = number
        self.calls = list(calls)
        self.passage = passage


def in_a_scenario(found: Found) -> Found:
    """With a scenario, if that fails as well: what is due is always done at once there."""
    if found.passage is None:
        return found
    path = f"tests/{found.passage.journey}.yaml"
    files = {**found.files, path: scenario(found.passage)}
    compiled = compile_project(files)
    assert compiled.project is not None, render(compiled.diagnostics, compiled.sources)
    if any(played.failures for played in play(compiled.project, compiled.scenarios)):
        found.files = files
    else:
        found.steps = [*found.steps, f"({UNSAID}: in one, what is due is done at once)"]
    return found

"""All checks, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dsl.diagnostics import Diagnostic
from dsl.lint.answers import untimed_answers
from dsl.lint.branches import splits_in_loops, unreached_branches
from dsl.lint.caps import idle_caps, too_many_messages
from dsl.lint.circles import circles
from dsl.lint.contradictions import contradictions
from dsl.lint.histories import goals_at_the_door, whole_histories
from dsl.lint.holdouts import idle_holdouts
from dsl.lint.keeping import kept_too_short
from dsl.lint.lengths import long_texts
from dsl.lint.neighbours import started_together
from dsl.lint.one_by_one import asked_one_by_one
from dsl.lint.purposes import (
    advertising_without_consent,
    nameless_texts,
    private_pushes,
    unstoppable_texts,
)
from dsl.lint.returns import never_again
from dsl.lint.sheets import Desk, desk
from dsl.lint.sizes import long_letters
from dsl.lint.unused import unused_variables
from dsl.lint.waits import exact_days, night_expiry, past_moments
from dsl.lint.windows import closed_windows
from dsl.machine import Project
from dsl.project import Read

__all__ = ["lint"]

_CHECKS: tuple[Callable[[Desk], Iterator[Diagnostic]], ...] = (
    contradictions,
    unreached_branches,
    splits_in_loops,
    night_expiry,
    too_many_messages,
    idle_caps,
    idle_holdouts,
    closed_windows,
    goals_at_the_door,
    whole_histories,
    started_together,
    circles,
    exact_days,
    past_moments,
    unused_variables,
    long_texts,
    long_letters,
    unstoppable_texts,
    nameless_texts,
    private_pushes,
    advertising_without_consent,
    untimed_answers,
    asked_one_by_one,
    never_again,
    kept_too_short,
)


def lint(project: Project, files: Read) -> list[Diagnostic]:
    """What all checks find in a project without errors."""
    looked_at = desk(project, files)
    return [one for check in _CHECKS for one in check(looked_at)]

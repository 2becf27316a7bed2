"""W156: a holdout of a journey whose category ignores holdouts."""

from __future__ import annotations

from collections.abc import Iterator

from dsl.diagnostics import Diagnostic
from dsl.files.reading import warning
from dsl.lint.sheets import Desk

__all__ = ["idle_holdouts"]


def idle_holdouts(desk: Desk) -> Iterator[Diagnostic]:
    """Shares that are written down and never drawn."""
    for sheet in desk.journeys.values():
        machine = sheet.machine
        category = desk.project.policy.categories[machine.category]
        if machine.holdout and "holdout" in category.ignores:
            yield warning(
                "W156",
                sheet.key("holdout"),
                f'This holds nobody out: the category "{category.name}" ignores holdouts.',
                f'Take "holdout" out of what "{category.name}" ignores in the policy, or give the'
                " journey another category.",
            )

"""Checks of a whole project that has no mistake: what is allowed, and hardly ever meant.

Each check looks at the compiled project and at the files it came from, and gives findings. It is
never asked about a project with errors, whose findings would only follow from those.
"""

from __future__ import annotations

from dsl.lint.dates import past_dates
from dsl.lint.run import lint

__all__ = ["lint", "past_dates"]

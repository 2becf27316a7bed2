"""How many examples are tried: few in every run, as many as somebody asks for in a long one."""

from __future__ import annotations

import os

__all__ = ["examples"]


def examples(few: int) -> int:
    """``few``, or what ``WAYLINE_TEST_EXAMPLES`` says."""
    return int(os.environ.get("WAYLINE_TEST_EXAMPLES", few))

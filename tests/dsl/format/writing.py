"""Ways to format a text in a test."""

from __future__ import annotations

from textwrap import dedent

from dsl.format import format_text

__all__ = ["formatted", "steps"]

JOURNEY = "journey: first\ncategory: service\ntrigger:\n  event: purchase\n"


def formatted(text: str, taken: tuple[str, ...] = ()) -> str:
    done = format_text("file.yaml", dedent(text), taken)
    assert isinstance(done, str)
    assert format_text("file.yaml", done, taken) == done
    return done


def steps(text: str) -> str:
    """The steps of a journey, formatted."""
    done = formatted(JOURNEY + "steps:\n" + dedent(text))
    assert done.startswith(JOURNEY + "steps:\n")
    return done.removeprefix(JOURNEY + "steps:\n")

"""The example project of the tests, and what is changed in it."""

from __future__ import annotations

from pathlib import Path

from dsl.compiler import Compiled, compile_project
from dsl.diagnostics import Diagnostic

__all__ = ["SHOP", "compile_shop", "news", "shop_files"]

SHOP = Path(__file__).parent.parent / "projects" / "shop"


def shop_files() -> dict[str, str]:
    """The texts of the example project by path."""
    return {
        path.relative_to(SHOP).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(SHOP.rglob("*.yaml"))
    }


def compile_shop(**changed: str) -> Compiled:
    """The example project, with some files changed or added."""
    return compile_project({**shop_files(), **changed})


def news(before: Compiled, after: Compiled) -> list[Diagnostic]:
    """The findings that were not there before, wherever their lines have moved to."""
    known = {(one.code, one.span.path, one.message) for one in before.diagnostics}
    return [
        one
        for one in after.diagnostics
        if (one.code, one.span.path, one.message) not in known
    ]

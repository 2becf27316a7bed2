"""Findings as a person reads them in a terminal, and as a program reads them.

The form of the text is fixed by the language's corpus of messages; nothing else in the house
prints a diagnostic.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias
from unicodedata import combining, east_asian_width

from dsl.diagnostics import Diagnostic, Fix, Severity, Span, in_order
from dsl.source import normal_text

__all__ = ["MOST_SHOWN", "render", "to_json"]

MOST_SHOWN = 20
_WIDEST = 180  # a longer line is shown in part, around the place

Json: TypeAlias = "str | int | bool | Mapping[str, Json] | Sequence[Json] | None"


def render(
    diagnostics: Iterable[Diagnostic], sources: Mapping[str, str], *, colour: bool = False
) -> str:
    """The findings with the lines they point at. ``sources`` are the texts by path.

    At most twenty are printed, errors before warnings; a closing line says how many more there
    are.
    """
    findings = in_order(diagnostics)
    lines: dict[str, list[str]] = {}
    blocks = []
    for one in _most_important(findings):
        path = one.span.path
        if path not in lines:
            lines[path] = normal_text(sources[path]).split("\n") if path in sources else []
        blocks.append(_block(one, lines[path], colour=colour))
    more = len(findings) - MOST_SHOWN
    if more > 0:
        blocks.append(f"And {more} more.\n")
    return "\n".join(blocks)


def _most_important(findings: list[Diagnostic]) -> list[Diagnostic]:
    """What is shown, in its order: no error is left out for the sake of a warning."""
    chosen = sorted(findings, key=lambda one: not one.stops)[:MOST_SHOWN]
    return in_order(chosen)


def to_json(diagnostics: Iterable[Diagnostic]) -> list[Json]:
    """The findings as plain data, all of them."""
    return [
        {
            "severity": one.severity.value,
            "code": one.code,
            "message": one.message,
            "hint": one.hint,
            "path": one.span.path,
            "range": _range(one.span.line, one.span.column, one.span.width),
            "folded": list(one.folded),
            "fix": None if one.fix is None else _fix(one.fix),
        }
        for one in in_order(diagnostics)
    ]


def _range(line: int, column: int, width: int) -> Json:
    return {
        "start": {"line": line, "column": column},
        "end": {"line": line, "column": column + width},
    }


def _fix(fix: Fix) -> Json:
    return {
        "title": fix.title,
        "safe": fix.safe,
        "edits": [
            {"path": one.path, "range": _range(one.line, one.column, one.width), "text": one.text}
            for one in fix.edits
        ],
    }


def _block(one: Diagnostic, lines: list[str], *, colour: bool) -> str:
    tint = "31" if one.severity is Severity.ERROR else "33"

    def paint(text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if colour else text

    head = paint(f"{one.severity.value} {one.code}", f"1;{tint}")
    out = [f"{head}  {paint(str(one.span), '1')}"]
    out += [f"  {_printable(line)}" for line in one.message.split("\n")]
    if 1 <= one.span.line <= len(lines):
        shown, before, width = _excerpt(lines[one.span.line - 1], one.span)
        gutter = f"{one.span.line:>5} | "
        blank = " " * (len(gutter) - 2) + "| "
        carets = paint("^" * width, f"1;{tint}")
        out += ["", (gutter + shown).rstrip(), f"{blank}{before}{carets}"]
    if not one.span.line and one.hint is not None:
        out.append("")
    if one.hint is not None:
        first, *rest = one.hint.split("\n")
        out += [f"  {paint('Hint:', '1')} {_printable(first)}"]
        out += [f"        {_printable(line)}" for line in rest]
    if one.folded:
        out.append(f"  (+ {', '.join(one.folded)})")
    return "\n".join(out) + "\n"


def _excerpt(line: str, span: Span) -> tuple[str, str, int]:
    """The line as shown, what stands before the carets, and how many carets there are."""
    start = min(span.column - 1, len(line))
    end = min(start + span.width, max(len(line), start + 1))
    left = 0
    if len(line) > _WIDEST:
        left = max(0, min(start - _WIDEST // 3, len(line) - _WIDEST))
        end = min(end, left + _WIDEST)
        line = line[: left + _WIDEST] + ("…" if left + _WIDEST < len(line) else "")
    lead = "…" if left else ""
    before = "".join("\t" if char == "\t" else " " * _cells(char) for char in line[left:start])
    carets = sum(_cells(char) for char in line[start:end])
    return lead + _printable(line[left:]), " " * len(lead) + before, max(1, carets)


def _cells(char: str) -> int:
    """How many columns of a terminal the character takes."""
    if combining(char):
        return 0
    return 2 if east_asian_width(char) in "WF" else 1


def _printable(text: str) -> str:
    """The text without anything that could steer a terminal."""
    return "".join(char if char.isprintable() or char == "\t" else "�" for char in text)

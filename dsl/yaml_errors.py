"""What the YAML parser stumbles over, in everyday words (Y01 to Y13).

The parser says what it expected; the author needs to hear what stands there. So the kind of
mistake is read from the line in the file, and the parser's own words serve only to choose.
"""

from __future__ import annotations

import re

from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

from dsl.diagnostics import Diagnostic, Severity, Span
from dsl.source import Source

__all__ = ["braces_as_value", "error", "explain"]

_KEY = re.compile(
    r"""(?P<lead>\s*(?:-\s+)*)(?P<key>[^\s"'\[\]{}#:][^"'\[\]{}#:]*):\s+(?P<value>\S.*)"""
)
_ITEM = re.compile(r"(?P<lead>\s*(?:-\s+)+)(?P<value>\S.*)")
_OPERATOR = re.compile(
    r"(is|has|in|not|and|or|does|contains|starts|ends|matches)\b|[=<>!]", re.IGNORECASE
)
_SPECIAL = "-?>|*&!%@`"

_ODD_INDENTATION = (
    "The indentation does not fit: this line belongs neither to the line above nor to an outer "
    "level."
)


def error(code: str, span: Span, message: str, hint: str | None = None) -> Diagnostic:
    """An error of the layout."""
    return Diagnostic(Severity.ERROR, code, span, message, hint)


def explain(problem: Exception, source: Source) -> Diagnostic:
    """The parser's exception as a finding."""
    if isinstance(problem, ReaderError):
        code_point = problem.character if isinstance(problem.character, int) else 0
        return error(
            "Y11",
            source.span(problem.position, problem.position + 1),
            f"This file holds a character that no text should hold (U+{code_point:04X}).",
            "Is it a text file, saved as UTF-8?",
        )
    mark = problem.problem_mark if isinstance(problem, MarkedYAMLError) else None
    said = str(problem.problem) if isinstance(problem, MarkedYAMLError) else str(problem)
    if mark is None:  # chr() refused a number
        at = max(0, source.text.find("\\U"))
        return error("Y13", source.span(at, at + 10), "There is no character with this number.")
    index = min(mark.index, max(0, len(source.text) - 1))
    context = problem.context_mark if isinstance(problem, MarkedYAMLError) else None
    start = index if context is None else min(context.index, index)
    return _explain(said, source, index, start)


def braces_as_value(source: Source, index: int) -> Diagnostic:
    """Y02: ``{{`` opens a text that YAML takes for a map in a map."""
    line, column = source.position(index)
    text = source.line(line)
    value = text[column - 1 :]
    written = re.match(r"\s*(?:-\s+)*([^:\s][^:]*:\s)?", text[: column - 1])
    key = (written[1] if written and written[1] else "").strip()
    return error(
        "Y02",
        Span(source.path, line, column, max(1, len(value))),
        "A text that starts with {{ needs quotation marks around it.",
        f"""Write: {key}{" " if key else ""}"{value.split(" #")[0].rstrip().replace('"', "'")}\"""",
    )


def _explain(said: str, source: Source, index: int, start: int) -> Diagnostic:
    line, column = source.position(index)
    if source.text.startswith("\t", index):
        return _tab(source, line, column)
    if "unexpected end of stream" in said or "document separator" in said:
        return error(
            "Y07",
            source.span(start, start + 1),
            "This quotation mark is never closed.",
            "Close it where the text ends.",
        )
    if "unknown escape" in said or "expected escape" in said:
        return error(
            "Y13",
            source.span(max(0, index - 1), index + 1),
            "A backslash means something else between double quotation marks.",
            "Use single quotation marks around the text, or write two backslashes.",
        )
    if "mapping values are not allowed" in said:
        return _colon(source, line, column)
    return (
        _value_start(source, line)
        or _brackets(said, source, index, start)
        or _no_colon(said, source, start)
        or _indentation(source, line)
    )


def _tab(source: Source, line: int, column: int) -> Diagnostic:
    if source.line(line)[: column - 1].strip():
        message, hint = "There is a tab here.", "Use a blank."
    else:
        message, hint = "This line starts with a tab.", "Use spaces. Two per level."
    return error("Y01", Span(source.path, line, column), message, hint)


def _colon(source: Source, line: int, column: int) -> Diagnostic:
    found = _KEY.match(source.line(line))
    if found is None or found.start("value") >= column:
        return _indentation(source, line)
    return error(
        "Y04",
        Span(source.path, line, column),
        "There is a colon followed by a space inside this value.",
        "Put quotation marks around the whole value.",
    )


def _value_start(source: Source, line: int) -> Diagnostic | None:
    """What is wrong with how a value begins, judged by the line alone."""
    text = source.line(line)
    found = _KEY.match(text) or _ITEM.match(text)
    if found is None:
        return None
    value, at = found["value"], found.start("value")
    span = Span(source.path, line, at + 1, len(value))
    if value.startswith("{{"):
        return braces_as_value(source, source.starts[line - 1] + at)
    if value[0] in "\"'":
        return _quoted_start(value, span)
    if value[0] in _SPECIAL:
        first = "- " if value.startswith("- ") else value[0]
        return error(
            "Y05",
            span,
            f'A value cannot start with "{first}".',
            "Put quotation marks around the whole value.",
        )
    return None


def _quoted_start(value: str, span: Span) -> Diagnostic | None:
    quote = value[0]
    end = value.find(quote, 1)
    if end < 0 or not value[end + 1 :].strip() or value[end + 1 :].strip().startswith("#"):
        return None
    if _OPERATOR.match(value[end + 1 :].strip()):
        return error(
            "Y03", span, "A rule cannot start with a quoted text.", 'Turn it around: tags has "vip"'
        )
    other = "'" if quote == '"' else '"'
    return error(
        "Y03",
        span,
        "The text goes on after its closing quotation mark.",
        f"Put {other} around the whole value.",
    )


def _brackets(said: str, source: Source, index: int, start: int) -> Diagnostic | None:
    char = source.text[index : index + 1]
    if "stream end" in said or "flow" in said or said.startswith("expected ','"):
        opened = source.text[start : start + 1]
        if opened in ("[", "{"):
            return error(
                "Y07",
                source.span(start, start + 1),
                f'This "{opened}" is never closed, or something in it does not belong there.',
                "Separate the parts with commas and close the bracket where they end.",
            )
    if char and char in "]},":
        return error(
            "Y07", source.span(index, index + 1), f'This "{char}" has nothing to close or separate.'
        )
    return None


def _no_colon(said: str, source: Source, start: int) -> Diagnostic | None:
    if "could not find expected ':'" not in said:
        return None
    line, column = source.position(start)
    text = source.line(line)
    return error(
        "Y10",
        Span(source.path, line, column, max(1, len(text.rstrip()) - column + 1)),
        "This line has no colon.",
        "A line is a key, a colon, a space and a value: owner: crm@shop.example",
    )


def _indentation(source: Source, line: int) -> Diagnostic:
    text = source.line(line)
    column = len(text) - len(text.lstrip()) + 1
    return error(
        "Y09",
        Span(source.path, line, column),
        _ODD_INDENTATION,
        f"It starts in column {column}. Lines of the same step start in the same column.",
    )

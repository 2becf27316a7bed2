"""Findings as an editor shows them, with what would put them right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from lsprotocol import types

from dsl.diagnostics import Diagnostic, Fix, Severity
from dsl.format.fixes import with_fixes
from engine.lsp.document import Document
from engine.lsp.project import Project

__all__ = ["Later", "as_shown", "quick_fixes"]

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
}


def as_shown(document: Document, findings: Iterable[Diagnostic]) -> list[types.Diagnostic]:
    """The findings of one file."""
    return [_shown(document, one) for one in findings]


def _shown(document: Document, one: Diagnostic) -> types.Diagnostic:
    message = one.message if one.hint is None else f"{one.message}\nHint: {one.hint}"
    return types.Diagnostic(
        range=document.range(one.span),
        message=message,
        severity=_SEVERITIES[one.severity],
        code=one.code,
        source="wayline",
    )


def quick_fixes(
    project: Project, path: str, findings: Iterable[Diagnostic], where: types.Range
) -> list[tuple[Diagnostic, Fix]]:
    """The fixes of what was found in a range of a file."""
    document = project.documents[path]
    near = [one for one in findings if _touch(document.range(one.span), where)]
    plan = [each for each in project.paths("tracking plan") if each != path]
    files = {each: project.documents[each].text for each in (path, *plan)}
    return [(one, one.fix) for one in with_fixes(near, files) if one.fix is not None]


def _touch(one: types.Range, other: types.Range) -> bool:
    return not (_after(one.start, other.end) or _after(other.start, one.end))


def _after(one: types.Position, other: types.Position) -> bool:
    return (one.line, one.character) > (other.line, other.character)


class Later:
    """What only the whole check found in a file, carried along while the file is edited."""

    def __init__(self, document: Document, findings: Sequence[Diagnostic]) -> None:
        self._lines = document.source.text.split("\n")
        self._findings = findings

    def now(self, document: Document) -> list[Diagnostic]:
        """Those whose line is still there, where it stands now."""
        if not self._findings:
            return []
        old, new = self._lines, document.source.text.split("\n")
        shorter = min(len(old), len(new))
        top = next((at for at in range(shorter) if old[at] != new[at]), shorter)
        bottom = next(
            (at for at in range(shorter - top) if old[-1 - at] != new[-1 - at]), shorter - top
        )
        moved = len(new) - len(old)
        kept = []
        for one in self._findings:
            if one.span.line <= top:
                kept.append(one)
            elif one.span.line > len(old) - bottom:
                kept.append(replace(one, span=replace(one.span, line=one.span.line + moved)))
        return kept

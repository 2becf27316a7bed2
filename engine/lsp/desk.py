"""One project that is being edited: when its files are checked, and what is shown of it.

A change is answered by a check of its own file, at once; when the typing stops, the whole project
is checked in another process and every file is shown anew. A whole check that was overtaken by
further typing counts for the files that are as it saw them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from dsl.diagnostics import Diagnostic
from engine.lsp.document import Document
from engine.lsp.findings import Later
from engine.lsp.project import LARGE, Project
from engine.lsp.slices import check_file
from engine.lsp.whole import WholeCheck

__all__ = ["Desk"]

SOON, IDLE = 0.02, 0.4
"""Seconds without a keystroke before the file, and before the project is checked."""


class Desk:
    """``show`` is told a file and all that is wrong in it; ``complain`` what went wrong here."""

    def __init__(
        self,
        project: Project,
        show: Callable[[str, list[Diagnostic]], None],
        complain: Callable[[str], None],
    ) -> None:
        self.project = project
        self.found: dict[str, list[Diagnostic]] = {}  # as it is shown now
        self._show = show
        self._complain = complain
        self._whole = WholeCheck()
        self._later: dict[str, Later] = {}
        self._soon: dict[str, asyncio.TimerHandle] = {}
        self._idle: asyncio.TimerHandle | None = None
        self._checking: asyncio.Task[None] | None = None
        self._again = False

    def changed(self, path: str) -> None:
        """Somebody typed in this file."""
        loop = asyncio.get_running_loop()
        if (waiting := self._soon.pop(path, None)) is not None:
            waiting.cancel()
        self._soon[path] = loop.call_later(SOON, self.check, path)
        self.something_changed()

    def something_changed(self) -> None:
        """Some file is not what it was."""
        if self._idle is not None:
            self._idle.cancel()
        self._idle = asyncio.get_running_loop().call_later(IDLE, self._check_all)

    def check(self, path: str) -> None:
        """Checks one file now and shows what is wrong in it."""
        self._soon.pop(path, None)
        document = self.project.documents.get(path)
        if document is None or len(document.text) > LARGE:
            return
        findings = check_file(self.project, path)
        later = self._later.get(path)
        more = [] if later is None else later.now(document)
        self._tell(path, [*findings, *(one for one in more if one not in findings)])

    def close(self) -> None:
        """Nobody edits here any more."""
        for timer in (*self._soon.values(), *([self._idle] if self._idle else [])):
            timer.cancel()
        if self._checking is not None:
            self._checking.cancel()
        self._whole.stop()

    def _check_all(self) -> None:
        self._idle = None
        if self._checking is not None and not self._checking.done():
            self._again = True
            return
        self._checking = asyncio.get_running_loop().create_task(self._check_whole())

    async def _check_whole(self) -> None:
        seen = dict(self.project.documents)
        texts = {path: document.text for path, document in seen.items()}
        try:
            found = await self._whole.check(texts, self.project.unreadable)
        except RuntimeError as ended:
            self._complain(str(ended))
            return
        by_path: dict[str, list[Diagnostic]] = {}
        for one in found:
            by_path.setdefault(one.span.path, []).append(one)
        for path in {*by_path, *self.found}:
            self._seen_whole(path, seen.get(path), by_path.get(path, []))
        if self._again:
            self._again = False
            self._check_all()

    def _seen_whole(self, path: str, seen: Document | None, findings: list[Diagnostic]) -> None:
        now = self.project.documents.get(path)
        if now is not seen:  # it has been edited since, and will be seen again
            return
        if path in self.project.opened and now is not None and len(now.text) <= LARGE:
            own = check_file(self.project, path)
            self._later[path] = Later(now, [one for one in findings if one not in own])
        self._tell(path, findings)

    def _tell(self, path: str, findings: list[Diagnostic]) -> None:
        if findings or path in self.found or path in self.project.opened:
            self.found[path] = findings
            self._show(path, findings)

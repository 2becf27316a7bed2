"""The check of a whole project, in a process of its own, so that typing never waits for it.

A line of JSON goes in (the files that have changed, None for one that is gone) and a line comes out
(everything found). What has been parsed once is kept until its text changes.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, BinaryIO

from dsl.compiler import compile_read
from dsl.diagnostics import Diagnostic, Edit, Fix, Severity, Span
from dsl.project import Read, sort_files

__all__ = ["WholeCheck", "serve"]

_NICE = 5  # the editor's own process goes first


class _Kept:
    """The files of a project, each as it was read."""

    def __init__(self) -> None:
        self._read: dict[str, tuple[Read, list[Diagnostic]]] = {}

    def change(self, files: Mapping[str, str | None]) -> None:
        for path, text in files.items():
            self._read.pop(path, None)
            if text is not None:
                found: list[Diagnostic] = []
                self._read[path] = sort_files({path: text}, found), found

    def check(self, unreadable: list[Diagnostic]) -> tuple[Diagnostic, ...]:
        every = Read()
        found = list(unreadable)
        for path in sorted(self._read):
            read, own = self._read[path]
            found += own
            for kind, nodes in read.nodes.items():
                every.nodes.setdefault(kind, []).extend(nodes)
            for kind, names in read.broken.items():
                every.broken.setdefault(kind, set()).update(names)
        return compile_read(every, {}, found, unread=bool(unreadable)).diagnostics


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answers until nobody asks any more."""
    kept = _Kept()
    for line in requests:
        asked = json.loads(line)
        kept.change(asked["files"])
        found = kept.check([_diagnostic(one) for one in asked["unreadable"]])
        answers.write(json.dumps([asdict(one) for one in found]).encode() + b"\n")
        answers.flush()


def _diagnostic(plain: Mapping[str, Any]) -> Diagnostic:
    fix = plain["fix"]
    return Diagnostic(
        Severity(plain["severity"]),
        plain["code"],
        Span(**plain["span"]),
        plain["message"],
        plain["hint"],
        tuple(plain["folded"]),
        plain["folded_error"],
        None
        if fix is None
        else Fix(fix["title"], tuple(Edit(**edit) for edit in fix["edits"]), fix["safe"]),
    )


class WholeCheck:
    """The other process, asked from here. It starts with the first question."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._told: dict[str, str] = {}

    async def check(
        self, files: Mapping[str, str], unreadable: tuple[Diagnostic, ...]
    ) -> list[Diagnostic]:
        """Everything found in these files."""
        process = await self._running()
        changed: dict[str, str | None] = {
            path: text for path, text in files.items() if self._told.get(path) != text
        }
        changed |= dict.fromkeys(path for path in self._told if path not in files)
        self._told = dict(files)
        asked = {"files": changed, "unreadable": [asdict(one) for one in unreadable]}
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(asked).encode() + b"\n")
        await process.stdin.drain()
        line = await process.stdout.readline()
        if not line:
            self._process, self._told = None, {}
            raise RuntimeError(
                "The project could not be checked as a whole: this is a bug in Wayline. Please report"
                " it with what the log of the language server says."
            )
        return [_diagnostic(one) for one in json.loads(line)]

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._told = {}
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",  # nothing in the editor's folder is taken for one of our packages
                "-m",
                "engine.lsp.whole",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=2**30,
            )
        return self._process

    def stop(self) -> None:
        """Ends the other process: it has nobody left to answer."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
        self._process = None


if __name__ == "__main__":
    os.nice(_NICE)
    serve(sys.stdin.buffer, sys.stdout.buffer)

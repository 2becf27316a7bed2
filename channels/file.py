"""Writes what would be sent as lines of JSON, one file per channel.

One rule: a line is there whole or not at all, whatever fails between two bytes of it.
"""

from __future__ import annotations

import asyncio
import errno
import json
import os
import threading
from pathlib import Path
from typing import Annotated, TypeAlias

from pydantic import Field, StringConstraints

from channels.adapter import Capabilities
from channels.memory import CHANNELS
from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, Rejected
from channels.settings import Settings, SettingsError
from dsl.calendar import Instant

__all__ = ["FileAdapter", "FileSettings"]

_END = b"\n"
_BLOCK = 65_536

ChannelName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
"""A word that is safe as the name of a file."""


class FileSettings(Settings):
    """``fsync`` makes every line survive a power cut, at the price of a disk write each."""

    folder: Path = Path("outbox")
    fsync: bool = False
    channels: frozenset[ChannelName] = Field(default=CHANNELS, min_length=1)


class FileAdapter:
    """Appends each message to ``<folder>/<channel>.jsonl``. One process writes to a folder."""

    Settings = FileSettings

    def __init__(self, settings: FileSettings) -> None:
        self._settings = settings
        self._files: dict[str, int] = {}
        self._one_at_a_time = threading.Lock()  # a thread goes on when its caller is cancelled
        self._closed = False
        try:
            settings.folder.mkdir(parents=True, exist_ok=True)
        except OSError as refusal:
            raise SettingsError(
                f'adapter "file": "folder" cannot be used: {_reason(refusal)}.'
                " Name a folder that can be written to."
            ) from refusal

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(self._settings.channels, concurrency=1)

    async def send(self, message: Message) -> Outcome:
        if self._closed:
            raise RuntimeError("this adapter is closed")
        if message.channel not in self._settings.channels:
            raise ValueError(f"this adapter does not carry {message.channel!r}")
        line = _line(message)
        try:
            if self._settings.fsync:  # slow, so the loop goes on meanwhile
                await asyncio.to_thread(self._append, message.channel, line)
            else:
                self._append(message.channel, line)
        except OSError as refusal:
            code = errno.errorcode.get(refusal.errno or 0, "OSError")
            return Rejected(FailureClass.TRANSIENT, code, _reason(refusal))
        return Accepted(message.id)

    async def probe(self, now: Instant) -> str:
        folder = self._settings.folder
        if not os.access(folder, os.W_OK | os.X_OK):
            return f"The folder {folder} cannot be written to."
        for channel in sorted(self._settings.channels):
            path = folder / f"{channel}.jsonl"
            if path.exists() and not (path.is_file() and os.access(path, os.W_OK)):
                return f"{path} is not a file that can be written to."
        return ""

    async def close(self) -> None:
        with self._one_at_a_time:
            self._closed = True
            while self._files:
                _, handle = self._files.popitem()
                os.close(handle)

    def _append(self, channel: str, line: bytes) -> None:
        with self._one_at_a_time:
            if self._closed:  # given up, and begun all the same by a thread that came late
                raise RuntimeError("this adapter is closed")
            handle = self._files.get(channel)
            if handle is None:
                handle = self._files[channel] = _open(self._settings.folder / f"{channel}.jsonl")
            before = os.fstat(handle).st_size
            try:
                _write_all(handle, line)
                if self._settings.fsync:
                    os.fsync(handle)
            except OSError:
                os.ftruncate(handle, before)
                raise


def _line(message: Message) -> bytes:
    content = {
        "id": message.id,
        "channel": message.channel,
        "address": message.address,
        "category": message.category,
        "journey": message.journey,
        "message": message.message,
        "at": message.at,
        "parts": dict(message.parts),
        "headers": dict(message.headers),
    }
    # Half a surrogate pair has no UTF-8; written as \\udXXX it is JSON again.
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace") + _END


def _open(path: Path) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)  # addresses of people
    try:
        os.ftruncate(handle, _end_of_last_line(handle))
    except OSError:
        os.close(handle)
        raise
    return handle


def _end_of_last_line(handle: int) -> int:
    """Where the last whole line ends. What follows was never accepted: its writer died."""
    position = os.fstat(handle).st_size
    while position > 0:
        start = max(0, position - _BLOCK)
        found = os.pread(handle, position - start, start).rfind(_END)
        if found >= 0:
            return start + found + 1
        position = start
    return 0


def _write_all(handle: int, line: bytes) -> None:
    rest = memoryview(line)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _reason(refusal: OSError) -> str:
    return f"{refusal.strerror or refusal}: {refusal.filename or 'the outbox file'}"

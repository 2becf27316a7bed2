"""A line is there whole or not at all."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from channels.file import FileAdapter, FileSettings
from channels.message import Message
from channels.outcome import Accepted, Outcome, Rejected
from channels.settings import SettingsError
from channels.testing import AdapterContract, Arrived, Situation


def sms(delivery: str, text: str = "hello") -> Message:
    return Message(delivery, "sms", "+491700000000", "news", "j", "m", {"text": text}, at=5)


def lines(path: Path) -> list[dict[str, object]]:
    raw = path.read_bytes() if path.is_file() else b""
    assert raw == b"" or raw.endswith(b"\n")
    return [json.loads(line) for line in raw.splitlines()]


def send(adapter: FileAdapter, *messages: Message) -> list[Outcome]:
    async def story() -> list[Outcome]:
        outcomes = [await adapter.send(message) for message in messages]
        await adapter.close()
        return outcomes

    return asyncio.run(story())


class FileRig:
    channel = "whatsapp"
    address = "+491700000000"
    texts: Mapping[str, str] = {"text": "Grüße,\nAda 👋"}

    def __init__(self, folder: Path, *, fsync: bool) -> None:
        self.adapter = FileAdapter(FileSettings(folder=folder, fsync=fsync))
        self._path = folder / "whatsapp.jsonl"

    async def arrange(self, situation: Situation) -> bool:
        if situation is Situation.DOWN:
            self._path.mkdir()
        elif situation is Situation.WELL and self._path.is_dir():
            self._path.rmdir()
        return situation in (Situation.DOWN, Situation.WELL)

    def arrived(self) -> list[Arrived]:
        return [
            Arrived(str(line["id"]), str(line["address"]), dict(line["parts"]))  # type: ignore[call-overload]
            for line in lines(self._path)
        ]


class TestContract(AdapterContract):
    fsync = False

    @asynccontextmanager
    async def rig(self) -> AsyncIterator[FileRig]:
        with TemporaryDirectory() as folder:
            rig = FileRig(Path(folder) / "out", fsync=self.fsync)
            yield rig
            await rig.adapter.close()


class TestContractWithFsync(TestContract):
    fsync = True


def test_a_line_holds_the_whole_message(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "on demand"
    send(FileAdapter(FileSettings(folder=folder)), sms("d1", "Grüße"))

    assert lines(folder / "sms.jsonl") == [
        {
            "id": "d1", "channel": "sms", "address": "+491700000000", "category": "news",
            "journey": "j", "message": "m", "at": 5, "parts": {"text": "Grüße"}, "headers": {},
        }
    ]  # fmt: skip
    assert "Grüße" in (folder / "sms.jsonl").read_text("utf-8")  # for people, not only programs


def test_each_channel_has_a_file_and_lines_are_added_to_what_is_there(tmp_path: Path) -> None:
    email = Message("d3", "email", "ada@example.com", "news", "j", "m", {})
    send(FileAdapter(FileSettings(folder=tmp_path)), sms("d1"), email)
    send(FileAdapter(FileSettings(folder=tmp_path)), sms("d2"))

    assert [line["id"] for line in lines(tmp_path / "sms.jsonl")] == ["d1", "d2"]
    assert [line["id"] for line in lines(tmp_path / "email.jsonl")] == ["d3"]


@pytest.mark.parametrize("half", [b'{"id": "d9", "te', b"x" * 200_000])
def test_half_a_line_left_by_a_crash_is_cut_off(tmp_path: Path, half: bytes) -> None:
    path = tmp_path / "sms.jsonl"
    send(FileAdapter(FileSettings(folder=tmp_path)), sms("d1"))
    path.write_bytes(path.read_bytes() + half)

    send(FileAdapter(FileSettings(folder=tmp_path)), sms("d2"))

    assert [line["id"] for line in lines(path)] == ["d1", "d2"]


def test_only_half_a_line_is_cut_off_too(tmp_path: Path) -> None:
    path = tmp_path / "sms.jsonl"
    path.write_bytes(b"x" * 70_000)

    send(FileAdapter(FileSettings(folder=tmp_path)), sms("d1"))

    assert [line["id"] for line in lines(path)] == ["d1"]


FULL_DISK = """
import asyncio, resource, signal, sys
from channels.file import FileAdapter, FileSettings
from channels.message import Message

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

async def story():
    adapter = FileAdapter(FileSettings(folder=sys.argv[1]))
    for n in range(20):
        text = "x" * (90 + n)
        print(type(await adapter.send(Message(f"d{n}", "sms", "1", "c", "j", "m", {"text": text}))).__name__)
    await adapter.close()

asyncio.run(story())
"""


def test_a_full_disk_is_a_refusal_and_leaves_no_half_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(FULL_DISK), str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )

    answers = done.stdout.split()
    assert {"Accepted", "Rejected"} == set(answers)
    assert answers.count("Accepted") == len(lines(tmp_path / "sms.jsonl"))


def test_a_refusal_says_what_the_system_said(tmp_path: Path) -> None:
    (tmp_path / "sms.jsonl").mkdir()

    (outcome,) = send(FileAdapter(FileSettings(folder=tmp_path)), sms("d1"))

    assert isinstance(outcome, Rejected)
    assert outcome.code == "EISDIR"
    assert "sms.jsonl" in outcome.reason


def test_a_folder_that_cannot_be_made_is_told_at_start_up(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")

    with pytest.raises(SettingsError, match=r'"folder" cannot be used: .* Name a folder'):
        FileAdapter(FileSettings(folder=tmp_path / "taken" / "out"))


def test_the_file_is_nobody_elses_business(tmp_path: Path) -> None:
    (outcome,) = send(FileAdapter(FileSettings(folder=tmp_path)), sms("d1"))

    assert outcome == Accepted("d1")
    assert (tmp_path / "sms.jsonl").stat().st_mode & 0o077 == 0

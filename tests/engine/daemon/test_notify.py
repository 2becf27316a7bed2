"""systemd is told, if it asks."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from engine.daemon.notify import READY, notify


@pytest.mark.parametrize("abstract", [False, True])
def test_whoever_asks_is_told(tmp_path: Path, *, abstract: bool) -> None:
    name = f"@{tmp_path}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("\0" + name[1:] if abstract else name)
        manager.settimeout(10)
        notify(READY, {"NOTIFY_SOCKET": name})

        assert manager.recv(100) == b"READY=1"


@pytest.mark.parametrize("name", ["", "/nobody/listens/here", "no/path"])
def test_nothing_depends_on_it(name: str) -> None:
    notify(READY, {"NOTIFY_SOCKET": name})
    notify(READY, {})

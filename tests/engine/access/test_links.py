"""Secrets of our own making."""

from __future__ import annotations

import stat
from pathlib import Path

from engine.access.links import Links, load_secret


def test_a_secret_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "w.db.secret"
    secret = load_secret(path)

    assert load_secret(path) == secret
    assert len(secret) == 64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["w.db.secret"]


def test_secrets_differ(tmp_path: Path) -> None:
    assert load_secret(tmp_path / "a") != load_secret(tmp_path / "b")


def test_a_token_of_another_secret_is_nobodys() -> None:
    token = Links(b"one").token("d1")

    assert Links(b"one").delivery(token) == "d1"
    assert Links(b"two").delivery(token) is None

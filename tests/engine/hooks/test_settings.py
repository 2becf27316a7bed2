"""Webhooks that operators write down in their settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.clock import SystemClock
from engine.config import OperatorError, Settings, Webhook, read_settings
from engine.hooks import follow_settings, open_hooks
from engine.store.memory import MemoryStore

TOML = """
webhooks_inside = ["10.0.0.0/8", "crm.internal"]
[webhooks.crm]
url = "http://crm.internal/hook"
events = ["message.*", "person.erased"]
"""


def _read(folder: Path, text: str) -> Settings:
    (folder / "wayline.toml").write_text(text, encoding="utf-8")
    return read_settings(folder / "wayline.toml", {})


def test_they_follow_the_settings(tmp_path: Path) -> None:
    settings = _read(tmp_path, TOML)
    store = MemoryStore()
    hooks = open_hooks(store, settings, b"secret", SystemClock())
    made = hooks.managing.make("mine", "https://x.example/", ["*"], "", 1)
    assert made is not None
    follow_settings(hooks.managing, settings.webhooks, 5)
    follow_settings(hooks.managing, settings.webhooks, 6)

    mine, crm = store.hooks.known()
    assert (crm.id, crm.url, crm.settled) == ("crm", "http://crm.internal/hook", True)
    changed = {"crm": Webhook(url="http://10.0.0.7/", events=("*",))}
    follow_settings(hooks.managing, changed, 7)
    assert [each.sorts for each in store.hooks.known()] == [("*",), ("*",)]
    follow_settings(hooks.managing, {}, 8)
    assert store.hooks.known() == [mine]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '[webhooks.crm]\nurl = "https://127.0.0.1/"\nevents = ["*"]',
            "webhooks.crm: .*lies inside",
        ),
        ('[webhooks.crm]\nurl = "https://x.example/"\nevents = ["sent"]', "nothing to be told of"),
    ],
)
def test_what_cannot_be_is_said_at_the_start(tmp_path: Path, text: str, said: str) -> None:
    settings = _read(tmp_path, text)
    hooks = open_hooks(MemoryStore(), settings, b"secret", SystemClock())

    with pytest.raises(OperatorError, match=said):
        follow_settings(hooks.managing, settings.webhooks, 5)


def test_what_is_no_setting_is_said(tmp_path: Path) -> None:
    for text, said in (
        ('[webhooks.crm]\nurl = "https://x.example/"\nevents = []', "webhooks.crm.events"),
        ('webhooks_inside = ["http://crm"]', "is no host, address or network"),
    ):
        with pytest.raises(OperatorError, match=said):
            _read(tmp_path, text)


def test_without_a_secret_of_its_own_a_daemon_cannot_sign(tmp_path: Path) -> None:
    settings = _read(tmp_path, TOML)
    hooks = open_hooks(MemoryStore(), settings, None, SystemClock())

    with pytest.raises(OperatorError, match="WAYLINE_SECRET"):
        follow_settings(hooks.managing, settings.webhooks, 5)

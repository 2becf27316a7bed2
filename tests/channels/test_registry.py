"""Adapters by name, and the operator's mistakes in words."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from typing import Any

import pytest

import channels.registry
from channels.email.smtp import SmtpAdapter
from channels.file import FileAdapter
from channels.registry import GROUP, adapter_names, open_adapter
from channels.settings import SettingsError

SMTP = {"host": "mail.shop.example", "from": "Shop <news@shop.example>"}


def mistake(name: str, settings: dict[str, Any]) -> str:
    with pytest.raises(SettingsError) as found:
        open_adapter(name, settings)
    return str(found.value)


def test_ours_are_installed() -> None:
    assert {"file", "smtp"} <= set(adapter_names())


def test_an_adapter_is_opened_by_name(tmp_path: Path) -> None:
    assert isinstance(open_adapter("file", {"folder": str(tmp_path)}), FileAdapter)
    assert isinstance(open_adapter("smtp", SMTP), SmtpAdapter)


def test_an_unknown_name_lists_what_is_there() -> None:
    assert mistake("smpt", {}) == (
        'There is no adapter "smpt". Did you mean "smtp"? Installed are'
        f" {', '.join(adapter_names())}."
    )


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (
            {**SMTP, "prot": 25},
            (
                'adapter "smtp": "prot" is not a setting. Did you mean "port"? Allowed are'
                " bounce_domain, bounce_key, bounce_key_before, bounce_login, bounce_login_before,"
                " ca_file, connections, dkim_domain, dkim_private_key, dkim_selector, domain, encryption, from, host, idle_seconds, messages_per_connection,"
                " password, port, reply_to, return_path, timeout_seconds, username."
            ),
        ),
        (
            {"from": "news@shop.example"},
            'adapter "smtp": "host" is not set, and nothing can be sent without it.',
        ),
        (
            {**SMTP, "encryption": "ssl"},
            "adapter \"smtp\": \"encryption\": Input should be 'none', 'starttls' or 'tls'.",
        ),
        (
            {**SMTP, "from": "Shop"},
            (
                'adapter "smtp": "from": \'Shop\' has no e-mail address;'
                " write for example Shop <news@shop.example>."
            ),
        ),
        (
            {**SMTP, "username": "shop"},
            'adapter "smtp": username and password belong together; set both or neither.',
        ),
        (
            {**SMTP, "username": "shop", "password": "s3cret", "encryption": "none"},
            (
                'adapter "smtp": a password needs an encrypted connection;'
                ' set encryption to "starttls" or "tls".'
            ),
        ),
        (
            {**SMTP, "ca_file": "no/such.pem"},
            'adapter "smtp": ca_file no/such.pem is not a file; name a file of certificates.',
        ),
        (
            {**SMTP, "port": 0, "connections": "many"},
            (
                'adapter "smtp": "port": Input should be greater than or equal to 1.\n'
                'adapter "smtp": "connections": Input should be a valid integer, unable to parse'
                " string as an integer."
            ),
        ),
    ],
)
def test_a_wrong_setting_is_one_sentence_with_the_fix(settings: dict[str, Any], words: str) -> None:
    assert words == mistake("smtp", settings)


def test_a_password_is_in_no_message() -> None:
    words = mistake("smtp", {**SMTP, "password": "s3cret", "encryption": "none", "port": "x"})

    assert "s3cret" not in words


def test_a_password_may_go_in_clear_to_this_machine() -> None:
    local = {**SMTP, "host": "127.0.0.1", "encryption": "none", "username": "a", "password": "b"}

    assert isinstance(open_adapter("smtp", local), SmtpAdapter)


def test_certificates_that_are_none_are_told_at_start_up(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("not a certificate")

    assert "ca.pem cannot be used" in mistake("smtp", {**SMTP, "ca_file": str(tmp_path / "ca.pem")})


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("no_such_package:Adapter", "cannot be loaded: No module named 'no_such_package'"),
        ("channels.file:NoSuchAdapter", "names a class that is not there"),
        ("channels.memory:MemoryAdapter", 'has no class "Settings"'),
    ],
)
def test_a_broken_package_is_told_apart(
    monkeypatch: pytest.MonkeyPatch, value: str, words: str
) -> None:
    point = EntryPoint(name="pigeon", value=value, group=GROUP)
    found: Callable[..., EntryPoints] = lambda **_: EntryPoints([point])  # noqa: E731
    monkeypatch.setattr(channels.registry, "entry_points", found)

    assert words in mistake("pigeon", {})

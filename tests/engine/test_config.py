"""What operators set, and the sentence they get when it is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.config import OperatorError, Settings, read_settings

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(text: str) -> Path:
        path = tmp_path / "wayline.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_nothing_set_is_a_daemon_for_this_machine() -> None:
    settings = read_settings(None, {})

    assert settings == Settings()
    assert settings.listen.is_loopback
    assert settings.store == "sqlite:///wayline.db"


def test_a_file_sets_everything(write: Write, tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("one\ntwo\n")
    path = write(
        """
        store = "sqlite:///data/w.db"
        public_url = "https://journeys.shop.example"
        write_keys = { file = "keys" }
        [listen]
        host = "0.0.0.0"
        port = 80
        [channels.email]
        adapter = "smtp"
        host = "localhost"
        from = "Shop <hello@shop.example>"
        password = { env = "SMTP_PASSWORD" }
        """
    )
    settings = read_settings(path, {"SMTP_PASSWORD": "hush"})

    assert [key.get_secret_value() for key in settings.write_keys] == ["one", "two"]
    assert (settings.listen.host, settings.listen.port) == ("0.0.0.0", 80)
    assert settings.channels["email"].adapter == "smtp"
    assert settings.channels["email"].of_adapter == {
        "host": "localhost",
        "from": "Shop <hello@shop.example>",
        "password": "hush",
    }


def test_the_environment_is_over_the_file_and_the_command_line_over_both(write: Write) -> None:
    path = write('store = "sqlite:///file.db"\n[listen]\nport = 1\nhost = "::1"\n')
    environment = {
        "WAYLINE_STORE": "sqlite:///environment.db",
        "WAYLINE_LISTEN_PORT": "2",
        "WAYLINE_WRITE_KEYS": "a, b",
        "WAYLINE_CHANNELS_SMS_ADAPTER": "file",
        "WAYLINE_CHANNELS_SMS_FOLDER": "out",
        "WAYLINE_TEST_PG": "ignored",
        "HOME": "ignored",
    }
    settings = read_settings(path, environment, {"listen.port": 3, "store": None})

    assert settings.store == "sqlite:///environment.db"
    assert (settings.listen.host, settings.listen.port) == ("::1", 3)
    assert len(settings.write_keys) == 2
    assert settings.channels["sms"].of_adapter == {"folder": "out"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("store = ", "is not a TOML file", id="broken"),
        pytest.param("stroe = 'x'", "stroe is not a setting. Did you mean store?", id="misspelt"),
        pytest.param("[listen]\nprot = 1", "Did you mean port?", id="misspelt inside"),
        pytest.param("[listen]\nport = 70000", "listen.port: Input should be less", id="port"),
        pytest.param("[listen]\nport = 'x'", "listen.port: Input should be", id="port is text"),
        pytest.param(
            "write_keys = ['k']",
            "write_keys is a secret and must not be written here; set WAYLINE_WRITE_KEYS, or",
            id="key in the file",
        ),
        pytest.param(
            "[channels.email]\nadapter = 'smtp'\npassword = 'hush'",
            "channels.email.password is a secret and must not be written here; set"
            " WAYLINE_CHANNELS_EMAIL_PASSWORD, or",
            id="password in the file",
        ),
        pytest.param(
            "[secrets]\ncrm = 'x'",
            "secrets.crm is a secret and must not be written here; set WAYLINE_SECRETS_crm, or",
            id="secret of a web service",
        ),
        pytest.param("secret = { env = 'NOT_SET' }", "NOT_SET, which is not set", id="no variable"),
        pytest.param("secret = { file = 'none' }", "which cannot be read", id="no secret file"),
        pytest.param(
            "[channels.email]\nhost = 'x'", "channels.email.adapter is missing", id="none"
        ),
        pytest.param("public_url = 'shop.example'", "must be an address like", id="public url"),
        pytest.param("log = 'loud'", "log: Input should be 'text' or 'json'", id="log"),
        pytest.param("listen = 7", "listen: Input should be", id="listen is a number"),
    ],
)
def test_a_mistake_is_one_sentence_with_the_fix(write: Write, text: str, said: str) -> None:
    with pytest.raises(OperatorError) as error:
        read_settings(write(text), {})

    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert "hush" not in str(error.value)


def test_apps_that_open_links_are_named_as_apple_and_google_name_them(write: Write) -> None:
    fingerprint = ":".join(["0F"] * 32)
    text = f'[apps]\nios = ["ABCDE12345.example.shop"]\nandroid = {{"example.shop" = ["{fingerprint}"]}}\n'

    apps = read_settings(write(text), {}).apps

    assert apps.ios == ("ABCDE12345.example.shop",)
    assert apps.android == {"example.shop": (fingerprint,)}
    for wrong in ('ios = ["example.shop"]', 'android = {"example.shop" = ["0F:0F"]}'):
        with pytest.raises(OperatorError, match="apps"):
            read_settings(write(f"[apps]\n{wrong}\n"), {})


def test_earlier_secrets_are_secrets_too(write: Write) -> None:
    settings = read_settings(None, {"WAYLINE_EARLIER_SECRETS": "one, two"})

    assert [each.get_secret_value() for each in settings.earlier_secrets] == ["one", "two"]
    with pytest.raises(OperatorError, match="must not be written here"):
        read_settings(write('earlier_secrets = ["one"]\n'), {})


def test_a_misspelt_variable_is_said() -> None:
    with pytest.raises(OperatorError, match="Did you mean WAYLINE_WRITE_KEYS"):
        read_settings(None, {"WAYLINE_WRITE_KEY": "x"})


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="There is no settings file"):
        read_settings(tmp_path / "none.toml", {})


def test_an_empty_write_key_is_no_key() -> None:
    with pytest.raises(OperatorError, match="must not be empty"):
        read_settings(None, {"WAYLINE_WRITE_KEYS": ""})


def test_secrets_of_web_services_have_the_names_the_policy_gives_them(
    write: Write, tmp_path: Path
) -> None:
    (tmp_path / "crm").write_text("from a file\n")
    path = write('[secrets]\ncrm_token = { file = "crm" }\nDESK = { env = "DESK_KEY" }\n')
    environment = {"DESK_KEY": "from there", "WAYLINE_SECRETS_RECO_token": "from here"}

    secrets = read_settings(path, environment).secrets

    assert {name: secret.get_secret_value() for name, secret in secrets.items()} == {
        "crm_token": "from a file",
        "DESK": "from there",
        "RECO_token": "from here",
    }


def test_secrets_are_not_shown() -> None:
    settings = read_settings(None, {"WAYLINE_WRITE_KEYS": "hush", "WAYLINE_SECRET": "hush"})

    assert "hush" not in repr(settings)


def test_a_backlog_has_a_size() -> None:
    assert read_settings(None, {"WAYLINE_BACKLOG": "1000"}).backlog == 1000
    with pytest.raises(OperatorError, match="backlog: Input should be greater than or equal to 1"):
        read_settings(None, {"WAYLINE_BACKLOG": "0"})


def test_housekeeping_is_a_cron_expression() -> None:
    assert read_settings(None, {"WAYLINE_HOUSEKEEPING": "0 4 * * 7"}).housekeeping == "0 4 * * 7"
    with pytest.raises(OperatorError, match="is not a cron expression"):
        read_settings(None, {"WAYLINE_HOUSEKEEPING": "every night"})


def test_limits_and_a_second_adapter_are_read_as_they_are_written(write: Write) -> None:
    path = write(
        """
        [channels.email]
        adapter = "smtp"
        host = "mail.shop.example"
        concurrency = 4
        limits = { account = "20 per second", recipient = "1 per 6 seconds", day = "5000 per day" }
        [channels.email.otherwise]
        adapter = "file"
        folder = "outbox"
        """
    )
    email = read_settings(path, {}).channels["email"]

    assert (email.concurrency, email.limits["account"]) == (4, "20 per second")
    assert email.of_adapter == {"host": "mail.shop.example"}
    assert email.otherwise is not None
    assert (email.otherwise.adapter, email.otherwise.of_adapter) == ("file", {"folder": "outbox"})


def test_a_limit_that_cannot_be_read_is_said(write: Write) -> None:
    path = write('[channels.email]\nadapter = "file"\nlimits = { account = "fast" }\n')

    with pytest.raises(OperatorError, match='"fast" is not a limit; write "10 per second"'):
        read_settings(path, {})


def test_suppression_keys_are_secrets_that_nobody_can_guess(write: Write) -> None:
    settings = read_settings(None, {"WAYLINE_SUPPRESSION_KEYS": "a" * 16 + ", " + "b" * 20})

    assert settings.hidden_under == (b"a" * 16, b"b" * 20)
    assert "aaaa" not in repr(settings)
    with pytest.raises(OperatorError, match="must have 16 characters or more"):
        read_settings(None, {"WAYLINE_SUPPRESSION_KEYS": "short"})
    with pytest.raises(OperatorError, match="is a secret and must not be written here"):
        read_settings(write('suppression_keys = ["aaaaaaaaaaaaaaaaaaaa"]\n'), {})

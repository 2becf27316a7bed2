"""``wayline preview`` from the command line."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.cli.preview import preview
from engine.core.profile import Profile
from engine.store import open_store
from engine.store.protocol import Changes
from engine.store.testing.samples import commit
from tests.engine.preview.shop import FILES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(preview, ["cart_reminder", str(folder), *arguments])


def test_a_message_is_told_in_the_terminal(folder: Path) -> None:
    result = run(folder)

    assert result.exit_code == 0
    assert "sms, en, as usual\n  Ada: 15 % off [today]\n" in result.output


def test_a_page_is_written_in_all_languages(folder: Path) -> None:
    out = folder / "page.html"
    result = run(folder, "--locale", "all", "--out", str(out))

    assert result.output == f"{out}: 24 previews of cart_reminder.\n"
    assert "English, German" in out.read_text()


def test_a_person_in_a_file_is_masked_unless_asked_otherwise(folder: Path) -> None:
    person = folder / "bea.json"
    person.write_text(json.dumps({"first_name": "Beatrice"}))

    assert "Beatrice" not in run(folder, "--profile", str(person)).output
    assert "B*******: 15 %" in run(folder, "--profile", str(person)).output
    assert "Beatrice: 15 %" in run(folder, "--profile", str(person), "--unmasked").output


def test_a_known_person_is_read_from_the_store(folder: Path) -> None:
    url = f"sqlite:///{folder / 'wayline.db'}"
    _put(url, Profile("bea", {"first_name": "Beatrice", "language": "de"}))

    result = run(folder, "--profile", "bea", "--store", url)

    assert result.exit_code == 0
    assert "sms, de, bea" in result.output
    assert "B*******: 15 %" in result.output


def test_nobody_is_shown_a_message_who_is_not_known(folder: Path) -> None:
    url = f"sqlite:///{folder / 'wayline.db'}"
    _put(url, Profile("bea"))

    result = run(folder, "--profile", "ada", "--store", url)

    assert result.exit_code != 0
    assert '"ada" is no file, and nobody called so is known' in str(result.exception)


def test_a_message_that_does_not_exist_is_a_mistake_of_the_call(folder: Path) -> None:
    result = CliRunner().invoke(preview, ["card_reminder", str(folder)])

    assert result.exit_code == 2
    assert 'Did you mean "cart_reminder"?' in result.output


def test_a_project_with_mistakes_is_not_previewed(folder: Path) -> None:
    (folder / "messages.yaml").write_text(
        FILES["messages.yaml"].replace("first_name", "frist_name")
    )

    result = run(folder)

    assert result.exit_code == 1
    assert "error N01" in result.output


def _put(url: str, profile: Profile) -> None:
    opened = open_store(url)
    commit(opened, Changes(profiles=[profile]), [profile.id])
    opened.close()


@pytest.fixture
def outbox(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Adapters that write files, and one address that may be sent tests."""
    monkeypatch.chdir(folder)
    channels = "".join(f'[channels.{name}]\nadapter = "file"\n' for name in ("email", "sms"))
    (folder / "wayline.toml").write_text(f'test_recipients = ["qa@shop.example"]\n{channels}')
    return folder / "outbox" / "email.jsonl"


def test_a_test_is_sent_to_whom_wayline_toml_allows(folder: Path, outbox: Path) -> None:
    result = run(folder, "--send-to", "qa@shop.example", "--locale", "de")

    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("Sent to qa@shop.example on email, as a test.")
    (line,) = outbox.read_text().splitlines()
    assert json.loads(line)["parts"]["subject"] == "[Test] Ada, dein Warenkorb"
    with closing(open_store(f"sqlite:///{folder / 'wayline.db'}")) as store:
        deeds = [deed for _, deed in store.deeds.read()]
    assert [deed.what for deed in deeds] == ["preview sent", "preview send-to"]
    assert deeds[1].about["to"] == "qa@shop.example"


def test_a_test_is_sent_to_nobody_else(folder: Path, outbox: Path) -> None:
    result = run(folder, "--send-to", "ada@private.example")

    assert "add it to test_recipients in wayline.toml" in str(result.exception)
    assert not outbox.exists()
    assert not (folder / "wayline.db").exists()


def test_a_test_is_masked_and_needs_an_adapter(folder: Path, outbox: Path) -> None:
    assert run(folder, "--send-to", "qa@shop.example", "--unmasked").exit_code == 2
    (folder / "wayline.toml").write_text('test_recipients = ["qa@shop.example"]')

    result = run(folder, "--send-to", "qa@shop.example")

    assert 'No adapter is set for the channel "email"' in str(result.exception)

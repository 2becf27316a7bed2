"""``wayline keys``: shown once, listed without their texts, rotated and revoked."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.cli.main import wayline
from engine.core.keys import hashed
from engine.operator import OperatorError
from engine.store import open_store


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(wayline, ("keys", *arguments))
    assert isinstance(result.exception, SystemExit | OperatorError | None), result.exception
    return result


def created(*arguments: str) -> str:
    result = run("create", *arguments)
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def test_a_key_is_shown_once_and_only_its_hash_is_kept(here: Path) -> None:
    first = run("create", "shop")
    text = first.stdout.strip()

    assert "The store wayline.db is new" in first.stderr
    assert "is new" not in run("create", "other").stderr
    revoked = run("revoke", "other")
    assert revoked.exit_code == 0
    with closing(open_store("sqlite:///wayline.db")) as store:
        assert hashed(text) in [key.hash for key in store.keys.known()]
    listed = run("list").output
    assert "shop  server, for ingest" in listed
    assert f"ends in {text[-4:]}, valid" in listed
    everything = b"".join(file.read_bytes() for file in here.iterdir())
    assert text.encode() not in everything
    assert text not in listed


def test_all_that_is_said_of_a_key_is_listed() -> None:
    text = created(
        *(
            "page",
            "--browser",
            "--site",
            "https://Shop.example/",
            "--site",
            "http://localhost:3000",
        ),
        *("--expires", "90 days", "--origin", "observed"),
    )
    (about,) = json.loads(run("list", "--json").stdout)

    assert about == about | {
        "name": "page",
        "kind": "browser",
        "scopes": ["ingest"],
        "ending": text[-4:],
        "standing": "valid",
        "sites": ["https://shop.example", "http://localhost:3000"],
        "origin": "observed",
        "rate": 1000,
    }
    assert about["expires"] > about["created"]


def test_a_key_is_rotated_and_revoked() -> None:
    first = created("shop", "--scope", "read", "--scope", "write")
    rotated = run("rotate", "shop", "--overlap", "1 hour")
    assert rotated.stdout.strip() != first
    assert "The one before is valid until" in rotated.stderr
    assert run("revoke", "shop", "--ending", first[-4:]).output == "shop is revoked.\n"

    found = json.loads(run("list", "--json").stdout)
    assert [(each["standing"], each["scopes"]) for each in found] == [
        ("revoked", ["read", "write"]),
        ("valid", ["read", "write"]),
    ]


def test_who_made_and_revoked_keys_is_written_down(here: Path) -> None:
    text = created("shop")
    run("revoke", "shop")

    with closing(open_store(f"sqlite:///{here / 'wayline.db'}")) as store:
        deeds = [deed for _, deed in store.deeds.read()]
    assert [each.what for each in deeds] == ["keys revoke", "keys create"]
    assert text not in str(deeds)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["create", "shop", "--expires", "soon"], '--expires "soon" is not a length of time'),
        (["create", "shop", "--scope", "all"], "'all' is not one of"),
        (["create", "page", "--browser"], "--site https://shop.example"),
        (["revoke", "shop"], "There is no store"),
    ],
)
def test_mistakes_are_said_with_what_to_do(arguments: list[str], said: str) -> None:
    result = run(*arguments)

    assert result.exit_code != 0
    assert said in result.output + str(result.exception)

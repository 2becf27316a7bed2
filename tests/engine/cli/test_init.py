"""``wayline init``: what it makes, what it refuses, what it says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.cli.main import wayline
from engine.operator import OperatorError


def init(*words: str | Path) -> Result:
    return CliRunner().invoke(wayline, ["init", *map(str, words)])


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(wayline, [*map(str, words)])


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_without_a_word_it_makes_a_project_that_checks_and_passes(tmp_path: Path) -> None:
    made = init(tmp_path / "shop")

    assert made.exit_code == 0, made.output
    assert "4 journeys in " in made.output
    assert "cart_abandonment  Bring people back to the cart they left" in made.output
    assert f"wayline test --coverage {tmp_path / 'shop'}" in made.output
    checked = run("check", tmp_path / "shop")
    assert (checked.exit_code, checked.output) == (0, "lindenhof: 4 journeys, no mistakes.\n")
    assert run("fmt", "--check", tmp_path / "shop").exit_code == 0
    assert run("test", tmp_path / "shop").exit_code == 0


def test_it_makes_what_was_asked_for_with_the_company_s_own_words(tmp_path: Path) -> None:
    made = init(
        tmp_path, "--journeys", "birthday, welcome", "--languages", "de", "--company", "Rosa's Tee",
        "--time-zone", "Europe/Vienna", "--currency", "CHF",
    )  # fmt: skip

    assert made.exit_code == 0, made.output
    assert "Lindenhof" not in made.output
    policy = (tmp_path / "policy.yaml").read_text(encoding="utf-8")
    assert policy.split("\n")[2:6] == [
        "policy: rosa_s_tee",
        "time zone: Europe/Vienna              # for people whose time zone we do not know",
        "languages: de                         # the first one is used when nothing else fits",
        "currency: CHF",
    ]
    assert {path.split("/")[0] for path in files_in(tmp_path)} >= {"birthday", "welcome", "shared"}


def test_what_it_made_can_be_read_by_a_program(tmp_path: Path) -> None:
    made = json.loads(init(tmp_path, "--journeys", "order_delay", "--json").output)

    assert made["journeys"] == ["order_delay"]
    assert set(made["files"]) == files_in(tmp_path)


def test_the_list_names_every_journey_and_makes_nothing(tmp_path: Path) -> None:
    listed = init(tmp_path, "--list")

    assert "win_back            Win back customers who have gone quiet\n" in listed.output
    assert len(listed.output.strip().split("\n")) == len(
        json.loads(init("--list", "--json").output)
    )
    assert files_in(tmp_path) == set()


def test_all_are_all(tmp_path: Path) -> None:
    made = json.loads(init(tmp_path, "--all", "--json").output)

    assert made["journeys"] == [
        each["journey"] for each in json.loads(init("--list", "--json").output)
    ]


def test_nothing_is_written_over_and_nothing_is_written_beside_it(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("mine\n", encoding="utf-8")

    made = init(tmp_path, "--journeys", "birthday")

    assert isinstance(made.exception, OperatorError)
    assert str(made.exception) == (
        f"{tmp_path / 'policy.yaml'} is there already, and nothing is written over:"
        " name a new folder, and copy from it what you need."
    )
    assert files_in(tmp_path) == {"policy.yaml"}
    assert (tmp_path / "policy.yaml").read_text(encoding="utf-8") == "mine\n"


def test_a_link_that_leads_nowhere_is_something_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").symlink_to(tmp_path / "elsewhere")

    made = init(tmp_path, "--journeys", "birthday")

    assert "is there already" in str(made.exception)


def test_a_folder_that_is_a_file_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "shop").write_text("", encoding="utf-8")

    made = init(tmp_path / "shop", "--journeys", "birthday")

    assert isinstance(made.exception, OperatorError)
    assert str(made.exception).startswith(f"{tmp_path / 'shop'} cannot be written to: ")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--journeys", "birthdya"], 'has no "birthdya". Did you mean "birthday"?'),
        (["--journeys", "x" * 200], "wayline init --list shows them all."),
        (["--journeys", " , "], "--journeys names nothing."),
        (["--journeys", "birthday", "--all"], "Say --journeys or --all, not both."),
        (["--languages", "fr"], "The library speaks en and de; add others to its texts later."),
        (["--time-zone", "Europe/Berln"], 'Did you mean "Europe/Berlin"?'),
        (["--currency", "euro"], "three capital letters"),
        (["--company", 'A "b'], "--company: a name of up to 30 characters"),
        (["--company", ""], "--company: a name of up to 30 characters"),
        (["--company", "{{ x }}"], "--company: a name of up to 30 characters"),
        (["--company", "line\nbreak"], "--company: a name of up to 30 characters"),
    ],
)
def test_what_cannot_be_is_one_sentence(tmp_path: Path, words: list[str], says: str) -> None:
    made = init(tmp_path, *words)

    assert made.exit_code == 2
    assert says in made.output
    assert files_in(tmp_path) == set()

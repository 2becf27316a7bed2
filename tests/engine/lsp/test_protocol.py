"""An editor and the real server, over standard input and output."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.lsp.testing import Client, Refusal
from tests.engine.lsp.desks import SHOP

CART = "journeys/cart_abandonment.yaml"


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("läden 🛒") / "shop"
    shutil.copytree(SHOP, folder)
    with Client(folder) as client:
        yield client


def errors(found: list[dict[str, Any]]) -> list[str]:
    return [one["code"] for one in found if one["severity"] == 1]


def nothing_wrong(found: list[dict[str, Any]]) -> bool:
    return not errors(found)


@pytest.fixture
def cart(editor: Client) -> Iterator[str]:
    """The journey, open as it is on the disk."""
    yield editor.open(CART)
    editor.close(CART)


def place(text: str, line: str, word: str) -> tuple[int, int]:
    number = next(n for n, each in enumerate(text.split("\n")) if line in each)
    return number, text.split("\n")[number].index(word) + 1


def test_what_is_wrong_is_shown_while_typing_and_gone_when_it_is_right(
    editor: Client, cart: str
) -> None:
    editor.until_shown(CART, nothing_wrong)
    editor.change(CART, cart.replace("did unsubscribe", "did unsubscibe"))
    (one,) = editor.until_shown(CART, lambda found: "N04" in errors(found))

    assert one["source"] == "wayline"
    assert 'Did you mean "unsubscribe"?' in one["message"]
    line = cart.split("\n")[one["range"]["start"]["line"]]
    assert line[one["range"]["start"]["character"] :].startswith("unsubscribe")

    editor.change(CART, cart)
    editor.until_shown(CART, nothing_wrong)


def test_a_mistake_in_one_file_is_shown_in_every_file_it_breaks(editor: Client, cart: str) -> None:
    text = editor.open("segments.yaml")
    editor.change("segments.yaml", text.replace("employees:", "staff:"))
    found = editor.until_shown(CART, lambda found: "N10" in errors(found))

    assert "employees" in str(found)

    editor.change("segments.yaml", text)
    editor.until_shown(CART, nothing_wrong)
    editor.close("segments.yaml")


def test_files_that_change_on_the_disk_count(editor: Client, cart: str) -> None:
    file = editor.folder / "messages" / "cart_reminder.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("message: cart_reminder", "message: cart_remember"), "utf-8")
    editor.tell("workspace/didChangeWatchedFiles", {"changes": []})
    editor.until_shown(CART, lambda found: "N13" in errors(found))

    file.write_text(text, encoding="utf-8")
    editor.tell("workspace/didChangeWatchedFiles", {"changes": []})
    editor.until_shown(CART, nothing_wrong)


def test_places_are_counted_in_units_of_utf_16(editor: Client, cart: str) -> None:
    line = 'eligible if: email is "Grüße 👋🏽" or emial is known'
    editor.change(CART, cart.replace("eligible if:", f"{line} #", 1))
    (one,) = editor.until_shown(CART, lambda found: "N01" in errors(found))
    before = line[: line.index("emial")]

    assert one["range"]["start"]["character"] == len(before.encode("utf-16-le")) // 2
    assert one["range"]["end"]["character"] - one["range"]["start"]["character"] == 5


def test_a_finding_moves_with_a_character_that_has_another_width(editor: Client, cart: str) -> None:
    def starts(letter: str) -> int:
        line = f'eligible if: email is "{letter}" or emial is known'
        column = len(line[: line.index("emial")].encode("utf-16-le")) // 2
        editor.change(CART, cart.replace("eligible if:", f"{line} #", 1))
        editor.until_shown(
            CART, lambda found: [one["range"]["start"]["character"] for one in found] == [column]
        )
        return column

    assert starts("🎉") == starts("e") + 1


def test_a_fix_is_offered_where_the_mistake_is(editor: Client, cart: str) -> None:
    editor.change(CART, cart.replace("did unsubscribe", "did unsubscibe"))
    (one,) = editor.until_shown(CART, lambda found: "N04" in errors(found))

    def fixes(where: Any) -> Any:
        document = {"uri": editor.uri(CART)}
        context: dict[str, Any] = {"diagnostics": []}
        asked = {"textDocument": document, "range": where, "context": context}
        return editor.ask("textDocument/codeAction", asked)

    (fix,) = fixes(one["range"])
    (edit,) = fix["edit"]["changes"][editor.uri(CART)]

    assert fix["title"] == 'Write "unsubscribe"'
    assert (edit["newText"], edit["range"]) == ("unsubscribe", one["range"])
    assert fixes({"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 1}}) == []


def test_a_missing_id_can_be_added(editor: Client, cart: str) -> None:
    editor.change(CART, cart.replace("  - id: day_two\n    wait", "  - wait"))
    (one,) = editor.until_shown(CART, lambda found: "S05" in errors(found))
    fixes = editor.ask(
        "textDocument/codeAction",
        {
            "textDocument": {"uri": editor.uri(CART)},
            "range": one["range"],
            "context": {"diagnostics": []},
        },
    )

    assert [(fix["title"], fix["isPreferred"]) for fix in fixes] == [("Add an id", True)]


def test_completion_hover_and_definition(editor: Client, cart: str) -> None:
    line, column = place(cart, "in segment employees", "employees")

    labels = [one["label"] for one in editor.ask_at("completion", CART, line, column + 1)]
    said = editor.ask_at("hover", CART, line, column)["contents"]["value"]
    there = editor.ask_at("definition", CART, line, column)

    assert "vip" in labels
    assert "employees" in said
    assert there["uri"] == editor.uri("segments.yaml")


def test_a_step_is_renamed_and_a_bad_name_is_refused_in_words(editor: Client, cart: str) -> None:
    line, column = place(cart, "if: first_nudge", "first_nudge")

    where = editor.ask_at("prepareRename", CART, line, column)
    changes = editor.ask_at("rename", CART, line, column, newName="opening")["changes"]

    assert where["start"]["character"] == column - 1
    assert len(changes[editor.uri(CART)]) == cart.count("first_nudge")
    with pytest.raises(Refusal, match="already an event"):
        editor.ask_at("rename", CART, line, column, newName="purchase")


def test_a_file_is_put_into_its_canonical_form(editor: Client, cart: str) -> None:
    editor.change(CART, cart.replace("one per:", "One_Per:"))
    options = {"tabSize": 2, "insertSpaces": True}
    asked = {"textDocument": {"uri": editor.uri(CART)}, "options": options}
    (edit,) = editor.ask("textDocument/formatting", asked)

    assert "\none per: trigger.cart_id" in edit["newText"]
    assert edit["range"]["start"] == {"line": 0, "character": 0}


@pytest.mark.parametrize(
    "text", ["", "\x00", "[" * 9000, "\ufeffjourney: a\r\n", "🎉", "a" * 300_000]
)
def test_no_text_stops_the_server(editor: Client, cart: str, text: str) -> None:
    editor.change(CART, text)
    editor.ask_at("completion", CART, 0, 1)
    editor.ask_at("hover", CART, 0, 1)
    editor.ask_at("definition", CART, 5, 1)
    editor.change(CART, cart)

    editor.until_shown(CART, nothing_wrong)
    assert editor.messages == []


def test_a_new_file_has_no_project_until_it_says_what_it_is(tmp_path: Path) -> None:
    with Client(tmp_path) as editor:
        editor.open("notes.yaml", "shopping: [milk]\n")
        labels = [one["label"] for one in editor.ask_at("completion", "notes.yaml", 0, 0)]
        editor.change("notes.yaml", "journey: first\n")
        found = editor.until_shown("notes.yaml", lambda found: len(found) > 0)
        editor.until_shown("tracking_plan.yaml", lambda found: len(found) > 0)

    assert labels == []
    assert errors(found) == ["S07", "S07", "S07"]


def test_what_was_shown_is_taken_back_when_the_last_file_is_closed(tmp_path: Path) -> None:
    shutil.copytree(SHOP, tmp_path / "shop")
    with Client(tmp_path) as editor:
        editor.open(f"shop/{CART}")
        editor.until_shown("shop/messages/more.yaml", lambda found: len(found) > 0)
        editor.close(f"shop/{CART}")

        assert editor.until_shown("shop/messages/more.yaml", lambda found: not found) == []


def test_files_that_a_project_does_not_look_at_are_left_alone(tmp_path: Path) -> None:
    shutil.copytree(SHOP, tmp_path / "shop")
    with Client(tmp_path / "shop") as editor:
        editor.open(".hidden/a.yaml", "on: push\n")
        editor.open("notes.txt", "journey: a\n")
        editor.open("b.yaml", "on: push\n")
        editor.until_shown("b.yaml", lambda found: errors(found) == ["S01"])

    assert not {editor.uri(".hidden/a.yaml"), editor.uri("notes.txt")} & set(editor.shown)

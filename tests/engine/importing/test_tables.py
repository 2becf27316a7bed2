"""Tables as people have them: each cell is what it says, or the line is refused with its number."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.importing import columns_of, head_of, survey
from engine.operator import OperatorError
from engine.store import open_store
from engine.store.protocol import Store
from tests.engine.importing.grounds import brought_in, project, table, told

HEAD = "user_id,first_name,email,tier,visits"


@pytest.fixture
def store() -> Iterator[Store]:
    opened = open_store("memory:")
    yield opened
    opened.close()


def attributes(store: Store, person: str = "ada") -> dict[str, object]:
    return dict(store.people([person], [])[person].profile.attributes)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
@pytest.mark.parametrize("name", ["people.csv", "people.csv.gz"])
def test_signs_between_cells_and_ends_of_lines(
    store: Store, tmp_path: Path, sign: str, end: str, name: str
) -> None:
    head = HEAD.replace(",", sign)
    path = table(
        tmp_path / name, head, sign.join(("ada", "Ada", "a@shop.example", "gold", "3")), end=end
    )
    report = brought_in(store, path)

    assert (report.new, report.refused) == (1, 0)
    assert attributes(store) == {"first_name": "Ada", "tier": "gold", "visits": 3}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_letters_are_found_out(store: Store, tmp_path: Path, encoding: str) -> None:
    path = table(tmp_path / "p.csv", HEAD, "ada,Zoë,,,", "bob,Ünal,,,", encoding=encoding)
    brought_in(store, path)

    assert attributes(store)["first_name"] == "Zoë"
    assert attributes(store, "bob")["first_name"] == "Ünal"


def test_other_letters_are_asked_for_and_never_guessed(store: Store, tmp_path: Path) -> None:
    path = table(tmp_path / "p.csv", HEAD, "ada,Zoë,,,", encoding="cp1252")

    with pytest.raises(OperatorError, match=r"p\.csv is not written in utf-8: .* --encoding"):
        survey(path)
    brought_in(store, path, encoding="cp1252")
    assert attributes(store)["first_name"] == "Zoë"
    with pytest.raises(OperatorError, match='There is no encoding "latin-x"'):
        survey(path, "latin-x")


def test_quotation_marks_and_lines_within_them(store: Store, tmp_path: Path) -> None:
    path = table(tmp_path / "p.csv", HEAD, 'ada,"Ada ""the first""\nLovelace, A.",,,', "bob,B,,,x")
    brought_in(store, path)

    assert attributes(store)["first_name"] == 'Ada "the first"\nLovelace, A.'
    assert list(told(path)) == [(4, '"visits" should be a whole number, but is text.')]


def test_a_quotation_mark_that_is_never_closed(store: Store, tmp_path: Path) -> None:
    rows = [f"p{each},{'x' * 1000},,," for each in range(200)]
    path = table(tmp_path / "p.csv", HEAD, 'ada,"Ada,,,', *rows)
    report = brought_in(store, path)

    (line, reason), *_ = told(path)
    assert (line, reason.partition(":")[0]) == (2, "A quotation mark is opened and not closed")
    assert report.new > 50


def test_what_looks_like_a_formula_is_text(store: Store, tmp_path: Path) -> None:
    path = table(tmp_path / "p.csv", HEAD, "ada,\"=cmd|' /C calc'!A0\",,,", "bob,+49 30,,,-3")
    brought_in(store, path)

    assert attributes(store)["first_name"] == "=cmd|' /C calc'!A0"
    assert attributes(store, "bob") == {"first_name": "+49 30", "visits": -3}


def test_lines_of_another_length_are_refused(store: Store, tmp_path: Path) -> None:
    path = table(tmp_path / "p.csv", HEAD, "ada,Ada", "", "bob,B,,gold,1,more", ",,,,", "cy,C,,,")
    report = brought_in(store, path)

    assert list(told(path)) == [
        (2, "This line has 2 cells, and the head has 5."),
        (4, "This line has 6 cells, and the head has 5."),
        (5, 'This line is about nobody: there is nothing in "user_id".'),
    ]
    assert report.new == 1


def test_an_empty_cell_says_nothing(store: Store, tmp_path: Path) -> None:
    path = table(tmp_path / "p.csv", HEAD, "ada,Ada,a@shop.example,gold,3", "ada,,,silver,")
    brought_in(store, path)

    assert attributes(store) == {"first_name": "Ada", "tier": "silver", "visits": 3}
    assert store.people(["ada"], [])["ada"].profile.addresses == {"email": "a@shop.example"}


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "has no head"),
        (["user_id,tier,tier"], 'two columns that are called "tier"'),
        (["tier,visits", "gold,1"], "Nothing in this file says whose a line is"),
        (["user_id,email,e-mail"], '"email" and "e-mail" both say the same'),
        (["user_id,tier", "ada," + "x" * 2_000_000], "line 2 is longer than 1 MB"),
        (["PK\x03\x04\x14"], "is a spreadsheet or a zip archive"),
    ],
)
def test_what_is_no_table_of_people_is_said_at_once(
    tmp_path: Path, rows: list[str], words: str
) -> None:
    path = table(tmp_path / "p.csv", *rows)

    with pytest.raises(OperatorError, match=words):
        columns_of(head_of(survey(path)), "people", {}, project().plan)


def test_columns_are_what_they_are_called_or_said_to_be(tmp_path: Path) -> None:
    path = table(tmp_path / "p.csv", "Kunde,First Name,E-Mail,Tier,Note")
    given = {"Kunde": "user_id", "Note": ""}
    columns = columns_of(head_of(survey(path)), "people", given, project().plan)

    assert columns.places == {
        "Kunde": ("userId",),
        "First Name": ("traits", "first_name"),
        "E-Mail": ("traits", "email"),
        "Tier": ("traits", "tier"),
    }
    assert columns.ignored == ()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"Kunden": "user_id"}, 'There is no column "Kunden" in this file. Did you mean "Kunde"?'),
        ({"Kunde": "user"}, '"Kunde" cannot go into "user". Did you mean "user_id"?'),
        ({"Kunde": "tear"}, '"Kunde" cannot go into "tear". Did you mean "tier"?'),
    ],
)
def test_a_mistake_in_what_is_said_of_columns(given: dict[str, str], words: str) -> None:
    with pytest.raises(OperatorError) as raised:
        columns_of(("Kunde", "Tier"), "people", given, project().plan)

    assert str(raised.value).startswith(words)


def test_a_file_that_is_cut_off_is_no_whole_one(tmp_path: Path) -> None:
    path = table(tmp_path / "p.csv.gz", HEAD, *(f"p{each},,,," for each in range(5000)))
    path.write_bytes(path.read_bytes()[:-2000])

    with pytest.raises(OperatorError, match="cannot be read"):
        survey(path)


def test_a_file_that_swells_without_end_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[survey.__module__], "_LARGE", 1 << 20)
    bomb = table(tmp_path / "p.csv.gz", HEAD, *["ada,,,,"] * 400_000)

    assert bomb.stat().st_size < 10_000
    with pytest.raises(OperatorError, match="more than 200 times as large"):
        survey(bomb)


def test_what_is_wrong_is_said_by_the_name_of_the_column(store: Store, tmp_path: Path) -> None:
    path = table(tmp_path / "p.csv", "Kunde,Stufe,E-Mail,Besuche", "ada,gold,nobody,", "b\x7f,,,")
    given = {"Kunde": "user_id", "Stufe": "tier", "Besuche": "visits"}
    brought_in(store, path, given=given)
    other = table(tmp_path / "q.csv", "Kunde,Stufe,Besuche", "ada,bronze,many", "bob,gol\0d,1")
    brought_in(store, other, given=given)

    assert list(told(path)) == [
        (2, '"E-Mail" is not an e-mail address, such as ada@shop.example.'),
        (3, '"Kunde" must be text without control characters.'),
    ]
    reasons = dict(told(other))
    assert '"Stufe" should be one of silver / gold, but is "bronze"; "Besuche" sh' in reasons[2]
    assert reasons[3].startswith('"Stufe" has a NUL character in it, which no text has')


def test_a_column_without_a_name_is_told_of(tmp_path: Path) -> None:
    path = table(tmp_path / "p.csv", "user_id,,tier,", "ada,x,gold,y")
    columns = columns_of(head_of(survey(path)), "people", {}, project().plan)

    assert columns.ignored == ("one without a name",)

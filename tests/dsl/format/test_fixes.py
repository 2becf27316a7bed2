"""Fixes: what --fix writes by itself, and what an editor may offer."""

from __future__ import annotations

from dsl.compiler import compile_project
from dsl.diagnostics import Diagnostic, Fix
from dsl.format import fixed, with_fixes
from dsl.render import to_json
from tests.dsl.projects import small_files


def found(files: dict[str, str]) -> tuple[Diagnostic, ...]:
    return with_fixes(compile_project(files).diagnostics, files)


def fixes(files: dict[str, str]) -> dict[str, Fix]:
    return {one.code: one.fix for one in found(files) if one.fix is not None}


def repaired(files: dict[str, str]) -> dict[str, str]:
    return {**files, **fixed(files, found(files))}


def test_a_missing_id_is_added() -> None:
    files = small_files("steps:\n  - send: hello\n    to: email\n  - {wait: 1 day}\n")
    done = repaired(files)

    assert fixes(files)["S05"].safe
    assert done["journey.yaml"].endswith(
        "steps:\n  - id: hello\n    send: hello\n    to: email\n  - {id: wait_1_day, wait: 1 day}\n"
    )
    assert compile_project(done).diagnostics == ()


def test_quotation_marks_are_straightened_all_in_one_rule() -> None:
    rest = "steps:\n  - if: first_name is “Ada” or tier is „gold“\n    then:\n      - stop: “x”\n"
    files = small_files(rest)
    done = repaired(files)

    assert fixes(files)["E03"].safe
    assert 'if: first_name is "Ada" or tier is "gold"\n' in done["journey.yaml"]
    assert "stop: “x”" in done["journey.yaml"]
    assert compile_project(done).diagnostics == ()


def test_only_what_was_found_is_fixed() -> None:
    """--fix is no formatter: what is merely written differently stays."""
    files = small_files("Eligible_If: tier is “gold”\nsteps:\n- {id: hi, send: hello, to: email}\n")

    assert repaired(files)["journey.yaml"] == files["journey.yaml"].replace("“gold”", '"gold"')


def test_a_name_that_was_probably_meant_is_offered_and_not_written() -> None:
    files = small_files(
        "eligible if: teir is “gold”\nsteps:\n  - {id: hi, send: helo, to: email}\n"
    )
    meant = fixes(files)["N13"]

    assert (meant.title, meant.safe) == ('Write "hello"', False)
    assert [(one.line, one.column, one.width, one.text) for one in meant.edits] == [
        (6, 20, 4, "hello")
    ]
    assert "helo" in repaired(files)["journey.yaml"]


def test_a_word_between_quotation_marks_keeps_them() -> None:
    files = small_files('eligible if: tier is "golt"\nsteps:\n  - stop: x\n')
    edit = fixes(files)["T03"].edits[0]
    line = files["journey.yaml"].split("\n")[edit.line - 1]

    assert line[edit.column - 1 :][: edit.width] == "golt"
    assert edit.text == "gold"


def test_fixes_keep_the_line_ends_of_a_file() -> None:
    files = small_files("steps:\n  - wait: 1 day\n")
    files["journey.yaml"] = files["journey.yaml"].replace("\n", "\r\n")

    assert repaired(files)["journey.yaml"].endswith(
        "steps:\r\n  - id: wait_1_day\r\n    wait: 1 day\r\n"
    )


def test_programs_are_told() -> None:
    (told,) = to_json(found(small_files("steps:\n  - wait: 1 day\n")))

    assert isinstance(told, dict)
    assert told["code"] == "S05"
    assert told["fix"] == {
        "title": "Add an id",
        "safe": True,
        "edits": [
            {
                "path": "journey.yaml",
                "range": {"start": {"line": 5, "column": 5}, "end": {"line": 5, "column": 5}},
                "text": "id: wait_1_day\n    ",
            }
        ],
    }


def test_a_finding_in_no_file_has_no_fix() -> None:
    assert [one.fix for one in found({})] == [None, None]

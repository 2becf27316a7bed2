"""Findings as people and programs read them."""

from __future__ import annotations

from dsl.diagnostics import Diagnostic, Severity, Span
from dsl.render import MOST_SHOWN, render, to_json

SOURCES = {"journeys/a.yaml": "journey: a\r\nowner: me\r\n\tx: ä中b\n", "b.yaml": "one\n"}


def finding(line: int, column: int, width: int = 1, **more: object) -> Diagnostic:
    return Diagnostic(
        more.get("severity", Severity.ERROR),  # type: ignore[arg-type]
        str(more.get("code", "N01")),
        Span(str(more.get("path", "journeys/a.yaml")), line, column, width),
        str(more.get("message", "I do not know it.")),
        more.get("hint"),  # type: ignore[arg-type]
        more.get("folded", ()),  # type: ignore[arg-type]
    )


def test_a_finding_shows_its_line_with_carets_and_a_hint() -> None:
    shown = render([finding(2, 8, 2, hint="Did you mean you?", folded=("N02", "T01"))], SOURCES)

    assert shown == (
        "error N01  journeys/a.yaml:2:8\n"
        "  I do not know it.\n"
        "\n"
        "    2 | owner: me\n"
        "      |        ^^\n"
        "  Hint: Did you mean you?\n"
        "  (+ N02, T01)\n"
    )


def test_findings_stand_in_the_order_of_files_and_lines() -> None:
    shown = render(
        [finding(2, 1), finding(1, 1), finding(1, 1, path="b.yaml"), finding(1, 1)], SOURCES
    )

    heads = [line for line in shown.split("\n") if line.startswith("error")]
    assert heads == [
        "error N01  b.yaml:1:1",
        "error N01  journeys/a.yaml:1:1",
        "error N01  journeys/a.yaml:2:1",
    ]


def test_at_most_twenty_are_shown_and_the_rest_is_counted() -> None:
    shown = render([finding(1, 1, message=f"Number {n}.") for n in range(27)], SOURCES)

    assert shown.count("error N01") == MOST_SHOWN == 20
    assert shown.endswith("\nAnd 7 more.\n")


def test_no_error_is_left_out_for_the_sake_of_a_warning() -> None:
    warnings = [finding(1, n, severity=Severity.WARNING, code="W20") for n in range(1, 30)]

    shown = render([*warnings, finding(3, 1)], SOURCES)

    assert shown.count("warning W20") == MOST_SHOWN - 1
    assert "error N01  journeys/a.yaml:3:1" in shown


def test_tabs_and_wide_letters_do_not_move_the_carets() -> None:
    shown = render([finding(3, 7)], SOURCES).split("\n")

    assert shown[3] == "    3 | \tx: ä中b"
    assert shown[4] == "      | \t      ^"


def test_several_lines_of_a_hint_stand_below_each_other() -> None:
    shown = render([finding(1, 1, hint="Say:\nremoved steps:\n  a: leave")], SOURCES)

    assert "  Hint: Say:\n        removed steps:\n          a: leave\n" in shown


def test_a_place_without_a_text_is_shown_without_a_line() -> None:
    shown = render([finding(1, 1, path="policy.yaml")], {})

    assert shown == "error N01  policy.yaml:1:1\n  I do not know it.\n"


def test_a_place_past_the_end_of_its_line_gets_a_caret() -> None:
    shown = render([finding(2, 40, 5)], SOURCES)

    assert shown.split("\n")[4] == "      |          ^"


def test_nothing_in_a_file_can_steer_a_terminal() -> None:
    text = "a\x1b[2Jb: \x07\n"

    shown = render([finding(1, 1, path="x.yaml", message="No \x1b.")], {"x.yaml": text})

    assert "\x1b" not in shown
    assert "\x07" not in shown


def test_colours_are_there_when_asked_for_and_change_no_word() -> None:
    one = finding(2, 8, 2, hint="Yes.")

    plain, coloured = render([one], SOURCES), render([one], SOURCES, colour=True)

    assert "\x1b[" in coloured
    assert "\x1b[" not in plain
    stripped = coloured
    for code in ("\x1b[1;31m", "\x1b[1m", "\x1b[0m"):
        stripped = stripped.replace(code, "")
    assert stripped == plain


def test_programs_get_everything_as_plain_data() -> None:
    one = finding(2, 8, 2, hint="Yes.", severity=Severity.WARNING, code="W20")

    assert to_json([one]) == [
        {
            "severity": "warning",
            "code": "W20",
            "message": "I do not know it.",
            "hint": "Yes.",
            "path": "journeys/a.yaml",
            "range": {"start": {"line": 2, "column": 8}, "end": {"line": 2, "column": 10}},
            "folded": [],
            "fix": None,
        }
    ]


def test_a_warning_with_an_error_folded_into_it_stops_a_deploy() -> None:
    warning = finding(1, 1, severity=Severity.WARNING)
    folded = Diagnostic(
        Severity.WARNING, "M02", warning.span, "Unused.", folded=("M03",), folded_error=True
    )

    assert not warning.stops
    assert folded.stops
    assert finding(1, 1).stops

"""New projects from the library: whole, without mistakes, and nothing in them for nobody."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pytest

from dsl.compiler import compile_project
from dsl.format import format_project
from dsl.render import render
from dsl.yaml import Map
from engine.library.beginning import Wishes, begun, plain_name
from engine.library.shelf import Shelf, opened_library
from engine.scenarios.coverage import cover
from engine.scenarios.play import play
from engine.scenarios.show import as_text

SHELF = opened_library()
NAMES = tuple(each.name for each in SHELF.journeys)


def wrong(files: Mapping[str, str]) -> str:
    """Everything that is not as it should be in a project, as it would be printed."""
    compiled = compile_project(files)
    if compiled.diagnostics or compiled.project is None:
        return render(compiled.diagnostics, compiled.sources)
    formatted = format_project(files)
    if formatted.changed or formatted.findings:
        return f"not in canonical form: {', '.join(formatted.changed)}"
    played = play(compiled.project, compiled.scenarios)
    missing = [
        f"{each.journey} never sends {name}"
        for each in cover(compiled.project.machines.values(), played)
        for name in each.messages.missing
    ]
    failed = [line for each in played if each.failures for _, line in as_text(each)]
    return "\n".join([*missing, *failed])


@pytest.mark.parametrize("name", NAMES)
def test_every_journey_is_a_project_of_its_own(name: str) -> None:
    files = begun(SHELF, Wishes([name]))

    assert wrong(files) == ""


@pytest.mark.parametrize(
    "names",
    [
        ("cart_abandonment", "welcome"),
        ("post_purchase", "appointment"),
        ("newsletter", "sunset", "double_opt_in"),
    ],
)
def test_journeys_that_share_something_go_together(names: Sequence[str]) -> None:
    files = begun(SHELF, Wishes(names))

    assert wrong(files) == ""


def test_the_first_language_is_the_company_s_choice() -> None:
    files = begun(SHELF, Wishes(["birthday"], ["de", "en"]))

    assert wrong(files) == ""
    assert "languages: de, en " in files["policy.yaml"]


def test_kinds_of_messages_are_called_in_the_company_s_languages() -> None:
    files = begun(SHELF, Wishes(["birthday"], ["de"]))

    assert "title: {de: Neues und Angebote} " in files["policy.yaml"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "zone", "currency"),
    [("en", "America/New_York", "USD"), ("de", "Australia/Sydney", "JPY")],
)
def test_all_of_them_for_a_company_elsewhere(language: str, zone: str, currency: str) -> None:
    company = "Grün, O'Hara & Sons Ltd. 1848"
    files = begun(SHELF, Wishes(NAMES, [language], company, zone, currency))

    assert wrong(files) == ""
    assert "EUR" not in "".join(files.values())
    assert "lindenhof" not in "".join(files.values()).casefold()
    assert "Grün, O'Hara &amp; Sons" in files["shared/modules.yaml"]
    assert f"time zone: {zone} " in files["policy.yaml"]
    assert f"languages: {language} " in files["policy.yaml"]


def test_all_of_the_library_is_the_library() -> None:
    assert dict(begun(SHELF, Wishes(NAMES))) == dict(SHELF.files)


def names_in(text: str, key: str) -> set[str]:
    """The names below a key of a file."""
    found = re.search(rf"^{key}:\n((?:[ #].*\n|\n)+)", text, re.MULTILINE)
    return set(re.findall(r"^  (\w+):", found[1], re.MULTILINE)) if found else set()


def test_a_project_gets_what_its_journey_speaks_of_and_nothing_else() -> None:
    files = begun(SHELF, Wishes(["birthday"]))

    assert sorted(files) == [
        "birthday/journey.yaml",
        "birthday/messages.yaml",
        "birthday/scenarios.yaml",
        "policy.yaml",
        "segments.yaml",
        "shared/modules.yaml",
        "tracking_plan.yaml",
    ]
    assert names_in(files["tracking_plan.yaml"], "events") == {"purchase"}
    assert names_in(files["tracking_plan.yaml"], "profile") == {
        *("first_name", "email", "phone", "language", "country", "time_zone"),
        *("marketing_consent", "sms_opt_in", "whatsapp_opt_in", "birthday"),
    }
    assert names_in(files["segments.yaml"], "segments") == {"employees"}
    assert names_in(files["shared/modules.yaml"], "modules") == {"header", "footer"}


@pytest.mark.parametrize("name", ["cart_abandonment", "appointment", "win_back"])
def test_nothing_that_was_left_could_be_missing(name: str) -> None:
    """Each event and each segment that was taken along is needed: without it there is a mistake."""
    files = begun(SHELF, Wishes([name]))
    spare = [
        f"{path}: {each}"
        for path, key in (("tracking_plan.yaml", "events"), ("segments.yaml", "segments"))
        for each in names_in(files.get(path, ""), key)
        if compile_project({**files, path: without(files[path], each)}).project is not None
    ]

    assert spare == []


def without(text: str, name: str) -> str:
    """The text under another name than the one that is looked for."""
    text = re.sub(rf"^  {name}:", f"  {name}_gone:", text, flags=re.MULTILINE)
    block = re.search(rf"^  {name}_gone:.*\n(?:    .*\n)+", text, re.MULTILINE)
    assert block is not None
    return text.replace(block[0], re.sub(r"^    (did|also):.*\n", "", block[0], flags=re.MULTILINE))


def test_what_is_shared_only_by_others_stays_where_it_is() -> None:
    assert not any("ask_" in path for path in begun(SHELF, Wishes(["birthday"])))
    assert "shared/ask_for_birthday/fragment.yaml" in begun(SHELF, Wishes(["welcome"]))


def test_a_rule_about_a_journey_that_is_not_there_is_left_out_alone() -> None:
    alone = begun(SHELF, Wishes(["cart_abandonment"]))["cart_abandonment/journey.yaml"]
    together = begun(SHELF, Wishes(["cart_abandonment", "welcome"]))
    before = SHELF.files["cart_abandonment/journey.yaml"]

    assert together["cart_abandonment/journey.yaml"] == before
    assert [line for line in before.split("\n") if line not in alone.split("\n")] == [
        "  - in journey welcome                # one series of letters at a time"
    ]


def test_comments_come_along_and_the_headings_of_what_is_left_do_too() -> None:
    plan = begun(SHELF, Wishes(["sunset"]))["tracking_plan.yaml"]

    assert plan.startswith("# What we know about people, and what they can do.")
    assert "  # The shop\n  purchase:\n" in plan
    assert "# Appointments" not in plan
    assert "# Support" not in plan
    assert plan.endswith(", message.\n")


def test_the_policy_names_the_web_services_that_are_asked() -> None:
    asked = begun(SHELF, Wishes(["appointment"]))["policy.yaml"]
    silent = begun(SHELF, Wishes(["birthday"]))["policy.yaml"]

    assert asked == SHELF.files["policy.yaml"]
    assert "webhooks" not in silent
    assert "support_desk" not in silent
    assert "late events:" in silent


def test_a_file_of_nothing_is_no_file() -> None:
    assert "segments.yaml" not in begun(SHELF, Wishes(["order_delay"]))


def test_a_company_s_name_becomes_one_that_rules_can_say() -> None:
    assert plain_name("Rosa's Tee & Co.") == "rosa_s_tee_co"
    assert plain_name("1848") == "company"


def test_the_library_says_itself_what_it_speaks() -> None:
    shelf: Shelf = opened_library()

    assert shelf.languages == ("en", "de")
    assert all(isinstance(node, Map) for node in shelf.maps.values())
    assert all(title and title != "None" for _, title in shelf.journeys)

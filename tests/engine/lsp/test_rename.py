"""A step gets another name everywhere it is meant, and nowhere else."""

from __future__ import annotations

import pytest

from dsl.compiler import compile_project
from dsl.source import normal_text
from engine.lsp.document import Document
from engine.lsp.project import Project
from engine.lsp.rename import CannotRename, rename, step_at
from tests.engine.lsp.desks import at_cursor, project_of, shop

JOURNEY = """\
journey: a
category: news
trigger: {event: bought}
goal: did bought where nudge > 3 since nudge.time
steps:
  - id: nu‸dge
    send: hello
    to: email
  - id: pause
    wait until: nudge.time + 3 days
  - if: "nudge was sent and email is \\"nudge\\" and nudge.channel is 'email'"
    then:
      - id: again
        send: hello
        to: email if nudge was not opened
        with: {word: = nudge.channel, other: nudge}
  - set profile: {last: = if nudge was clicked then now else nudge}
  - stop: nudge
"""
FILES = {
    "plan.yaml": "tracking plan: x\nprofile: {email: text, last: date and time}\n"
    "events: {bought: {has: {nudge: number}}}\n",
    "a.yaml": JOURNEY.replace("‸", ""),
    "other.yaml": JOURNEY.replace("‸", "").replace("journey: a", "journey: b"),
    "tests.yaml": "tests of: a\ngiven: {pretend: {nudge: one}}\nscenarios:\n"
    "  - scenario: nudge\n    given: {pretend: [{nudge: one}]}\n    script: [{pass: 1 day}]\n",
}


def renamed(project: Project, path: str, text: str, new: str) -> dict[str, str]:
    """The files that are changed, with their new texts."""
    edits = rename(project, path, at_cursor(project, path, text), new)
    made = {}
    for where, some in edits.items():
        document = Document.of(where, project.documents[where].text)
        done = document.source.text
        for edit in sorted(some, key=lambda one: document.index(one.range.start), reverse=True):
            start, end = document.index(edit.range.start), document.index(edit.range.end)
            done = done[:start] + edit.new_text + done[end:]
        made[where] = done
    return made


def test_every_mention_of_the_step_and_no_other_word_is_changed() -> None:
    made = renamed(project_of(FILES), "a.yaml", JOURNEY, "opening")

    assert made["a.yaml"] == (
        JOURNEY.replace("‸", "")
        .replace("nudge", "opening")
        .replace("where opening >", "where nudge >")
        .replace('\\"opening\\"', '\\"nudge\\"')
        .replace("other: opening", "other: nudge")
        .replace("stop: opening", "stop: nudge")
    )
    assert made["tests.yaml"] == FILES["tests.yaml"].replace("nudge:", "opening:")
    assert set(made) == {"a.yaml", "tests.yaml"}


def test_a_split_is_renamed_in_its_own_target() -> None:
    text = """\
journey: a
category: news
trigger: {event: bought}
steps:
  - id: of‸fer
    split:
      one: [{stop: offer}]
      two:
    optimise for: did bought within 7 days after offer
"""

    made = renamed(project_of({**FILES, "a.yaml": text.replace("‸", "")}), "a.yaml", text, "gift")

    wanted = text.replace("‸", "").replace("offer", "gift")
    assert made["a.yaml"] == wanted.replace("stop: gift", "stop: offer")


def test_a_mention_is_as_good_a_place_to_rename_from_as_the_id() -> None:
    at_id = renamed(project_of(FILES), "a.yaml", JOURNEY, "opening")
    mention = JOURNEY.replace("‸", "").replace('if: "nudge', 'if: "nud‸ge')

    assert renamed(project_of(FILES), "a.yaml", mention, "opening") == at_id


def test_emoji_and_umlauts_do_not_move_the_edits() -> None:
    text = JOURNEY.replace('email is \\"nudge\\"', 'email is \\"Grüße 🎉👋🏽\\"')
    made = renamed(project_of(FILES), "a.yaml", text, "opening")

    assert "🎉👋🏽\\\" and opening.channel is 'email'" in made["a.yaml"]


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_other_line_ends_do_not_move_the_edits(end: str) -> None:
    project = project_of(FILES)
    plain = renamed(project, "a.yaml", JOURNEY, "opening")["a.yaml"]
    text = JOURNEY.replace("‸", "")
    position = at_cursor(project, "a.yaml", JOURNEY)
    project.put("a.yaml", text.replace("\n", end))
    edits = rename(project, "a.yaml", position, "opening")["a.yaml"]

    assert len(edits) == plain.count("opening")
    assert normal_text(text.replace("\n", end)) == text


@pytest.mark.parametrize(
    ("new", "because"),
    [
        ("bought", "already an event"),
        ("email", "already an attribute"),
        ("two words", "letters, digits and _"),
        ("trigger", "a word of the language"),
        ("", "letters, digits and _"),
        ("again", 'Another step is called "again"'),
    ],
)
def test_a_name_that_cannot_be_is_refused_in_words(new: str, because: str) -> None:
    project = project_of(FILES)

    with pytest.raises(CannotRename, match=because):
        rename(project, "a.yaml", at_cursor(project, "a.yaml", JOURNEY), new)


def test_a_rule_that_cannot_be_read_is_corrected_first() -> None:
    project = project_of(FILES)
    text = JOURNEY.replace("nudge.time + 3 days", "nudge.time +")

    with pytest.raises(CannotRename, match=r"a\.yaml:10 cannot be read"):
        rename(project, "a.yaml", at_cursor(project, "a.yaml", text), "opening")


@pytest.mark.parametrize("text", ["jour‸ney: a", "journey: a\nid: ‸x", "journey: [‸"])
def test_only_steps_are_renamed(text: str) -> None:
    project = project_of(FILES)
    position = at_cursor(project, "a.yaml", text)

    assert step_at(project, "a.yaml", position) is None
    with pytest.raises(CannotRename):
        rename(project, "a.yaml", position, "opening")


def test_what_is_found_in_a_real_journey_is_the_same_after_renaming() -> None:
    project = shop()
    path = "journeys/cart_abandonment.yaml"
    before = compile_project(project.texts()).diagnostics
    text = project.documents[path].text.replace("id: first_nudge", "id: ‸first_nudge")
    made = renamed(project, path, text, "opening")
    after = compile_project({**project.texts(), **made}).diagnostics

    assert "first_nudge" not in made[path]
    assert [(one.code, one.span.path) for one in after] == [
        (one.code, one.span.path) for one in before
    ]


def test_where_people_of_a_removed_step_go_on_is_a_mention_of_that_step() -> None:
    text = """\
journey: a
category: news
trigger: {event: bought}
renamed steps: {older: nu‸dge}
removed steps:
  old: continue with nudge
  nudge_two: leave
steps:
  - {id: nudge, send: hello, to: email}
"""
    project = project_of({**FILES, "a.yaml": text.replace("‸", "")})
    made = renamed(project, "a.yaml", text, "opening")

    assert made["a.yaml"] == (
        text.replace("‸", "").replace("nudge", "opening").replace("opening_two", "nudge_two")
    )


SAYING = """\
journey: a
category: service
trigger: {event: refund}
steps:
  - id: nud‸ge
    wait for: refund
    at most: 1 day
  - let:
      said: "nudge: {{ nudge.order_id }} {% if nudge.time is defined %}ä {{ 'nudge' }}{% endif %}"
      own: "{% set nudge = 'x' %}{{ nudge }}"
      plain: nudge
"""


def test_a_step_is_renamed_in_texts_too_but_only_between_curly_brackets() -> None:
    """Not in their words, not in quoted words, and not where the text has a name of its own."""
    made = renamed(project_of({"a.yaml": SAYING}), "a.yaml", SAYING, "opening")

    assert made == {
        "a.yaml": SAYING.replace("‸", "")
        .replace("id: nudge", "id: opening")
        .replace("{{ nudge.order_id", "{{ opening.order_id")
        .replace("if nudge.time", "if opening.time")
    }

"""What the word under the cursor means, and where it comes from."""

from __future__ import annotations

import pytest
from lsprotocol import types

from engine.lsp.pointing import definition, hover
from engine.lsp.project import Project
from tests.engine.lsp.desks import at_cursor, project_of, shop

JOURNEY = """\
journey: zz
category: service
trigger:
  event: cart_updated
  where: value >= 50 EUR
let: {limit: 50 EUR}
exclude if: in segment vip
goal: did purchase where total > limit since entry
steps:
  - id: hello
    send: cart_reminder
    to first of: [push if country is "DE", email]
  - id: reply
    wait for: nps_answered
    where: score > 3
    at most: 1 day
  - if: hello was clicked and reply.score > 8 and age(birthday) > 18
    then:
      - use: ask_for_birthday
      - go to journey: welcome
  - id: ticket
    webhook: crm_task
    with: {reason: = reply.score}
  - if: ticket.ticket is known
    then: [{stop: handed over}]
  - set profile:
      nps: = reply.score + trigger.value.amount
"""


@pytest.fixture(scope="module")
def project() -> Project:
    return shop()


def marked(line: str, word: str) -> str:
    """The journey with the cursor in a word of the line that contains ``line``."""
    start = JOURNEY.index(line) + line.index(word)
    return f"{JOURNEY[: start + 1]}‸{JOURNEY[start + 1 :]}"


def words(found: types.Hover | None) -> str:
    assert found is not None
    assert isinstance(found.contents, types.MarkupContent)
    return found.contents.value.replace("\\", "")


@pytest.mark.parametrize(
    ("line", "word", "says"),
    [
        ("category: service", "category", "The category whose consent"),
        ("event: cart_updated", "cart_updated", "event with cart_id, value"),
        ("where: value", "value", "property: money EUR, required"),
        ("in segment vip", "vip", "VIP customers"),
        ("in segment vip", "vip", "sum of purchase.total in the last 365 days"),
        ("did purchase where", "purchase", "event with order_id"),
        ("where total", "total", "property: money EUR"),
        ("> limit since", "limit", "variable: 50 EUR"),
        ("send: cart_reminder", "send", "Sends a message."),
        ("send: cart_reminder", "cart_reminder", "push, email"),
        ("to first of", "to first", "Channels in order"),
        ("[push if", "push", "channel"),
        ("if country is", "country", "attribute: "),
        ("wait for: nps", "nps", "event with "),
        ("where: score", "score", "property: "),
        ("if: hello was", "hello", "step: send cart_reminder"),
        ("reply.score > 8", "reply", "step: wait for nps_answered"),
        ("reply.score > 8", "score", "property: "),
        ("age(birthday)", "age", "function: age(birthday)"),
        ("use: ask_for", "use", "The steps of a fragment"),
        ("use: ask_for", "ask_for", "fragment"),
        ("journey: welcome", "welcome", "journey"),
    ],
)
def test_hover_says_what_it_is(project: Project, line: str, word: str, says: str) -> None:
    position = at_cursor(project, "zz.yaml", marked(line, word))

    assert says in words(hover(project, "zz.yaml", position))


@pytest.mark.parametrize(
    ("line", "word", "path", "text"),
    [
        ("event: cart_updated", "cart_updated", "tracking_plan.yaml", "cart_updated:"),
        ("where: value", "value", "tracking_plan.yaml", "value:"),
        ("in segment vip", "vip", "segments.yaml", "vip:"),
        ("send: cart_reminder", "cart_reminder", "messages/cart_reminder.yaml", "cart_reminder"),
        ("use: ask_for", "ask_for", "fragments/ask_for_birthday.yaml", "ask_for_birthday"),
        ("journey: welcome", "welcome", "journeys/welcome.yaml", "welcome"),
        ("if: hello was", "hello", "zz.yaml", "hello\n    send"),
        ("reply.score > 8", "reply", "zz.yaml", "reply\n    wait for"),
        ("webhook: crm_task", "crm_task", "policy.yaml", "crm_task:"),
        ("if: ticket.ticket", "ticket", "zz.yaml", "ticket\n    webhook"),
        ("[push if", "push", "policy.yaml", "push:"),
        ("category: service", "service", "policy.yaml", "service:"),
        ("country is", "country", "tracking_plan.yaml", "country:"),
        ("> limit since", "limit", "zz.yaml", "limit: 50"),
    ],
)
def test_go_to_definition(project: Project, line: str, word: str, path: str, text: str) -> None:
    position = at_cursor(project, "zz.yaml", marked(line, word))
    span = definition(project, "zz.yaml", position)

    assert span is not None
    assert span.path == path
    source = project.documents[path].source
    assert source.text.startswith(text, source.starts[span.line - 1] + span.column - 1)


def test_modules_are_found_from_messages(project: Project) -> None:
    text = project.documents["messages/cart_reminder.yaml"].text.replace(
        "use: footer", "use: foo‸ter"
    )
    position = at_cursor(project, "messages/cart_reminder.yaml", text)
    span = definition(project, "messages/cart_reminder.yaml", position)

    assert span is not None
    assert (span.path, span.line) == ("modules/modules.yaml", 6)


def test_a_word_in_a_text_means_the_attribute_and_nothing_outside_braces(project: Project) -> None:
    text = 'message: x\nsms:\n  text: "🎉 email {{ first_n‸ame }}"\n'
    inside = hover(project, "x.yaml", at_cursor(project, "x.yaml", text))
    outside = text.replace("‸", "").replace("ema", "e‸ma")

    assert "attribute: text" in words(inside)
    assert hover(project, "x.yaml", at_cursor(project, "x.yaml", outside)) is None
    project.forget("x.yaml")


@pytest.mark.parametrize(
    ("marked_word", "text"),
    [
        ("fetch: recommend‸_similar", "recommend_similar:"),
        ("count of recommend‸_similar.items", "recommend_similar:"),
        ("count of recommend_similar.it‸ems", "items: list of text"),
    ],
)
def test_what_a_module_fetches_is_found_in_the_policy(
    project: Project, marked_word: str, text: str
) -> None:
    path = "modules/modules.yaml"
    before = project.documents[path].text
    plain = marked_word.replace("‸", "")
    span = definition(project, path, at_cursor(project, path, before.replace(plain, marked_word)))

    assert plain in before
    assert span is not None
    source = project.documents["policy.yaml"].source
    assert span.path == "policy.yaml"
    assert source.text.startswith(text, source.starts[span.line - 1] + span.column - 1)


def test_a_word_in_the_text_of_a_step_means_what_it_means_there(project: Project) -> None:
    text = 'journey: x\nlet: {word: 1}\nsteps:\n  - emit: a\n    with: {b: "word {{ wo‸rd }}"}\n'
    inside = definition(project, "x.yaml", at_cursor(project, "x.yaml", text))
    project.forget("x.yaml")

    assert inside is not None
    assert (inside.path, inside.line) == ("x.yaml", 2)


def test_a_range_behind_umlauts_and_emoji_is_the_word(project: Project) -> None:
    text = 'segments:\n  ü:\n    who: email is "🎉ä" and cou‸ntry is "DE"\n'
    position = at_cursor(project, "x.yaml", text)
    found = hover(project, "x.yaml", position)
    project.forget("x.yaml")

    assert found is not None
    assert found.range is not None
    assert found.range.end.character - found.range.start.character == len("country")
    assert found.range.start.character == position.character - 3


@pytest.mark.parametrize("text", ["", "a‸", "journey: [‸", "journey: x\nnotes: ‸ hello", "‸: :"])
def test_where_nothing_is_known_nothing_is_said(project: Project, text: str) -> None:
    position = at_cursor(project, "x.yaml", text)

    assert hover(project, "x.yaml", position) is None
    assert definition(project, "x.yaml", position) is None
    project.forget("x.yaml")


def test_of_a_computed_attribute_hover_says_its_formula() -> None:
    project = project_of({"plan.yaml": COMPUTED})
    line = "  made: = count of pur‸chase\n"
    inside = hover(project, "plan.yaml", at_cursor(project, "plan.yaml", COMPUTED + line))

    assert "event with total" in words(inside)
    position = at_cursor(project, "x.yaml", "segments:\n  some: {who: bou‸ght > 2}\n")
    assert "computed: count of purchase" in words(hover(project, "x.yaml", position))


COMPUTED = """\
tracking plan: shop
events:
  purchase: {has: {total: money EUR}}
profile:
  bought: = count of purchase
"""

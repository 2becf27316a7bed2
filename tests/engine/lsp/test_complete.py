"""What is proposed while somebody types."""

from __future__ import annotations

import pytest
from lsprotocol import types

from engine.lsp.complete import complete
from engine.lsp.project import Project
from tests.engine.lsp.desks import at_cursor, project_of, shop

HEAD = """\
journey: zz
category: service
trigger:
  event: cart_updated
let: {limit: 50 EUR}
"""
STEPS = """\
steps:
  - id: hello
    send: thanks
    to: email
  - id: test
    split:
      one 50%: [{stop: a}]
      two 50%: [{stop: b}]
  - id: reply
    wait for: nps_answered
    at most: 1 day
"""


@pytest.fixture(scope="module")
def project() -> Project:
    return shop()


def proposed(project: Project, text: str, path: str = "journeys/zz.yaml") -> list[str]:
    project.put(path, HEAD + STEPS)  # as it could last be parsed
    project.map(path)
    position = at_cursor(project, path, text)
    labels = [one.label for one in complete(project, path, position)]
    project.forget(path)
    return labels


@pytest.mark.parametrize(
    ("text", "among", "not_among"),
    [
        ("st‸", {"status", "goal", "on goal"}, {"journey", "trigger", "wait", "people"}),
        ("status: ‸", {"draft", "live", "paused", "ended"}, {"yes"}),
        ("goal: ‸", {"purchase", "first_name", "hello", "limit", "trigger", "age", "did", "in segment"}, {"total"}),
        ("goal: did ‸", {"purchase", "purchases", "view_product", "message_opened"}, {"first_name"}),
        ("goal: did purchase where ‸", {"total", "order_id", "time", "profile"}, set()),
        ("goal: did purchase where (total > 5 EUR and c‸", {"cart_id", "category"}, set()),
        ("goal: did purchase where (total > 5 EUR) and c‸", {"country"}, {"cart_id"}),
        ("goal: trigger.‸", {"cart_id", "value", "items", "time"}, {"country"}),
        ("goal: trigger.items.‸", {"product_id", "price"}, {"cart_id"}),
        ("goal: profile.‸", {"country", "nps"}, {"purchase"}),
        ("goal: last purchase.‸", {"total", "time"}, {"country"}),
        ("goal: hello.‸", {"channel", "time"}, {"path"}),
        ("goal: test.‸", {"path"}, {"channel"}),
        ("goal: reply.‸", {"score", "time"}, {"channel"}),
        ("goal: hello was ‸", {"sent", "opened", "clicked", "answered"}, {"country"}),
        ("goal: hello was not ‸", {"delivered"}, {"country"}),
        ("exclude if:\n  - in segment v‸", {"vip", "employees"}, {"welcome"}),
        ('exclude if: in segment "‸', {"vip"}, {"welcome"}),
        ("exclude if: in journey ‸", {"welcome", "win_back"}, {"vip"}),
        ("exclude if: messaged on ‸", {"push", "email"}, {"promotional"}),
        ("exclude if: messaged about ‸", {"promotional", "service"}, {"push"}),
        ("exclude if: subscribed to ‸", {"promotional"}, {"push"}),
        ('goal: country is "‸', set(), {"country"}),
        ("frequency caps:\n  - 3 per 7 days on ‸", {"push"}, {"promotional"}),
        ("steps:\n  - ‸", {"send", "wait for", "webhook", "id"}, {"to", "category"}),
        ("steps:\n  - send: ‸", {"cart_reminder", "newsletter"}, {"welcome"}),
        ("steps:\n  - send: thanks\n    ‸", {"to first of", "with", "id"}, {"send", "wait", "at most"}),
        ("steps:\n  - id: a\n    ‸\n    send: thanks\n", {"to first of"}, {"id", "send", "wait"}),
        ("steps:\n  - send: thanks\n    to first of: [‸", {"push", "sms"}, {"country"}),
        ("steps:\n  - send: thanks\n    to: push if ‸", {"country"}, set()),
        ("steps:\n  - wait for: purchase\n    where: ‸", {"order_id", "total"}, set()),
        ("steps:\n  - set profile:\n      ‸", {"nps", "tier"}, {"purchase"}),
        ("steps:\n  - set profile:\n      nps: = ‸", {"winback_count", "round"}, set()),
        ("steps:\n  - set profile:\n      nps: ‸", set(), {"winback_count"}),
        (
            'steps:\n  - emit: refund\n    with:\n      a: "{{ ‸',
            {"country", "reply", "trigger"},
            {"purchase"},
        ),
        ('steps:\n  - let:\n      a: "{{ reply.‸', {"score", "time"}, {"channel"}),
        ("steps:\n  - use: ‸", {"ask_for_birthday"}, {"footer"}),
        ("steps:\n  - if: hello was sent\n    then:\n      - choose:\n          - ‸", {"when", "do", "otherwise"}, {"send"}),
        (f"{STEPS}renamed steps:\n  old: ‸", {"hello", "reply"}, {"country", "leave"}),
        (f"{STEPS}removed steps:\n  old: ‸", {"leave", "continue with hello"}, {"hello", "country"}),
        ("on goal:\n  - ‸", {"emit", "set profile"}, set()),
    ],
)  # fmt: skip
def test_in_a_journey(project: Project, text: str, among: set[str], not_among: set[str]) -> None:
    labels = proposed(project, f"{HEAD}{STEPS}{text}" if "steps:" not in text else HEAD + text)

    assert among <= set(labels)
    assert not_among.isdisjoint(labels)


@pytest.mark.parametrize(
    ("text", "among"),
    [
        ("‸", {"journey", "tests of", "tracking plan"}),
        ("message: x\nuses: jou‸", {"journey welcome"}),
        ('message: x\npush:\n  title: "{{ ‸', {"first_name", "points"} - {"points"}),
        ('message: x\nuses: journey cart_abandonment\npush:\n  title: "{{ trigger.‸', {"value"}),
        ("modules:\n  a:\n    fetch: ‸", {"recommend_similar", "crm_task"}),
        ("modules:\n  a:\n    fetch: recommend_similar\n    show if: recommend_similar.‸", {"items"}),
        (
            'modules:\n  a:\n    fetch: recommend_similar\n    blocks:\n      - text: "{{ reco‸',
            {"recommend_similar"},
        ),
        ("message: x\nemail:\n  blocks:\n    - ‸", {"text", "button", "for each"}),
        ("message: x\nemail:\n  blocks:\n    - use: ‸", {"footer", "header"}),
        ("message: x\n‸", {"push", "email", "sms", "whatsapp"}),
        ("segments:\n  a:\n    who: count of ‸", {"purchase"}),
        ("policy: x\nchannels:\n  email:\n    ‸", {"reachable when"}),
        ("tracking plan: x\nprofile:\n  a: ‸", {"yes/no", "money EUR"}),
        ("tracking plan: x\nidentifiers: email, ‸", {"phone", "device"}),
        ("tracking plan: x\nident‸", {"identifiers"}),
        ("tracking plan: x\nprofile:\n  a: text, ‸", {"required", "personal"}),
        ("tests of: ‸", {"welcome"}),
        ("tests of: welcome\nscenarios:\n  - script:\n      - ‸", {"pass", "expect sent"}),
        ("tests of: welcome\nscenarios:\n  - script:\n      - expect sent: ‸", {"welcome_hello"}),
        ("tests of: welcome\nscenarios:\n  - script:\n      - expect sent: a\n        on: ‸", {"push"}),
    ],
)  # fmt: skip
def test_in_other_files(project: Project, text: str, among: set[str]) -> None:
    position = at_cursor(project, "new.yaml", text)
    labels = {one.label for one in complete(project, "new.yaml", position)}
    project.forget("new.yaml")

    assert among <= labels


def test_what_was_typed_is_replaced_and_a_key_gets_its_colon() -> None:
    project = project_of({})
    position = at_cursor(project, "a.yaml", "journey: a\ntitle: 🎉\nif alr‸")
    edits = {one.label: one.text_edit for one in complete(project, "a.yaml", position)}
    edit = edits["if already inside"]

    assert isinstance(edit, types.TextEdit)
    assert edit.new_text == "if already inside: "
    assert edit.range == types.Range(types.Position(2, 0), types.Position(2, 6))


def test_a_colon_that_is_there_is_not_written_again() -> None:
    project = project_of({})
    position = at_cursor(project, "a.yaml", "journey: a\ncat‸: b\n")
    edits = {one.label: one.text_edit for one in complete(project, "a.yaml", position)}
    edit = edits["category"]

    assert edit is not None
    assert edit.new_text == "category"


def test_a_word_behind_an_emoji_is_replaced_where_the_editor_sees_it() -> None:
    project = shop()
    position = at_cursor(project, "a.yaml", 'journey: a\ngoal: email is "🎉🎉" and coun‸')
    edits = {one.label: one.text_edit for one in complete(project, "a.yaml", position)}
    edit = edits["country"]

    assert isinstance(edit, types.TextEdit)
    assert edit.range.end == position
    assert edit.range.end.character - edit.range.start.character == len("coun")


def test_names_are_proposed_without_reading_the_files_they_stand_in() -> None:
    project = shop()
    position = at_cursor(project, "a.yaml", "journey: a\nsteps:\n  - send: ‸")
    complete(project, "a.yaml", position)

    assert "messages/more.yaml" not in project._nodes


def test_behind_the_sign_of_a_formula_the_rule_language_is_proposed() -> None:
    plan = "tracking plan: shop\nevents:\n  purchase: {also: buys}\nprofile:\n  made: "
    project = project_of({"plan.yaml": plan + "text\n"})

    def labels(rest: str) -> set[str]:
        position = at_cursor(project, "plan.yaml", plan + rest)
        return {one.label for one in complete(project, "plan.yaml", position)}

    assert {"purchase", "buys"} <= labels("= count of ‸\n")
    assert "yes/no" in labels("‸\n")

"""Modules that ask a web service at the hand-over (language reference, 3.6): the real runner and
dispatcher, and services that answer as they are told.
"""

from __future__ import annotations

import asyncio

import pytest

from channels.services import Answer, NoAnswer, ScriptedServices
from dsl.calendar import SECOND
from tests.engine.fetching import (
    MODULES,
    PAIR,
    POLICY,
    STEPS,
    STRICT,
    USE,
    decide,
    files,
    lines,
    only,
    stage,
    texts,
)
from tests.engine.scene import Scene, journey

# ------------------------------------------------------------------------------------ answers


def test_the_answer_is_in_the_message() -> None:
    """In HTML and plain text alike, with links and amounts as they are always written."""
    scene = stage(PAIR)
    scene.event("signed_up")

    parts = scene.adapter.accepted[0].parts
    assert lines(scene) == [
        "Ada may like Green tea, Pot from €12.50",
        "Green tea: https://shop.example/p/Green%20tea",
        "Pot: https://shop.example/p/Pot",
    ]
    assert "Ada may like Green tea, Pot from €12.50" in parts["html"]
    assert 'href="https://shop.example/p/Green%20tea"' in parts["html"]
    assert "bestsellers" not in parts["html"]


@pytest.mark.parametrize(
    "reply",
    [
        Answer({}),
        Answer({"items": ["Only one"]}),
        Answer({"items": "Green tea and Pot"}),
        Answer({"items": [{"name": "Pot"}, {"name": "Tea"}]}),
        NoAnswer("it gave no answer in time", again=True),
        NoAnswer("its answer is not JSON", again=False),
    ],
)
def test_without_a_usable_answer_the_other_module_stands_in(reply: Answer | NoAnswer) -> None:
    scene = stage(reply)
    scene.event("signed_up")

    assert lines(scene) == ["Our bestsellers"]
    assert "Our bestsellers" in scene.adapter.accepted[0].parts["html"]


def test_the_service_is_told_what_was_decided_and_nothing_else() -> None:
    """An amount as a number of its currency's units, a text with values filled in."""
    services = ScriptedServices()
    scene = stage(PAIR, services=services)
    scene.event("signed_up")

    (question,) = services.questions
    assert question.values == {"product": "tea", "name": "for Ada", "limit": 50}
    assert question.service.name == "reco"
    assert question.id == f"{only(scene).id}/reco/0"


def test_what_an_answer_says_cannot_become_html() -> None:
    scene = stage(Answer({"items": ["<b>Pot</b>", "{{ first_name }}", "x"]}))
    scene.event("signed_up")

    parts = scene.adapter.accepted[0].parts
    assert "<b>Pot" not in parts["html"]
    assert "&lt;b&gt;Pot" in parts["html"]
    assert "{{ first_name }}" in parts["text"]


def test_an_answer_that_is_too_long_for_a_message_is_no_answer() -> None:
    """What was decided goes out; nobody gets an endless message, and nobody gets none."""
    scene = stage(Answer({"items": ["x" * 1000] * 400}))
    scene.event("signed_up")

    assert lines(scene) == ["Our bestsellers"]


# ------------------------------------------------------------------- what cannot be built then


def test_a_message_that_cannot_be_built_then_counts_as_refused() -> None:
    """Slot freed, next channel, and the address stays in use."""
    scene = stage(NoAnswer("late", again=True), use=STRICT)
    scene.event("signed_up")

    assert [message.channel for message in scene.adapter.accepted] == ["push"]
    assert scene.story("ada", "refused", "sent", "handed over") == [
        "sent tips email",
        "refused content: missing: reco.price email",
        "sent tips push",
        "handed over tips push",
    ]
    profile = scene.store.people(["ada"], ())["ada"].profile
    assert [contact.channel for contact in profile.contacts] == ["push"]
    assert profile.suppressed == frozenset()


def test_without_the_answer_it_could_not_be_built_but_with_it_it_is() -> None:
    scene = stage(Answer({"price": 7}), use=STRICT)
    scene.event("signed_up")

    assert lines(scene) == ["From €7.00"]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("if missing: leave out", []),
        ("if missing: {use: best}", ["Our bestsellers"]),
        ("if missing: do not send", None),
    ],
)
def test_if_missing_says_what_happens_without_an_answer(rule: str, said: list[str] | None) -> None:
    use = f"{{use: strict, with: {{product: = product}}, {rule}}}"
    scene = stage(NoAnswer("late", again=True), use=use)
    scene.event("signed_up")

    if said is None:
        assert texts(scene) == ["push"]
    else:
        assert lines(scene) == said


def test_what_is_missing_anyway_is_not_waited_for() -> None:
    """The subject lacks a name: passed over at the decision, whatever a service would say."""
    services = ScriptedServices()
    scene = Scene(
        journey(STEPS),
        policy=POLICY,
        files={
            **files(STRICT),
            "messages.yaml": files(STRICT)["messages.yaml"].replace(
                "Tips for {{ first_name | default('you') }}", "Tips for {{ first_name }}"
            ),
        },
        services=services,
    )
    scene.person()
    scene.event("signed_up")

    assert scene.story("ada", "passed over") == ["passed over content email"]
    assert services.questions == []


def test_a_needed_input_that_is_missing_is_no_reason_to_ask() -> None:
    modules = MODULES.replace(
        "strict:\n    inputs: {product: text}", 'strict:\n    inputs: {product: "text, required"}'
    )
    services = ScriptedServices()
    scene = stage(
        use=STRICT, modules=modules, services=services, steps=STEPS.replace("{product: tea}", "{}")
    )
    scene.event("signed_up")

    assert scene.story("ada", "passed over") == ["passed over content email"]
    assert services.questions == []


# ------------------------------------------------------------------------- several questions


def test_the_same_question_is_asked_once() -> None:
    """Two modules that want to know the same, and a third that wants to know more."""
    services = ScriptedServices(answer=lambda _: PAIR)
    scene = stage(
        use=f"{{columns: [{USE}, {USE}, {{use: reco, with: {{product: pot}}}}]}}", services=services
    )
    scene.event("signed_up")

    assert [question.values["product"] for question in services.questions] == ["tea", "pot"]
    assert [question.id[-7:] for question in services.questions] == ["/reco/0", "/reco/1"]
    assert texts(scene)[0].count("may like") == 3


def test_two_modules_can_wait_for_one_answer_that_neither_can_do_without() -> None:
    services = ScriptedServices(answer=lambda _: Answer({"price": 7}))
    scene = stage(use=f"{{columns: [{STRICT}, {STRICT}]}}", services=services)
    scene.event("signed_up")

    assert len(services.questions) == 1
    assert lines(scene) == ["From €7.00", "From €7.00"]


NESTED = (
    MODULES.replace(
        "      - for each: item in reco.items",
        "      - {use: sky, with: {where: = reco.price}}\n      - for each: item in reco.items",
    )
    + """\
  sky:
    inputs: {where: money EUR}
    fetch: weather
    with: {where: = where}
    blocks: [{text: {en: "The weather: {{ weather.words }}"}}]
"""
)


def test_an_answer_may_lead_to_another_question() -> None:
    services = ScriptedServices()
    services.script("weather", Answer({"words": "sunny"}))
    scene = stage(PAIR, modules=NESTED, services=services)
    scene.event("signed_up")

    assert [question.service.name for question in services.questions] == ["reco", "weather"]
    assert services.questions[1].values == {"where": 12.5}
    assert "The weather: sunny" in texts(scene)[0]


def test_without_the_second_answer_the_rules_of_the_first_module_hold() -> None:
    """It cannot be shown as it is, so what stands in for it is."""
    services = ScriptedServices()
    scene = stage(PAIR, modules=NESTED, services=services)
    scene.event("signed_up")

    assert lines(scene) == ["Our bestsellers"]


def test_what_stands_around_a_module_that_waits_is_asked_what_to_do_without_it() -> None:
    """At the decision too: the text that was decided is the text without an answer."""
    around = (
        MODULES
        + """\
  around:
    otherwise: {use: best}
    blocks: [{text: {en: Around}}, {use: strict, with: {product: tea}}]
"""
    )
    scene = stage(NoAnswer("late", again=True), use="{use: around}", modules=around)
    decide(scene)
    delivery = only(scene)
    scene.settle()

    assert "Our bestsellers" in delivery.parts["text"]
    assert lines(scene) == ["Our bestsellers"]


def test_one_answer_and_a_service_is_no_longer_one_that_keeps_silent() -> None:
    late = NoAnswer("late", again=True)
    services = ScriptedServices()
    services.script("reco", *[late] * 4, PAIR, *[late] * 4)
    scene = stage(services=services)
    names = [scene.person(f"p{number}") for number in range(10)]
    for name in names:
        scene.event("signed_up", name)

    assert len(services.questions) == 10


def test_a_round_says_that_there_is_more_to_do_when_it_has_finished_something() -> None:
    """What is finished is handed over by the next round, and nobody has to wake it."""
    scene = stage(PAIR)
    decide(scene)
    first = asyncio.run(scene.dispatcher.run_once(scene.now))
    second = asyncio.run(scene.dispatcher.run_once(scene.now))

    assert (first.finished, first.put_back, first.accepted, first.more) == (1, 0, 0, True)
    assert (first.answered, first.failed) == (1, 0)
    assert (second.finished, second.accepted, second.more) == (0, 1, False)


def test_a_service_that_keeps_silent_is_left_alone_for_a_while() -> None:
    """Five people wait for it; those after them do not, until some seconds have passed."""
    services = ScriptedServices(answer=lambda _: NoAnswer("late", again=True))
    scene = stage(services=services)
    names = [scene.person(f"p{number}") for number in range(12)]
    for name in names[:8]:
        scene.event("signed_up", name)

    assert len(services.questions) == 5
    scene.after(11 * SECOND)
    scene.event("signed_up", names[8])
    assert len(services.questions) == 6
    assert texts(scene).count("push") == 0

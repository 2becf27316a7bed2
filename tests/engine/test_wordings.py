"""Texts with ``{{ }}`` that are values of steps, from the file to what a person gets."""

from __future__ import annotations

import pytest

from dsl.calendar import DAY, HOUR
from tests.engine.scene import Scene, journey

MESSAGES = """
messages:
  news:
    inputs: {title: "text, required", code: code}
    push: {title: {en: "{{ title }}"}, body: {en: "{{ code | default('no code') }}"}}
    email:
      subject: {en: "News"}
      blocks: [{text: {en: "{{ title }}"}}, {use: note, with: {words: "for {{ title | upper }}"}}, {use: footer}]
"""

MODULES = """
modules:
  note:
    inputs: {words: "text, required"}
    blocks: [{text: {en: "Note: {{ words }}"}}]
  footer:
    required in: email
    blocks: [{text: {en: "Unsubscribe: {{ unsubscribe_link }}"}}]
"""

FILES = {"messages.yaml": MESSAGES, "modules.yaml": MODULES}


def send(title: str, to: str = "push") -> str:
    return f"""
  - id: news
    send: news
    to: {to}
    with:
      title: {title}
"""


def stage(steps: str, *more: str, head: str = "", **about: str) -> Scene:
    scene = Scene(journey(steps, head=head), *more, files=FILES)
    scene.person(**about)
    return scene


def titles(scene: Scene) -> list[str]:
    return [message.parts["title"] for message in scene.adapter.accepted]


def test_a_text_is_filled_in_for_the_person() -> None:
    scene = stage(send("\"Hello {{ first_name | default('you') }}\""), first_name="Ada")
    scene.event("signed_up")

    assert titles(scene) == ["Hello Ada"]


CART = "trigger: {event: cart_updated}"
SAYING = send('"{{ trigger.value }}, until {{ trigger.due_at }}, from {{ trigger.time }}"')


@pytest.mark.parametrize(
    ("language", "zone", "said"),
    [
        (
            "en",
            "Europe/Berlin",
            "€1,250.50, until March 4, 2026, 1:30\u202fAM, from March 2, 2026, 10:00\u202fAM",
        ),
        (
            "en",
            "America/New_York",
            "€1,250.50, until March 3, 2026, 7:30\u202fPM, from March 2, 2026, 4:00\u202fAM",
        ),
        (
            "de",
            "Europe/Berlin",
            "1.250,50\xa0€, until 4. März 2026, 01:30, from 2. März 2026, 10:00",
        ),
    ],
)
def test_amounts_and_moments_are_written_for_the_person(
    language: str, zone: str, said: str
) -> None:
    """In their language and on their clock, as in a message; not in the company's."""
    scene = stage(SAYING, head=CART, language=language, time_zone=zone)
    scene.event("cart_updated", cart_id="c1", value="1250.50 EUR", due_at="2026-03-04T00:30:00Z")

    assert titles(scene) == [said]


def test_a_missing_value_makes_the_whole_text_missing() -> None:
    """A required input is missing then, and so the message is not sent on this channel."""
    scene = stage(send('"Hello {{ first_name }}"'))
    scene.event("signed_up")

    assert scene.sent == []
    assert scene.story("ada", "passed over") == ["passed over content push"]


def test_a_text_of_blanks_is_missing() -> None:
    scene = stage(send("\"{{ first_name | default('  ') }}\""))
    scene.event("signed_up")

    assert scene.sent == []


def test_it_says_what_was_true_when_the_step_was_reached() -> None:
    """A variable keeps what was said, whatever the person is called later."""
    steps = '  - let: {hello: "Hello {{ first_name }}"}\n  - {id: pause, wait: 1 day}\n'
    scene = stage(steps + send("= hello"), first_name="Ada")
    scene.event("signed_up")
    scene.change("ada", {"first_name": "Grace"})
    scene.after(2 * DAY)

    assert titles(scene) == ["Hello Ada"]


def test_variables_and_steps_are_known_in_it() -> None:
    """A variable, the record of a wait, and the round of a loop."""
    steps = """
  - let: {word: again}
  - id: looked
    wait for: viewed
    at most: 1 day
  - id: nudges
    repeat: up to 2 times
    do:
      - id: news
        send: news
        to: push
        with: {title: "{{ looked.product }} {{ word }}, {{ nudges.round }}"}
"""
    scene = stage(steps)
    scene.event("signed_up")
    scene.after(HOUR)
    scene.event("viewed", product="Tea")

    assert titles(scene) == ["Tea again, 1", "Tea again, 2"]


def test_the_record_of_a_wait_in_vain_is_missing() -> None:
    steps = "  - {id: looked, wait for: viewed, at most: 1 day}\n"
    scene = stage(steps + send("\"{{ looked.product | default('nothing') }}\""))
    scene.event("signed_up")
    scene.after(2 * DAY)

    assert titles(scene) == ["nothing"]


def test_a_fragment_knows_its_own_steps() -> None:
    """Used twice, each use says what its own wait has heard."""
    fragment = """
fragment: ask
inputs: {greeting: text}
steps:
  - {id: looked, wait for: viewed, at most: 1 day}
  - id: news
    send: news
    to: push
    with: {title: "{{ greeting }} {{ looked.product }}"}
"""
    steps = """
  - {id: one, use: ask, with: {greeting: "Hi {{ first_name }},"}}
  - {id: two, use: ask, with: {greeting: Again}}
"""
    scene = Scene(journey(steps), files={**FILES, "ask.yaml": fragment})
    scene.person(first_name="Ada")
    scene.event("signed_up")
    scene.event("viewed", product="Tea")
    scene.after(HOUR)
    scene.event("viewed", product="Pot")

    assert titles(scene) == ["Hi Ada, Tea", "Again Pot"]


def test_events_profiles_and_other_journeys_get_it() -> None:
    steps = """
  - set profile: {tier: gold}
  - emit: finished
    with: {outcome: "{{ first_name }} is {{ tier }}"}
  - start journey: second
    with: {words: "by {{ first_name }}"}
"""
    second = journey("  - {id: rest, wait: 1 day}", "second", "trigger: other journeys")
    scene = stage(steps, second, first_name="Ada")
    scene.event("signed_up")

    started = [run.trigger for run in scene.runs() if run.journey == "second"]
    assert [each and each.properties for each in started] == [{"words": "by Ada"}]
    history = scene.store.people(["ada"], ["finished"])["ada"].history["finished"]
    assert [each.properties["outcome"] for each in history] == ["Ada is gold"]


def test_in_an_email_it_is_text_and_never_html() -> None:
    """What a person is called cannot become part of the page; HTML and plain text say the same."""
    scene = stage(send('"Hello {{ first_name }}"', to="email"), first_name="<b>Ada</b>")
    scene.event("signed_up")

    parts = scene.adapter.accepted[0].parts
    assert "Hello &lt;b&gt;Ada&lt;/b&gt;" in parts["html"]
    assert "<b>Ada" not in parts["html"]
    assert "Note: for HELLO" in parts["html"]
    assert "Hello <b>Ada</b>" in parts["text"]


def test_a_web_service_is_told_it() -> None:
    """Filled in when it is asked; a text with something missing in it is left out."""
    policy = 'webhooks: {crm: {address: "https://crm.example.com/"}}\n'
    steps = """
  - id: ask
    webhook: crm
    with: {words: "for {{ first_name }}", tier: "is {{ tier }}", "yes": "{{ 1 + 1 }}"}
"""
    scene = Scene(journey(steps), policy=policy, files=FILES)
    scene.person(first_name="Ada")
    scene.event("signed_up")

    assert scene.services.questions[0].values == {"words": "for Ada", "yes": "2"}

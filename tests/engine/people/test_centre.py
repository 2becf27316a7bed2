"""What comes back from the preference centre says what somebody changed, and never more."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.calendar import DAY, HOUR, Instant
from dsl.expr.context import Happened
from engine.core.knowing import as_said
from engine.core.profile import Preferences, Profile
from engine.core.program import Program
from engine.people.centre import PAUSES, Choice, Form, Offer, Place, masked, offer_of, said_by
from tests.engine.scene import SHOP, program_of

NOW: Instant = 1_772_355_600_000_000
ADA = Profile("ada", {}, {"email": "ada@example.com", "sms": "+491701234567", "push": "t"})
PROGRAM = program_of(
    {
        **SHOP,
        "policy.yaml": SHOP["policy.yaml"].replace(
            "categories:", "categories:\n  news: {}\n  events: {consent: visits >= 0}"
        ),
    }
)
PLACES = [(c, on) for c in ("news", "promotional") for on in ("email", "push", "sms")]


def after(profile: Profile, said: Iterable[Happened]) -> Profile:
    history: dict[str, list[Happened]] = {}
    for event in said:
        history.setdefault(event.name, []).append(event)
    return as_said(profile, history)


def offered(profile: Profile, now: Instant, program: Program = PROGRAM) -> Offer:
    return offer_of(program, profile, {}, now)


_places = st.sampled_from(PLACES)
_words: st.SearchStrategy[list[tuple[str, Place]]] = st.lists(
    st.tuples(st.sampled_from(("consent_granted", "consent_withdrawn")), _places), max_size=5
)
_choices = st.builds(
    Choice, st.sampled_from((None, 1, 4)), st.sampled_from(("keep", "none", *PAUSES))
)


@settings(max_examples=150)
@given(_words, _words, st.frozensets(_places), _choices, st.sampled_from((None, 2)))
def test_a_form_changes_what_was_changed_in_it_and_nothing_else(
    before: list[tuple[str, Place]],
    meanwhile: list[tuple[str, Place]],
    ticked: frozenset[Place],
    choice: Choice,
    limit: int | None,
) -> None:
    """Also if other things have been said since it was shown; and once more it says nothing."""
    profile = after(ADA, words(before, NOW - 2 * DAY))
    profile = profile._replace(preferences=Preferences(limit, NOW + DAY, NOW - 2 * DAY))
    shown = offered(profile, NOW - DAY)
    was = frozenset(place for place, agreed in shown.places.items() if agreed)
    form = Form(was, ticked, limit, choice)
    profile = after(profile, words(meanwhile, NOW - HOUR))
    then = offered(profile, NOW)

    said = list(said_by(form, then, "/preferences", "en/0"))
    profile = after(profile, said)
    now = offered(profile, NOW + 1)
    for place, agreed in then.places.items():
        wanted = place in ticked if (place in ticked) != (place in was) else agreed
        assert now.places[place] == wanted
    assert now.preferences.at_most == (limit if choice.at_most == limit else choice.at_most)
    paused = {"keep": NOW + DAY, "none": None}
    until = paused[choice.pause] if choice.pause in paused else then.until(choice.pause)
    assert now.preferences.paused_until == until
    again = [each.name for each in said_by(form, now, "/preferences", "en/0")]
    assert again in ([], ["preferences_set"] * (choice.pause in PAUSES))


@given(_words)
def test_nothing_any_more_is_nothing_any_more(before: list[tuple[str, Place]]) -> None:
    profile = after(ADA, words(before, NOW - DAY))
    profile = after(profile, said_by(Form(everything=True), offered(profile, NOW), "", ""))

    assert not any(offered(profile, NOW + 1).places.values())


def words(said: list[tuple[str, Place]], at: Instant) -> list[Happened]:
    return [
        Happened(name, at + n, at + n, 0, {"category": category, "channel": channel})
        for n, (name, (category, channel)) in enumerate(said)
    ]


def test_a_category_that_goes_by_a_rule_can_be_left_and_taken_up_again() -> None:
    """As long as the rule holds; what somebody says here does not change the rule."""
    place = ("events", "email")
    ada = ADA._replace(attributes={"visits": 1})
    assert place not in offered(ADA, NOW).places
    assert offered(ada, NOW).places[place]

    left = after(ada, said_by(Form(frozenset({place})), offered(ada, NOW), "", ""))
    assert not offered(left, NOW + 1).places[place]
    form = Form(ticked=frozenset({place}))
    back = after(left, said_by(form, offered(left, NOW + 1), "", ""))
    assert offered(back, NOW + 2).places[place]


@pytest.mark.parametrize(
    ("channel", "address", "shown"),
    [
        ("email", "mary@example.com", "m…@example.com"),
        ("email", "@example.com", "…@example.com"),
        ("email", '"a@b"@example.com', '"…@example.com'),
        ("sms", "+447700900123", "+44 … 123"),
        ("whatsapp", "+1 202 555 0142", "+1 … 142"),
        ("sms", "12345", "… 45"),
        ("push", "abcdef0123456789", ""),
    ],
)
def test_an_address_is_known_by_its_owner_only(channel: str, address: str, shown: str) -> None:
    assert masked(channel, address) == shown

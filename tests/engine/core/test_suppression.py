"""Which words end in an address that is not written to any more; in any order, however often told."""

from __future__ import annotations

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.calendar import DAY, HOUR, Instant
from dsl.expr.context import Happened
from engine.core.effects import Delivery
from engine.core.profile import Profile
from engine.core.signals import ReceiptArrived
from engine.core.suppression import LIFTED, SOFT, Suppressed, is_suppressed, judge, lift

NOW: Instant = 1_772_355_600_000_000
ADA = "ada@shop.example"


def delivery(channel: str = "email", address: str = ADA) -> Delivery:
    return Delivery(
        *("d1", "ada", "win_back", "r1", "offer", channel, "promotional", "offer"),
        *(address, {}, NOW, NOW, None),
    )


def word(
    what: str, failure: str = "", at: Instant = NOW, rule: str = "a rule", received: Instant = NOW
) -> ReceiptArrived:
    return ReceiptArrived("c", "ada", received, 7, "d1", what, "", at, failure, rule=rule)


def after(*words: ReceiptArrived, profile: Profile | None = None) -> Profile:
    before = profile or Profile("ada", addresses={"email": ADA})
    return reduce(lambda known, each: judge(known, each, delivery())[0], words, before)


def soft(days: float) -> ReceiptArrived:
    return word("bounced", "transient", NOW + int(days * DAY))


@pytest.mark.parametrize(
    ("what", "cause"),
    [
        ("bounced", "a hard bounce"),
        ("complained", "a complaint"),
        ("refused", "refused for good"),
        ("failed", "refused for good"),
    ],
)
def test_what_is_about_the_mailbox_suppresses_it(what: str, cause: str) -> None:
    profile, told = judge(Profile("ada"), word(what, "permanent_recipient"), delivery())

    assert told == Suppressed(cause, "a rule")
    assert is_suppressed(profile, "email", ADA)
    known = profile.trouble[f"email {ADA}"]
    assert (known.since, known.cause, known.rule) == (NOW, cause, "a rule")


@pytest.mark.parametrize("what", ["bounced", "failed", "refused"])
@pytest.mark.parametrize("failure", ["policy_blocked", "permanent_config", "permanent_content", ""])
def test_policy_and_configuration_never_do(what: str, failure: str) -> None:
    """However often: DMARC is nobody's address."""
    profile = after(*(word(what, failure, NOW + n * DAY) for n in range(100)))

    assert not is_suppressed(profile, "email", ADA)
    assert profile.trouble == {}


def test_it_is_told_once() -> None:
    profile, first = judge(Profile("ada"), word("bounced", "permanent_recipient"), delivery())
    profile, second = judge(profile, word("complained", "permanent_recipient"), delivery())

    assert first is not None
    assert second is None


def test_one_number_on_two_channels_is_two_addresses() -> None:
    """Whom no text message reaches may well have WhatsApp."""
    sms = delivery("sms", "+4915112345678")
    profile, _ = judge(Profile("ada"), word("failed", "permanent_recipient"), sms)

    assert is_suppressed(profile, "sms", "+4915112345678")
    assert not is_suppressed(profile, "whatsapp", "+4915112345678")


def test_what_older_versions_suppressed_stays_so_on_every_channel() -> None:
    profile = Profile("ada", suppressed=frozenset({"+49"}))

    assert is_suppressed(profile, "sms", "+49")
    assert is_suppressed(profile, "whatsapp", "+49")


@pytest.mark.parametrize(
    ("days", "suppressed"),
    [
        ([0, 1, 2, 3], False),
        ([0, 1, 2, 3, 4], True),
        ([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6], False),
        ([0, 7, 14, 21, 28], True),
        ([0, 8, 16, 24, 32], False),
        ([0, 10, 20, 30, 40, 50, 60, 70], False),
        ([0, 40, 41, 42, 43, 44], True),
    ],
)
def test_soft_bounces_count_by_days_within_a_month(
    days: list[float],
    suppressed: bool,
) -> None:
    told = [
        soft(each)._replace(received=NOW + int(each * DAY), rule=f"rule {each}") for each in days
    ]
    refused = [each._replace(what="refused", failure=SOFT) for each in told]

    assert is_suppressed(after(*told), "email", ADA) is suppressed
    assert is_suppressed(after(*refused), "email", ADA) is suppressed
    assert is_suppressed(after(*told[::2], *refused[1::2]), "email", ADA) is suppressed


def test_what_is_refused_because_of_the_server_or_of_us_is_held_against_nobody() -> None:
    """A month of a mail server that is away."""
    told = [
        soft(each)._replace(what="refused", received=NOW + each * DAY, failure=failure)
        for failure in ("transient", "permanent_config", "permanent_content", "policy_blocked")
        for each in range(30)
    ]

    assert after(*told) == after()


def test_soft_bounces_of_long_ago_are_forgotten() -> None:
    profile = after(*(soft(n * 100)._replace(received=NOW + n * 100 * DAY) for n in range(20)))

    assert len(profile.trouble[f"email {ADA}"].soft) == 1


_WORDS = st.one_of(
    st.builds(soft, st.integers(0, 40)),
    st.builds(
        word,
        st.sampled_from(("bounced", "complained", "failed", "refused")),
        st.sampled_from(("permanent_recipient", "policy_blocked", "permanent_config", "")),
        st.integers(NOW, NOW + 40 * DAY),
        st.sampled_from(("rule one", "rule two")),
    ),
)


@given(words=st.lists(_WORDS, min_size=1, max_size=9), data=st.data())
def test_order_and_repetition_change_nothing(
    words: list[ReceiptArrived], data: st.DataObject
) -> None:
    """Whether it is suppressed; and, if it is for what was told at once, why and since when."""
    again = data.draw(st.lists(st.sampled_from(words), max_size=4))
    other = data.draw(st.permutations([*words, *again]))
    one, two = after(*words), after(*other)

    assert one.suppressed == two.suppressed
    place = f"email {ADA}"
    if place in one.trouble:
        assert one.trouble[place].soft == two.trouble[place].soft
    at_once = [each for each in words if each.failure == "permanent_recipient"]
    if at_once and not any(each.failure == "transient" for each in words):
        assert one.trouble == two.trouble
        assert one.trouble[place].since == min(each.occurred for each in at_once)


# ------------------------------------------------------------------------- an operator's word


def lifted(at: Instant) -> Happened:
    return Happened(LIFTED, at, at, 9, {"channel": "email", "address": ADA, "by": "an operator"})


def test_an_operator_lifts_a_suppression() -> None:
    profile = lift(after(word("bounced", "permanent_recipient"), soft(0)), lifted(NOW + HOUR))

    assert not is_suppressed(profile, "email", ADA)
    assert profile.trouble[f"email {ADA}"].soft == ()


def test_what_older_versions_suppressed_is_lifted_as_well() -> None:
    profile = Profile("ada", suppressed=frozenset({ADA}))

    assert not is_suppressed(lift(profile, lifted(NOW)), "email", ADA)


def test_what_was_before_the_operators_word_does_not_suppress_again() -> None:
    """It comes late, or again; what happens afterwards counts."""
    profile = lift(after(word("bounced", "permanent_recipient")), lifted(NOW + HOUR))
    late = after(word("bounced", "permanent_recipient", NOW + HOUR), profile=profile)
    anew = after(word("bounced", "permanent_recipient", NOW + 2 * HOUR), profile=profile)

    assert not is_suppressed(late, "email", ADA)
    assert is_suppressed(anew, "email", ADA)


def test_a_word_that_comes_late_lifts_nothing_that_came_after_it() -> None:
    profile = after(word("bounced", "permanent_recipient", NOW + 2 * HOUR))

    assert is_suppressed(lift(profile, lifted(NOW + HOUR)), "email", ADA)

"""The ledger: the word said last counts, a withdrawal before a grant, and arrival never matters."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.calendar import MINUTE
from dsl.expr.context import Happened
from dsl.policy import Category, Consent, ConsentNotNeeded, ConsentRequired
from engine.core.consent import (
    BEFORE,
    Entry,
    Stance,
    Word,
    behind,
    completed,
    coverage_of,
    entry_of,
    stance,
    stand,
    state_of,
    with_word,
)
from engine.core.knowing import consented
from engine.core.profile import Profile

NEVER, LATER = 0, 10**6


def category(
    name: str = "news", *, customers: bool = False, consent: Consent | None = None
) -> Category:
    return Category(name, consent or ConsentRequired(), frozenset(), "hold", customers)


def word(
    what: Word,
    occurred: int,
    category: str = "news",
    channel: str = "*",
    received: int | None = None,
    **proof: str,
) -> Entry:
    heard = occurred if received is None else received
    name = f"{what}-{occurred}-{category}-{channel}-{heard}"
    return Entry(name, "ada", what, category, channel, occurred, heard, **proof)


def bought(occurred: int, channel: str = "email", sale: str = "4711") -> Entry:
    return word("granted", occurred, channel=channel, basis="existing customer", sale=sale)


def now(entries: Sequence[Entry], channel: str = "email", *, customers: bool = False) -> Stance:
    return stance(entries, category(customers=customers), channel, LATER, LATER)


words = st.builds(
    word,
    st.sampled_from(("granted", "granted", "withdrawn", "pending")),
    st.integers(-2, 9),
    st.sampled_from(("news", "news", "offers", "*")),
    st.sampled_from(("email", "sms", "push", "*")),
    received=st.integers(0, 12),
    basis=st.sampled_from(("consent", "consent", "existing customer")),
    sale=st.sampled_from(("", "4711")),
    method=st.sampled_from(("form", "import", "complaint")),
    source=st.sampled_from(("", " ", "list of May")),
)
ledgers = st.lists(words, max_size=9)
kinds = st.sampled_from((ConsentRequired(), ConsentNotNeeded()))


# ---------------------------------------------------------------------------------- properties


@given(ledgers, st.randoms(use_true_random=False))
def test_the_order_of_arrival_never_matters(entries: list[Entry], random: Random) -> None:
    mixed = [*entries, *entries[:2]]
    random.shuffle(mixed)

    assert state_of(mixed) == state_of(entries)


@given(ledgers)
def test_a_profile_keeps_what_the_ledger_says(entries: list[Entry]) -> None:
    profile = Profile("ada")
    for each in entries:
        name = {"granted": "consent_granted", "withdrawn": "consent_withdrawn"}.get(each.word)
        said = {key: value for key, value in each._asdict().items() if value}
        event = Happened(name or "consent_requested", each.occurred, each.received, 0, said)
        assert entry_of(each.id, "ada", event) == each
        profile = consented(profile, event)

    assert profile.consents == state_of(entries)


@given(ledgers, st.sampled_from(("email", "sms", "push")), st.booleans(), kinds)
def test_the_present_state_is_the_ledger_as_of_now(
    entries: list[Entry], channel: str, customers: bool, consent: Consent
) -> None:
    about = category(customers=customers, consent=consent)
    said = stand(state_of(entries), coverage_of(about, channel))
    found = stance(entries, about, channel, LATER, LATER)

    assert found.agrees == (said > 0)
    assert found.what != "withdrawn" or said <= 0
    assert found.what == "withdrawn" or said >= 0 or found.what == "pending"
    if said > 0:
        assert found.entry in entries
        assert found.entry is not None
        assert found.entry.said == said
        assert found.entry.counts


@given(ledgers, st.sampled_from(("email", "sms", "push")), st.integers(0, 9), st.integers(0, 12))
def test_it_is_the_last_word_that_covers_a_channel(
    entries: list[Entry], channel: str, valid: int, known: int
) -> None:
    """Told once more, in other words, by somebody who does not know of keys and states."""
    seen = [each for each in entries if each.occurred <= valid and each.received <= known]
    covering = [
        each for each in seen if each.category in ("news", "*") and each.channel in (channel, "*")
    ]
    noes = [max(each.occurred, 1) for each in covering if each.word == "withdrawn"]
    yeses = [
        max(each.occurred, 1)
        for each in covering
        if each.word == "granted"
        and each.basis == "consent"
        and each.method != "complaint"
        and (each.method != "import" or each.source.strip())
    ]
    agreed = max(yeses, default=0) > max(noes, default=0)

    assert stance(entries, category(), channel, valid, known).agrees == agreed


@given(ledgers, st.sampled_from(("email", "sms", "push")))
def test_after_an_opt_out_from_everything_nothing_that_needs_consent_stands(
    entries: list[Entry], channel: str
) -> None:
    """C5: an objection stops it at once, whatever was agreed to before or on which basis."""
    told = [*entries, word("withdrawn", 9, "*")]

    assert not stance(told, category(customers=True), channel, LATER, LATER).agrees


@given(ledgers)
@settings(max_examples=50)
def test_nothing_changes_a_state_that_knows_it_already(entries: list[Entry]) -> None:
    state = state_of(entries)

    assert all(with_word(state, each) is state for each in entries)


# --------------------------------------------------------------------------------- by the times


def test_what_could_be_sent_then_is_told_as_it_was_known_and_as_it_is_known() -> None:
    """Withdrawn on paper on the 3rd, which we read on the 5th."""
    ledger = [word("granted", 1), word("withdrawn", 3, received=5, method="paper")]

    def at(valid: int, known: int) -> str:
        return stance(ledger, category(), "email", valid, known).what

    assert [at(0, 9), at(2, 9), at(3, 3), at(4, 4)] == ["none", "granted", "granted", "granted"]
    assert [at(3, 5), at(4, 9), at(2, 5)] == ["withdrawn", "withdrawn", "granted"]


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_an_older_word_that_comes_late_overrides_nothing(order: tuple[int, ...]) -> None:
    told = [word("granted", 2), word("withdrawn", 4), word("granted", 3)]

    assert now([told[place] for place in order]).what == "withdrawn"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (word("granted", 5), word("withdrawn", 5)),
        (word("granted", 5, channel="email"), word("withdrawn", 5)),
        (word("granted", 5), word("withdrawn", 5, channel="email")),
        (word("granted", 5, channel="email"), word("withdrawn", 5, "*")),
    ],
)
def test_of_one_instant_the_withdrawal_counts(one: Entry, other: Entry) -> None:
    assert now([one, other]).what == now([other, one]).what == "withdrawn"


@pytest.mark.parametrize("occurred", [0, -1, -(10**15)])
def test_before_1970_a_grant_is_a_grant_and_a_withdrawal_is_none(occurred: int) -> None:
    assert now([word("granted", occurred)]).agrees
    assert not now([word("withdrawn", occurred)]).agrees


def test_a_message_rests_on_what_was_known_when_it_was_handed_over() -> None:
    """A withdrawal that comes in while the provider is being asked could not be known any more."""
    agreed = word("granted", 1, received=MINUTE)
    during = word("withdrawn", 30 * MINUTE, received=30 * MINUTE)

    def rested(at: int) -> Stance:
        return behind([agreed, during], category(), "email", at)

    assert rested(30 * MINUTE - 1) == rested(30 * MINUTE + 3) == Stance("granted", agreed)
    assert rested(41 * MINUTE).what == "withdrawn"


@given(ledgers, st.randoms(use_true_random=False))
def test_what_the_ledger_has_lost_the_present_state_remembers(
    entries: list[Entry], random: Random
) -> None:
    """A store of a version that kept no ledger, in which old events were let go of."""
    state = state_of(entries)
    kept = [each for each in entries if random.random() < 0.5]
    told = completed(kept, "ada", state)

    assert state_of(told) == state
    assert [each for each in told if each.source != BEFORE] == kept
    assert completed(entries, "ada", state) == entries


def test_whoever_comes_back_is_back() -> None:
    there = [word("withdrawn", 3, "*", "sms"), word("granted", 5, "*", "sms", method="reply")]

    assert now(there, "sms") == Stance("granted", there[1])
    assert now(there, "email") == Stance("none")


# ------------------------------------------------------------------------------------ the rules


def test_c3_consent_is_for_one_purpose_and_one_channel() -> None:
    ledger = [word("granted", 1, channel="whatsapp")]

    assert now(ledger, "whatsapp").agrees
    assert not now(ledger, "sms").agrees
    assert not stance(ledger, category("offers"), "whatsapp", LATER, LATER).agrees


def test_transactional_only_is_every_category_that_needs_consent() -> None:
    ledger = [word("granted", 1), word("withdrawn", 2, "*")]
    needless = category("service", consent=ConsentNotNeeded())

    assert now(ledger).what == "withdrawn"
    assert stance(ledger, needless, "email", LATER, LATER).what == "none"


def test_an_opt_out_of_what_needs_no_consent_is_kept_all_the_same() -> None:
    needless = category("service", consent=ConsentNotNeeded())
    ledger = [word("withdrawn", 2, "service", "push")]

    assert stance(ledger, needless, "push", LATER, LATER).what == "withdrawn"
    assert stance(ledger, needless, "email", LATER, LATER).what == "none"


def test_c4_who_bought_is_written_to_where_the_policy_says_so() -> None:
    ledger = [bought(2)]

    assert now(ledger, customers=True) == Stance("existing customer", ledger[0])
    assert now(ledger, customers=False).what == "none"
    assert now(ledger, "sms", customers=True).what == "none"
    assert not stance(ledger, category("offers", customers=True), "email", 9, 9).agrees


@pytest.mark.parametrize(
    "entry",
    [
        bought(2, sale=""),
        bought(2, sale=" "),
        bought(2, "push"),
        bought(2, "whatsapp"),
        bought(2)._replace(category="*"),
    ],
    ids=["no sale", "blanks", "push", "whatsapp", "everything"],
)
def test_c4_needs_a_sale_a_category_and_email_or_sms(entry: Entry) -> None:
    assert not entry.counts
    for channel in ("email", "sms", "push", "whatsapp"):
        assert not now([entry], channel, customers=True).agrees


def test_c4_said_of_every_channel_it_is_of_email_and_sms() -> None:
    agreeing = [
        channel
        for channel in ("email", "sms", "push", "whatsapp")
        if now([bought(2, "*")], channel, customers=True).agrees
    ]

    assert agreeing == ["email", "sms"]


@pytest.mark.parametrize(
    "opt_out",
    [
        word("withdrawn", 1, channel="email"),
        word("withdrawn", 3),
        word("withdrawn", 1, channel="sms"),
        word("withdrawn", 3, "*", "push"),
    ],
)
def test_c4_any_opt_out_ends_it_and_no_later_sale_brings_it_back(opt_out: Entry) -> None:
    ledger = [bought(2), opt_out, bought(7)]

    assert now(ledger, customers=True) == Stance("withdrawn", opt_out)
    assert now([*ledger, word("granted", 8)], customers=True).what == "granted"


def test_c6_whoever_has_only_asked_has_not_agreed() -> None:
    asked = word("pending", 2, channel="email")

    assert now([asked]) == Stance("pending", asked)
    assert not now([asked]).agrees
    assert now([asked, word("granted", 3, method="double opt-in")]).what == "granted"
    assert now([asked, word("withdrawn", 3)]).what == "withdrawn"
    assert now([word("withdrawn", 1), asked]).what == "pending"


def test_what_is_imported_without_proof_is_kept_and_grants_nothing() -> None:
    bare, proven = (
        word("granted", 2, method="import"),
        word("granted", 2, method="import", source="x"),
    )

    assert now([bare]).what == "none"
    assert now([bare._replace(source=" \t")]).what == "none"
    assert now([proven]).what == "granted"
    assert now([proven, word("withdrawn", 3, method="import")]).what == "withdrawn"


def test_nobody_agrees_by_complaining() -> None:
    assert now([word("granted", 2, method="complaint")]).what == "none"
    assert now([word("withdrawn", 2, method="complaint")]).what == "withdrawn"


@pytest.mark.parametrize("event", ["purchase", "message_replied", ""])
def test_other_events_are_no_words(event: str) -> None:
    happened = Happened(event, 1, 1, 0, {"category": "news"})

    assert entry_of("e1", "ada", happened) is None
    assert consented(Profile("ada"), happened) == Profile("ada")


def test_a_slash_cannot_pretend_another_basis() -> None:
    sly = word("granted", 2, channel="email/existing customer")

    assert state_of([sly]) == {}

"""Gates: limits are never exceeded, whoever asks; what fails rests, and is tried again by one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.limits import Limit, read_limit
from dsl.calendar import DAY, MINUTE, SECOND, Instant
from engine.core.gates import Gate, failed, give_back, opens, probe, shut, take, worked

NOW: Instant = 1_700_000_000_000_000

limits = st.builds(
    Limit,
    st.sampled_from(("account", "sender", "recipient", "day")),
    st.integers(1, 200),
    st.sampled_from((SECOND, 6 * SECOND, MINUTE, DAY)),
)
asks = st.lists(
    st.tuples(st.floats(0, 0.7), st.integers(0, 60), st.booleans()), min_size=1, max_size=60
)


@settings(max_examples=150)
@given(limits, asks)
def test_in_no_span_is_more_let_through_than_the_limit_says(
    limit: Limit, asked: list[tuple[float, int, bool]]
) -> None:
    gate, now = Gate(), NOW
    let: list[tuple[Instant, int]] = []
    for pause, wanted, urgent in asked:
        now += int(pause * limit.micros)
        gate, granted, following = take(gate, limit, now, wanted, urgent=urgent)
        assert 0 <= granted <= wanted
        assert following > now or granted == wanted
        let.append((now, granted))

    for start, _ in let:
        within = sum(count for at, count in let if start <= at < start + limit.micros)
        assert within <= limit.count


@pytest.mark.parametrize("count", [1, 7, 80, 1000])
def test_who_keeps_asking_gets_nearly_all_of_it(count: int) -> None:
    """In a hundred spans, at least nine tenths of what the limit allows."""
    limit = Limit("account", count, SECOND)
    gate, now, let = Gate(), NOW, 0
    while now < NOW + 100 * SECOND:
        gate, granted, following = take(gate, limit, now, 1000, urgent=True)
        let += granted
        now = following

    assert let >= 0.9 * 100 * count


def test_of_a_day_all_may_go_at_once_and_no_more_for_a_day() -> None:
    limit = Limit("day", 200, DAY)
    gate, granted, _ = take(Gate(), limit, NOW, 500, urgent=True)
    assert granted == 200

    _, later, following = take(gate, limit, NOW + DAY // 2, 1, urgent=True)
    assert later == 0
    assert NOW + DAY < following <= NOW + DAY + DAY // 23
    assert take(gate, limit, following, 500, urgent=True).granted == 200


@pytest.mark.parametrize("limit", [Limit("day", 100, DAY), Limit("account", 1000, SECOND)])
def test_a_tenth_is_kept_for_what_is_urgent(limit: Limit) -> None:
    gate, others, _ = take(Gate(), limit, NOW, 10_000, urgent=False)
    again = take(gate, limit, NOW, 10, urgent=False).granted
    urgent = take(gate, limit, NOW, 10_000, urgent=True).granted

    assert others > 0
    assert again == 0
    assert urgent == 10


@settings(max_examples=60)
@given(limits, st.integers(0, 60), st.integers(0, 60))
def test_what_is_given_back_was_never_taken(limit: Limit, wanted: int, unused: int) -> None:
    gate, granted, _ = take(Gate(), limit, NOW, wanted, urgent=True)
    unused = min(unused, granted)
    after = give_back(gate, limit, unused)

    fewer = take(Gate(), limit, NOW, granted - unused, urgent=True).gate
    assert take(after, limit, NOW, 999, urgent=True) == take(fewer, limit, NOW, 999, urgent=True)


def test_nobody_goes_through_a_shut_gate() -> None:
    gate = shut(shut(Gate(), NOW + 9), NOW + 5)
    limit = Limit("account", 10, SECOND)

    assert take(gate, limit, NOW, 5, urgent=True) == (gate, 0, NOW + 9)
    assert take(gate, limit, NOW + 9, 1, urgent=True).granted == 1


def _broken(times: int, now: Instant = NOW) -> Gate:
    gate = Gate()
    for _ in range(times):
        gate = failed(gate, "smtp", now, "421")
    return gate


def test_eight_failures_in_a_row_and_it_rests() -> None:
    assert opens(_broken(7), NOW) is None
    assert opens(failed(worked(_broken(7)), "smtp", NOW, "421"), NOW) is None

    until = opens(_broken(8), NOW)
    assert until is not None
    assert NOW + 7 * SECOND <= until <= NOW + 10 * SECOND


def test_what_was_out_when_it_began_to_rest_does_not_prolong_it() -> None:
    assert _broken(30) == _broken(8)


def test_one_tries_it_and_the_others_wait_for_what_comes_of_it() -> None:
    gate = _broken(8)
    after = gate.shut
    assert opens(gate, after) == after
    tried = probe(gate, after)
    waits = opens(tried, after)
    assert waits is not None
    assert waits > after

    assert worked(tried) == Gate()
    again = failed(tried, "smtp", after + SECOND, "421")
    assert again.shut - after > 10 * SECOND
    assert (again.since, again.why) == (NOW, "421")


def test_whoever_tries_it_and_dies_does_not_shut_it_for_ever() -> None:
    tried = probe(_broken(8), NOW + MINUTE)
    until = opens(tried, NOW + MINUTE)
    assert until is not None
    assert opens(tried, until) == until


def test_it_never_rests_for_more_than_five_minutes() -> None:
    gate, now = _broken(8), NOW
    for _ in range(40):
        now = gate.shut
        gate = failed(gate, "smtp", now, "421")
        assert gate.shut <= now + 5 * MINUTE


@settings(max_examples=40)
@given(limits, asks)
def test_a_gate_that_does_not_matter_any_more_is_as_good_as_new(
    limit: Limit, asked: list[tuple[float, int, bool]]
) -> None:
    gate, now = Gate(), NOW
    for pause, wanted, urgent in asked:
        now += int(pause * limit.micros)
        gate = take(gate, limit, now, wanted, urgent=urgent).gate
    later = gate.matters_until + 1

    assert (
        take(gate, limit, later, 999, urgent=True)[1:]
        == (take(Gate(), limit, later, 999, urgent=True)[1:])
    )


def test_a_limit_is_read_as_people_write_it() -> None:
    assert read_limit("account", "80 per second") == Limit("account", 80, SECOND)
    assert read_limit("recipient", "1 per 6 seconds") == Limit("recipient", 1, 6 * SECOND)
    assert read_limit("day", "200 per day") == Limit("day", 200, DAY)
    for wrong in ("fast", "0 per second", "10 per fortnight", "10/s"):
        with pytest.raises(ValueError, match="is not a limit"):
            read_limit("account", wrong)
    with pytest.raises(ValueError, match="limit of a day"):
        read_limit("day", "10 per second")

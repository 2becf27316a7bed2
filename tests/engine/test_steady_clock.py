"""The time that the engine goes by, while the clocks it follows are set."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dsl.calendar import DAY, HOUR, MINUTE, SECOND, Instant
from engine.clock import DOUBT, FARTHEST, LEASES_LAST, ServerClock, SteadyClock, Step

YEAR = 365 * DAY
START = 50 * YEAR


class World:
    """Time that passes, and a clock on a wall that somebody sets."""

    def __init__(self) -> None:
        self.passed: Instant = 17
        self.set_by: Instant = START

    def wall(self) -> Instant:
        return self.passed + self.set_by

    def pace(self) -> Instant:
        return self.passed

    def clock(self, after: Instant | None = None) -> SteadyClock:
        return SteadyClock(self.wall, after, self.pace)


def watched(world: World, clock: SteadyClock, length: Instant) -> Instant:
    """Time passes, and the clock is looked at every second, as a daemon does."""
    end = world.passed + length
    while world.passed < end:
        world.passed = min(end, world.passed + SECOND)
        clock.now()
    return clock.now()


def test_it_is_the_wall_while_nobody_sets_anything() -> None:
    world = World()
    clock = world.clock()
    for _ in range(100):
        world.passed += 12_345_678

        assert clock.now() == world.wall()
    assert clock.steps() == []


def test_a_step_forward_is_followed_at_once() -> None:
    world = World()
    clock = world.clock()
    world.set_by += MINUTE

    assert clock.now() == world.wall()
    assert clock.steps() == [Step("followed", MINUTE)]
    assert clock.steps() == []


def test_after_a_step_back_it_goes_on_at_half_the_pace_until_they_meet() -> None:
    """So a timer comes late by no more than the step, and early by no more than it."""
    world = World()
    clock = world.clock()
    before = clock.now()
    world.set_by -= HOUR

    assert clock.now() == before
    assert watched(world, clock, HOUR) == before + HOUR // 2
    assert watched(world, clock, HOUR) == before + HOUR == world.wall()
    assert watched(world, clock, HOUR) == world.wall()
    assert clock.steps() == [Step("followed", -HOUR)]


def test_it_does_not_stand_still_however_often_it_is_asked() -> None:
    world = World()
    clock = world.clock()
    before = clock.now()
    world.set_by -= MINUTE
    for _ in range(1001):
        world.passed += 1
        clock.now()

    assert clock.now() - before == 500


def test_a_year_forward_is_doubted_and_then_believed() -> None:
    world = World()
    clock = world.clock()
    before = clock.now()
    world.set_by += YEAR

    assert watched(world, clock, DOUBT - SECOND) == before + DOUBT - SECOND
    assert watched(world, clock, 2 * SECOND) == world.wall()
    assert clock.steps() == [Step("doubted", YEAR), Step("believed", YEAR)]


def test_a_year_forward_that_is_taken_back_in_time_never_was() -> None:
    world = World()
    clock = world.clock()
    world.set_by += YEAR
    watched(world, clock, DOUBT - SECOND)
    world.set_by -= YEAR

    assert clock.now() == world.wall()
    assert clock.steps() == [Step("doubted", YEAR), Step("gone", YEAR)]


def test_a_year_back_is_doubted_and_then_believed() -> None:
    world = World()
    clock = world.clock()
    before = clock.now()
    world.set_by -= YEAR

    assert watched(world, clock, MINUTE) == before + MINUTE
    assert watched(world, clock, DOUBT) == world.wall()
    assert clock.steps() == [Step("doubted", -YEAR), Step("believed", -YEAR)]


def test_another_step_is_doubted_anew() -> None:
    world = World()
    clock = world.clock()
    before = clock.now()
    world.set_by += DAY
    watched(world, clock, DOUBT - MINUTE)
    world.set_by += YEAR

    assert watched(world, clock, DOUBT - SECOND) == before + 2 * DOUBT - MINUTE - SECOND
    assert watched(world, clock, 2 * SECOND) == world.wall()


def test_it_begins_where_the_store_ended() -> None:
    """The machine was started, and its clock is behind."""
    world = World()
    clock = world.clock(after=START + MINUTE)

    assert clock.now() == START + MINUTE
    assert watched(world, clock, MINUTE) == START + MINUTE + MINUTE // 2
    assert watched(world, clock, HOUR) == world.wall()


def test_a_machine_that_begins_in_1970_has_time_to_find_its_clock() -> None:
    world = World()
    world.set_by = 0
    clock = world.clock(after=START)
    assert watched(world, clock, MINUTE) == START + MINUTE
    assert [step.what for step in clock.steps()] == ["doubted"]
    world.set_by = START + DAY

    assert watched(world, clock, MINUTE) == START + 2 * MINUTE
    assert watched(world, clock, DOUBT) == world.wall()


def test_a_leap_ends_no_lease_of_a_call_that_is_still_out() -> None:
    """A lease is an instant, and a step forward would be the end of all there are."""
    world = World()
    clock = world.clock()
    lease = clock.now() + 2 * MINUTE
    world.set_by += HOUR

    assert clock.now() > lease
    assert clock.leased() < lease
    assert watched(world, clock, LEASES_LAST) == clock.leased()


def test_the_time_of_a_server_is_its_own_whatever_this_machine_says() -> None:
    world = World()
    asked = [START + HOUR]
    clock = ServerClock(lambda: asked[0], world.pace)
    world.passed += MINUTE

    assert clock.now() == START + HOUR + MINUTE
    asked[0] = START
    clock.look()
    assert clock.now() == START


def test_an_answer_that_took_long_is_not_heeded() -> None:
    world = World()
    slow = 0

    def ask() -> Instant:
        world.passed += slow
        return START

    clock = ServerClock(ask, world.pace)
    slow = MINUTE
    clock.look()

    assert clock.now() == START + MINUTE


steps = st.lists(
    st.tuples(
        st.sampled_from([0, 1, SECOND, MINUTE, 5 * MINUTE, HOUR]),
        st.sampled_from([0, SECOND, MINUTE, HOUR, DAY, YEAR]).flatmap(
            lambda by: st.sampled_from([by, -by])
        ),
    ),
    max_size=12,
)


@given(steps)
def test_it_never_goes_back_and_never_stands_still(script: list[tuple[Instant, Instant]]) -> None:
    """Unless a clock was set back by more than an hour, and left so for ten minutes."""
    world = World()
    clock = world.clock()
    at = clock.now()
    for passes, by in script:
        world.set_by += by
        for _ in range(4):
            world.passed += passes // 4
            now = clock.now()
            believed = [step for step in clock.steps() if step.what == "believed"]
            if believed:
                assert now == world.wall()
                assert abs(believed[0].by) > FARTHEST
            else:
                assert at + passes // 4 // 2 <= now + 1
                assert now <= max(at + passes // 4, world.wall())
                assert now - (at + passes // 4) <= FARTHEST
            at = now


@given(steps)
def test_it_finds_back_to_the_wall(script: list[tuple[Instant, Instant]]) -> None:
    """When nobody has set anything for as long as the longest step back is made good."""
    world = World()
    clock = world.clock()
    for passes, by in script:
        world.set_by += by
        world.passed += passes
        clock.now()
    for _ in range(20):
        world.passed += (DOUBT + 2 * FARTHEST) // 20 + 1
        clock.now()

    assert clock.now() == world.wall()

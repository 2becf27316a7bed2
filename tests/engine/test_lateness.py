"""How late timers are: measured for each of them, and told as a histogram."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Histogram

from dsl.calendar import HOUR, MINUTE
from engine.metrics import Metrics, Spread
from tests.engine.scene import Scene, journey

WAITS = "  - {{id: pause, wait: {minutes} minutes}}\n  - {{id: note, send: hello, to: email}}\n"
BOUNDS = (0.1, 1.0, 10.0)


def test_every_timer_that_was_due_is_late_by_as_much_as_it_was_overdue() -> None:
    """Two of Ada's and one of Bob's are overdue, one is to come."""
    scene = Scene(
        *[journey(WAITS.format(minutes=m), f"j{m}") for m in (5, 20, 200)],
    )
    for name in ("ada", "bob"):
        scene.person(name)
    scene.event("signed_up", "ada")
    scene.after(10 * MINUTE)
    scene.event("signed_up", "bob")
    scene.now += HOUR
    ran = scene.runner.run_once(scene.now)

    assert sorted(late // MINUTE for late in ran.late) == [40, 50, 55]
    assert scene.runner.run_once(scene.now).late == ()


def test_nobody_is_late_for_what_has_just_arrived() -> None:
    scene = Scene(journey(WAITS.format(minutes=5)))
    scene.person()
    scene.event("signed_up")

    assert [*scene.runner.run_once(scene.now).late] == []


@given(st.lists(st.lists(st.floats(0, 100)), max_size=5))
def test_values_told_together_count_as_if_they_were_told_one_by_one(
    told: list[list[float]],
) -> None:
    registry, other = CollectorRegistry(), CollectorRegistry()
    spread = Spread("late", "How late.", BOUNDS, registry)
    histogram = Histogram("late", "How late.", buckets=BOUNDS, registry=other)
    for values in told:
        spread.observe(values[::-1])
        for value in values:
            histogram.observe(value)

    for bound in ("0.1", "1.0", "10.0", "+Inf"):
        labels = {"le": bound}
        expected = other.get_sample_value("late_bucket", labels)
        assert registry.get_sample_value("late_bucket", labels) == expected
    assert registry.get_sample_value("late_count") == sum(map(len, told))
    total = registry.get_sample_value("late_sum")
    assert total is not None
    assert abs(total - sum(map(sum, told))) < 1e-6


def test_prometheus_is_told_before_anything_was_late() -> None:
    text = Metrics().text().decode()

    assert 'wayline_timer_lateness_seconds_bucket{le="60.0"} 0.0' in text
    assert "# TYPE wayline_timer_lateness_seconds histogram" in text

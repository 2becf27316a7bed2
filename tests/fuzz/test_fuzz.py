"""Any files are answered with findings. ``make fuzz`` goes on where this stops."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.corpus import corpus
from tests.fuzz.mutate import Pick, drawn
from tests.fuzz.targets import look_at


def drawing(data: st.DataObject) -> Pick:
    return lambda count: data.draw(st.integers(0, count - 1))


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_whatever_becomes_of_a_file(data: st.DataObject) -> None:
    pick = drawing(data)
    files, path = drawn(corpus(), pick)

    look_at(files, path, pick)


def test_what_they_begin_with_is_right_or_wrong_as_it_stands() -> None:
    whole = corpus()
    for files in whole.small[::7]:
        look_at(files, min(files), lambda _: 0)

    assert len(whole.small) > 100
    assert len(whole.large) >= 2
    assert min(len(whole.lines), len(whole.words), len(whole.sentences)) > 150

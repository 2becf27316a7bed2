"""What can happen to a few people, drawn at random: a small world, so that things meet."""

from __future__ import annotations

from hypothesis import strategies as st

from dsl.expr.context import Happened
from engine.core.signals import (
    Erased,
    EventArrived,
    ProfileChanged,
    ReceiptArrived,
)
from engine.store.testing.samples import NUMBERLESS, call, delivery

__all__ = [
    "DELIVERIES",
    "EVENTS",
    "JOURNEYS",
    "PEOPLE",
    "arrivals",
    "calls",
    "deliveries",
    "fates",
    "ids",
    "instants",
    "passages",
    "people",
]

PEOPLE = ("ada", "bob", "Zoë", "x\x00y")
EVENTS = ("order", "visit", "made", "consent_granted")
JOURNEYS = ("welcome", "thanks")
DELIVERIES = tuple(f"d{number}" for number in range(6))

people = st.sampled_from(PEOPLE)
instants = st.integers(0, 30)
fates = st.sampled_from(("reached", "missed", "void", "open"))
ids = st.integers(0, 40).map(str)

arrivals = st.one_of(
    st.builds(
        EventArrived,
        ids,
        people,
        st.builds(
            Happened,
            st.sampled_from(EVENTS),
            instants,
            instants,
            st.just(NUMBERLESS),
            st.dictionaries(st.text(max_size=3), st.integers(0, 9), max_size=2),
        ),
    ),
    st.builds(
        ProfileChanged,
        ids,
        people,
        instants,
        st.just(NUMBERLESS),
        st.dictionaries(
            st.text(max_size=3), st.none() | st.integers(-(2**63), 2**63 - 1), max_size=1
        ),
        st.just({"email": None}),
        st.sampled_from(("", "partner")),
    ),
    st.builds(
        ReceiptArrived,
        ids,
        people,
        instants,
        st.just(NUMBERLESS),
        st.sampled_from(DELIVERIES),
        st.sampled_from(("accepted", "refused")),
        st.text(max_size=3),
        instants,
    ),
    st.builds(Erased, ids, people, instants, st.just(NUMBERLESS)),
)

passages = st.fixed_dictionaries(
    {
        "person": people,
        "journey": st.sampled_from(JOURNEYS),
        "due": st.none() | instants,
        "status": st.sampled_from(("live", "live", "watched", "closed")),
        "outcome": st.sampled_from(("end", "goal", "restart")),
        "left": instants,
        "state": st.text(max_size=2),
    }
)

deliveries = st.builds(
    lambda name, person, due, status: delivery(f"{name}/{person}", person, due, status=status),
    st.sampled_from(DELIVERIES),
    people,
    instants,
    st.sampled_from(("queued", "queued", "stopped")),
)


calls = st.builds(
    lambda name, person, due: call(f"{name}/{person}", person, due),
    st.sampled_from(DELIVERIES),
    people,
    instants,
)

"""What the state machine chooses from."""

from __future__ import annotations

from hypothesis import strategies as st

from dsl.calendar import DAY, HOUR, MINUTE, SECOND
from tests.proof.whole import FATES, Death, Fate

__all__ = [
    "BETWEEN",
    "PEOPLE",
    "carts",
    "changes",
    "deaths",
    "fates",
    "lateness",
    "lengths",
    "minds",
    "somebody",
    "workers",
]

PEOPLE = ("ada", "bob")

somebody = st.sampled_from(PEOPLE)
workers = st.integers(0, 1)
deaths: st.SearchStrategy[Death] = st.sampled_from(("", "", "", "before", "after"))
fates: st.SearchStrategy[Fate] = st.sampled_from(("accepted", "accepted", *FATES))
BETWEEN = ("a purchase", "gold", "an objection", "a wish", "a pause", "the night")
lengths = st.sampled_from((SECOND, 10 * MINUTE, 3 * HOUR, 11 * HOUR, DAY, 2 * DAY))
minds = st.sampled_from(("yes", "no", "less", "later"))
lateness = st.sampled_from((0, 0, MINUTE, 2 * HOUR, 30 * HOUR))
carts = st.sampled_from("ab")
changes = st.sampled_from(
    (
        ("visits", 7),
        ("visits", 1),
        ("tier", "gold"),
        ("tier", "silver"),
        ("time_zone", "Asia/Tokyo"),
        ("time_zone", "America/New_York"),
        ("email", None),
        ("email", "new"),
        ("push", None),
    )
)

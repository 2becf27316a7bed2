"""A table of people is read as the door reads calls, only faster."""

from __future__ import annotations

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.compiler import compile_project
from dsl.plan import TrackingPlan
from engine.core.past import PAST
from engine.importing.columns import columns_of
from engine.importing.people import TableOfPeople
from engine.importing.rows import Row
from engine.ingest import Intake, Sender
from tests.engine.importing.grounds import FILES, NOW

_PLAN = """
tracking plan: shop
profile:
  name: text
  email: text, personal
  key: code
  tier: one of silver / gold
  visits: whole number
  score: number
  spent: money EUR
  birthday: date
  seen: date and time
  hour: time of day
  pause: duration
  newsletter: yes/no
  tags: list of text
events: {}
"""
_HEAD = [
    "user_id",
    "name",
    "email",
    "phone",
    "key",
    "tier",
    "visits",
    "score",
    "spent",
    "birthday",
    "seen",
    "hour",
    "pause",
    "newsletter",
    "tags",
]
_CELLS = st.one_of(
    st.sampled_from(
        [
            "a@shop.example",
            "no mail",
            "+49 30 901820",
            "0",
            "-3",
            "1.50",
            "1,5",
            "gold",
            "Gold",
            "yes",
            "NO",
            "2026-03-01",
            "2026-02-30",
            "2026-03-01T09:00:00Z",
            "2026-03-01 09:00",
            "09:00",
            "2 days",
            "12 EUR",
            "12 USD",
            "=1+1",
            "anonymous:x",
            "email:y",
            " padded ",
            "Zoë",
            "\x00",
            "�",
            "1e400",
            "nan",
            "",
        ]
    ),
    st.text(max_size=12),
)


@cache
def shop(identifiers: str = "") -> TrackingPlan:
    made = compile_project({**FILES, "plan.yaml": _PLAN + identifiers})
    assert made.project is not None
    return made.project.plan


@settings(max_examples=150)
@given(
    st.lists(_CELLS, min_size=len(_HEAD), max_size=len(_HEAD)),
    st.booleans(),
    st.sampled_from(("", "identifiers: email, phone\n")),
)
def test_both_take_the_same_and_nothing_else(
    cells: list[str], good: bool, identifiers: str
) -> None:
    plan = shop(identifiers)
    columns = columns_of(_HEAD, "people", {}, plan)
    table = TableOfPeople.of(columns, plan, PAST, "partner")
    assert table is not None
    if good:
        cells[0] = "ada"
    call = {**columns.call(columns.named(cells), "people", ""), "messageId": "7"}
    taken = Intake(plan).take([call], NOW, str, sender=Sender(PAST, origin="partner"))
    (fast,) = table.read([Row(7, {}, "", cells)], NOW)

    if fast is not None:
        assert taken.arrivals == [*table.joins(fast), fast]
        assert table.read([Row(7, {}, "", cells)], NOW) == [fast], "what is remembered is the same"
    else:
        nameless = bool(identifiers) and not cells[0].strip()
        assert taken.refused or nameless, "nothing is slower than it need be"


@settings(max_examples=60)
@given(st.lists(st.lists(_CELLS, min_size=len(_HEAD), max_size=len(_HEAD)), max_size=6))
def test_a_line_says_the_same_whatever_stands_beside_it(lines: list[list[str]]) -> None:
    plan = shop()
    columns = columns_of(_HEAD, "people", {}, plan)

    def table() -> TableOfPeople:
        made = TableOfPeople.of(columns, plan, PAST, "partner")
        assert made is not None
        return made

    rows = [Row(7, {}, "", ["ada", *[""] * (len(_HEAD) - 1)]), Row(8, {}, "broken")]
    rows += [Row(place, {}, "", cells) for place, cells in enumerate(lines, 9)]

    assert table().read(rows, NOW) == [
        *table().read(rows[:1], NOW),
        None,
        *[each for row in rows[2:] for each in table().read([row], NOW)],
    ]


def test_only_tables_that_name_users_are_read_so() -> None:
    plan = shop()
    for head in (("anonymous_id", "name"), ("user_id", "anonymous_id"), ("user_id", "push_token")):
        assert TableOfPeople.of(columns_of(head, "people", {}, plan), plan, PAST, "") is None

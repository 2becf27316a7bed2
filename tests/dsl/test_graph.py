"""A drawing shows every step once and joins what joins."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given, settings

from dsl.graph import ENTRY, Block, graph
from dsl.machine import (
    Branch,
    Call,
    Case,
    Emit,
    End,
    Instruction,
    Jump,
    Learning,
    Listen,
    ListenFor,
    Moment,
    Path,
    Reads,
    Rule,
    Send,
    SetProfile,
    Split,
    StartJourney,
    Stop,
    Timer,
    Until,
)
from tests.dsl.drawn import READS, Nest, edges, flat, indexes, length, machine, nests, rule, send


def titles(block: Block) -> list[object]:
    """The boxes of a block; the lanes of a row as a list of (label, open, boxes)."""
    shown: list[object] = []
    for row in block.rows:
        shown.append(row.node.title)
        if row.lanes:
            shown.append([(lane.label, lane.open, titles(lane.block)) for lane in row.lanes])
    return shown


# ------------------------------------------------------------------------------- the nesting


def test_steps_follow_each_other() -> None:
    drawn = graph(machine(Timer("pause", length("2 days"), 1), send("hi", 2), End()))

    assert titles(drawn) == ["Starts on order_completed", "Wait 2 days", "Send hello", "End"]


def test_both_ways_of_an_if_join_again() -> None:
    code = (
        Branch((Case(rule("tier is 'gold'"), 1),), 3),
        send("gold", 2),
        Jump(4),
        send("other", 4),
        send("both", 5),
        End(),
    )

    drawn = graph(machine(*code))

    ways = [("yes", True, ["Send hello"]), ("no", True, ["Send hello"])]
    assert titles(drawn)[1:] == ["tier is 'gold'?", ways, "Send hello", "End"]


def test_an_if_without_else_has_an_empty_lane() -> None:
    drawn = graph(
        machine(Branch((Case(rule("is_member"), 1),), 2), send("members", 2), send("all", 3), End())
    )

    ways = [("yes", True, ["Send hello"]), ("no", True, [])]
    assert titles(drawn)[1:] == ["is_member?", ways, "Send hello", "End"]


def test_a_way_that_stops_joins_nothing_and_the_rest_goes_on_below() -> None:
    code = (
        Listen("unpack", (ListenFor("order_refunded", None, 1),), length("10 days"), 2),
        Stop("something came back"),
        send("review", 3),
        End(),
    )

    drawn = graph(machine(*code))

    ways = [
        ("order_refunded", False, ["Stop: something came back"]),
        ("not in time", True, []),
    ]
    assert titles(drawn)[1:] == ["Wait for order_refunded", ways, "Send hello", "End"]


def test_all_ways_may_stop() -> None:
    drawn = graph(
        machine(Branch((Case(rule("is_member"), 1),), 2), Stop("a member"), Stop("nobody"), End())
    )

    ways = [("yes", False, ["Stop: a member"]), ("no", False, ["Stop: nobody"])]
    assert titles(drawn)[1:] == ["is_member?", ways]


def test_an_answer_and_a_timeout_that_lead_to_one_place_are_one_way() -> None:
    heard = (ListenFor("visit", None, 1), ListenFor("order", rule("total > 9 GBP"), 1))

    drawn = graph(machine(Listen("any", heard, length("1 day"), 1), End()))

    assert titles(drawn)[1:] == ["Wait for visit or order where total > 9 GBP", "End"]
    assert edges(drawn) == [(ENTRY, 0), (0, 1)]


def test_a_moment_has_one_way_and_a_state_has_two() -> None:
    moment = Moment("Monday at 10:00", "j.yaml:1", READS, lambda _c, _i: None)
    state = rule("did order since entry")

    drawn = graph(
        machine(
            Until("monday", moment, length("1 day"), None, 1, 1, 1),
            Until("calm", state, None, length("21 days"), 2, 3, None),
            Stop("ordered again"),
            End(),
        )
    )

    assert titles(drawn)[1:] == [
        "Wait until Monday at 10:00",
        "Wait until did order since entry",
        [("yes", False, ["Stop: ordered again"]), ("not in time", True, [])],
        "End",
    ]
    assert drawn.rows[1].node.lines == ("not before 1 day",)
    assert drawn.rows[2].node.lines == ("at most 21 days",)


def test_going_to_another_journey_is_an_end_and_starting_one_is_not() -> None:
    code = (
        StartJourney("thanks", (), leaves=False, then=1),
        StartJourney("win_back", (), leaves=True, then=2),
        End(),
    )

    assert titles(graph(machine(*code)))[1:] == ["Start thanks", "Go to win_back"]


@pytest.mark.parametrize(
    ("call", "lines"),
    [
        (Call("a", "crm", (), None, 1, 1), ()),
        (Call("a", "crm", (), length("1 hour"), 1, 1), ("at most 1 hour",)),
        (Call("a", "crm", (), None, 1, None), ("leaves without an answer",)),
    ],
)
def test_a_call_is_a_wait_with_one_way_on(call: Call, lines: tuple[str, ...]) -> None:
    drawn = graph(machine(call, End()))

    assert titles(drawn)[1:] == ["Call crm", "End"]
    assert (drawn.rows[1].node.sort, drawn.rows[1].node.lines) == ("wait", lines)


def test_shares_are_percentages_in_everyday_form() -> None:
    paths = (
        Path("a", Decimal("0.5"), 1),
        Path("b", Decimal("0.10"), 2),
        Path("c", Decimal("0.333"), 3),
        Path("d", Decimal("0.067"), 4),
    )
    stops = [Stop(path.name) for path in paths]
    code: list[Instruction] = [Split("test", paths, "j/test"), *stops, End()]

    drawn = graph(machine(*code))

    labels = [lane.label for lane in drawn.rows[1].lanes]
    assert labels == ["a 50%", "b 10%", "c 33.3%", "d 6.7%"]


def test_a_split_that_learns_says_from_what_and_has_no_shares() -> None:
    paths = (Path("a", Decimal(0), 1), Path("b", Decimal(0), 2))
    target = Rule("did buy within 7 days after test", "a.yaml:1", Reads(), lambda _: True)
    learning = Learning(target, (), Decimal("0.1"))
    code: list[Instruction] = [
        Split("test", paths, "j/test", learning=learning),
        Stop("a"),
        Stop("b"),
        End(),
    ]

    row = graph(machine(*code)).rows[1]

    assert [lane.label for lane in row.lanes] == ["a", "b"]
    assert row.node.lines == ("learns from did buy within 7 days after test",)


def reachable(code: list[Instruction]) -> set[int]:
    """Instructions one can get to, jumps aside; jumps are gone through."""
    seen: set[int] = set()
    todo = [0]
    while todo:
        at = todo.pop()
        if at in seen:
            continue
        seen.add(at)
        match code[at]:
            case Jump(to=to):
                todo.append(to)
            case Branch(cases=cases, otherwise=otherwise):
                todo += [*(case.then for case in cases), otherwise]
            case Timer(then=then) | Send(then=then) | SetProfile(then=then) | Emit(then=then):
                todo.append(then)
            case _:
                pass  # the run leaves
    return {at for at in seen if not isinstance(code[at], Jump)}


@settings(max_examples=150, deadline=None)
@given(nests())
def test_every_step_one_can_reach_is_drawn_exactly_once(nest: Nest) -> None:
    code = flat(nest)

    drawn = Counter(indexes(graph(machine(*code))))

    assert drawn == Counter([ENTRY, *reachable(code)])


@settings(max_examples=150, deadline=None)
@given(nests())
def test_no_way_is_drawn_twice(nest: Nest) -> None:
    counted = Counter(edges(graph(machine(*flat(nest)))))

    assert [edge for edge, times in counted.items() if times > 1] == []

"""A drawing shows every step once, joins what joins, and keeps its words inside its boxes."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from itertools import combinations
from types import MappingProxyType
from typing import NamedTuple
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.drawing import Numbers, draw, lines_of, width_of
from dsl.graph import ENTRY, Block, Edge, graph
from dsl.kinds import Length
from dsl.machine import (
    AnyTime,
    Blocking,
    Branch,
    Case,
    Choice,
    Emit,
    End,
    EventTrigger,
    Formula,
    Instruction,
    Jump,
    Listen,
    ListenFor,
    Machine,
    Moment,
    Path,
    Reads,
    Rule,
    Send,
    SetProfile,
    Split,
    Stop,
    Timer,
    Until,
)

READS = Reads()
SVG = "{http://www.w3.org/2000/svg}"


def length(text: str) -> Formula:
    return Formula(text, "j.yaml:1", Length(), READS, lambda _: None)


def rule(text: str) -> Rule:
    return Rule(text, "j.yaml:1", READS, lambda _: True)


def send(step: str, then: int, *channels: str, message: str = "hello") -> Send:
    choices = tuple(Choice(channel, None) for channel in channels or ("email",))
    return Send(
        step, message, choices, False, (), "promotional", None, Blocking(), then, "j.yaml:1"
    )


def machine(*code: Instruction, title: str = "A journey") -> Machine:
    return Machine(
        journey="journey",
        title=title,
        category="promotional",
        priority=50,
        status="live",
        triggers=(EventTrigger("order_completed", rule("total > 0 GBP"), None, "j.yaml:1"),),
        key=None,
        if_inside="ignore",
        re_enter=AnyTime(),
        eligible=(),
        exclude=(),
        exits=(),
        goal=None,
        goal_within=None,
        holdout=Decimal(0),
        caps=(),
        variables=(),
        code=code,
        reads=READS,
        index=MappingProxyType({}),
    )


def titles(block: Block) -> list[object]:
    """The boxes of a block; the lanes of a row as a list of (label, open, boxes)."""
    shown: list[object] = []
    for row in block.rows:
        shown.append(row.node.title)
        if row.lanes:
            shown.append([(lane.label, lane.open, titles(lane.block)) for lane in row.lanes])
    return shown


def indexes(block: Block) -> list[int]:
    found: list[int] = []
    for row in block.rows:
        found.append(row.node.index)
        for lane in row.lanes:
            found += indexes(lane.block)
    return found


def edges(block: Block) -> list[Edge]:
    found: list[Edge] = []
    for row in block.rows:
        found += row.onward
        for lane in row.lanes:
            found += [*lane.edges, *edges(lane.block)]
    return found


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


# ---------------------------------------------------------------------- any nesting whatever


class Nest(NamedTuple):
    """A list of steps as an author nests them; a fork has lists of steps inside."""

    steps: tuple[object, ...]
    stops: bool


def nests() -> st.SearchStrategy[Nest]:
    plain = st.sampled_from(["timer", "send", "set", "emit"])
    return st.recursive(
        st.builds(Nest, st.lists(plain, max_size=3).map(tuple), st.booleans()),
        lambda inner: st.builds(
            Nest,
            st.lists(plain | st.lists(inner, min_size=2, max_size=4).map(tuple), max_size=4).map(
                tuple
            ),
            st.booleans(),
        ),
        max_leaves=14,
    )


def flat(nest: Nest) -> list[Instruction]:
    """Compiles a nest the way journeys are compiled: forks first, jumps over what follows."""
    code: list[Instruction] = []
    _emit(nest, code)
    code.append(End())
    return code


def _emit(nest: Nest, code: list[Instruction]) -> None:
    for step in nest.steps:
        at = len(code)
        match step:
            case "timer":
                code.append(Timer(f"t{at}", length("2 days"), at + 1))
            case "send":
                code.append(send(f"s{at}", at + 1, "push", "email"))
            case "set":
                code.append(SetProfile((("winback_count", length("1")),), at + 1))
            case "emit":
                code.append(Emit("winback_finished", (), at + 1))
            case tuple():
                _fork(step, code)
            case _:
                raise AssertionError(step)
    if nest.stops:
        code.append(Stop("enough"))


def _fork(ways: tuple[Nest, ...], code: list[Instruction]) -> None:
    at = len(code)
    code.append(End())  # replaced below
    starts, jumps = [], []
    for way in ways:
        starts.append(len(code))
        _emit(way, code)
        jumps.append(len(code))
        code.append(Jump(0))
    for jump in jumps:
        code[jump] = Jump(len(code))
    cases = tuple(Case(rule(f"way is {number}"), to) for number, to in enumerate(starts[:-1]))
    code[at] = Branch(cases, starts[-1])


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


# ------------------------------------------------------------------------------- the picture


class Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float


def boxes(picture: ET.Element) -> list[tuple[Box, list[ET.Element]]]:
    """Every box with the texts in it."""
    found = []
    for group in picture.iter(f"{SVG}g"):
        (shape,) = group.findall(f"{SVG}rect")
        x, y = float(shape.attrib["x"]), float(shape.attrib["y"])
        box = Box(x, y, x + float(shape.attrib["width"]), y + float(shape.attrib["height"]))
        found.append((box, group.findall(f"{SVG}text")))
    return found


def check_picture(svg: str) -> None:
    picture = ET.fromstring(svg)
    width, height = float(picture.attrib["width"]), float(picture.attrib["height"])
    drawn = boxes(picture)
    for box, texts in drawn:
        assert 0 <= box.left < box.right <= width
        assert 0 <= box.top < box.bottom <= height
        for text in texts:
            bold = text.attrib["class"] == "t"
            half = width_of(text.text or "", 13 if bold else 11.5, bold=bold) / 2
            middle = float(text.attrib["x"])
            assert box.left <= middle - half
            assert middle + half <= box.right
            assert box.top + 10 <= float(text.attrib["y"]) <= box.bottom - 3
    for (one, _), (two, _) in combinations(drawn, 2):
        apart = (
            one.right <= two.left
            or two.right <= one.left
            or one.bottom <= two.top
            or two.bottom <= one.top
        )
        assert apart


@settings(max_examples=60, deadline=None)
@given(nests(), st.booleans())
def test_boxes_lie_apart_and_words_inside_them(nest: Nest, counted: bool) -> None:
    code = flat(nest)
    drawn = graph(machine(*code))
    numbers = Numbers(
        edges=dict.fromkeys(edges(drawn), 1_234_567),
        notes=dict.fromkeys(indexes(drawn), ("sent 1,234: email 1,000, push 234", "not sent 99")),
    )

    check_picture(draw(machine(*code), numbers if counted else None))


@pytest.mark.parametrize(
    "name",
    [
        "winback_" * 30,
        "W" * 300,
        "a very long sentence " * 20,
        "Überraschung für dich: 50 % sparen…",
        "こんにちは世界" * 20,
        '<script>alert("x")</script> & more',
    ],
)
def test_no_name_bursts_its_box(name: str) -> None:
    code = (
        send("step", 1, message=name),
        Listen("wait", (ListenFor(name, rule(name), 2),), length(name), 3),
        Stop(name),
        Split("s", (Path(name, Decimal("0.5"), 4), Path("b", Decimal("0.5"), 5)), "j/s"),
        send("one", 5, *["whatsapp"] * 9, message=name),
        End(),
    )

    svg = draw(machine(*code, title=name))

    check_picture(svg)
    assert "<script" not in svg


def test_people_are_counted_on_the_ways_they_went() -> None:
    code = (
        Timer("pause", length("2 days"), 1),
        Branch((Case(rule("is_member"), 2),), 3),
        send("members", 3),
        End(),
    )
    counted = {(ENTRY, 0): 4321, (0, 1): 3210, (1, 2): 2109, (1, 3): 1101, (2, 3): 2001}

    picture = ET.fromstring(draw(machine(*code), Numbers(edges=counted)))

    shown = [text.text for text in picture.iter(f"{SVG}text")]
    assert [text for text in shown if text and text[0].isdigit()] == [
        "4,321",
        "3,210",
        "2,109",
        "2,001",
        "1,101",
    ]


def test_without_numbers_no_numbers_are_drawn() -> None:
    picture = ET.fromstring(draw(machine(send("hi", 1), End())))

    assert [text.text for text in picture.iter(f"{SVG}text")] == [
        "Starts on order_completed",
        "where total > 0 GBP",
        "Send hello",
        "on email",
        "End",
    ]


def test_the_same_journey_gives_the_same_picture() -> None:
    code = (send("hi", 1), End())

    assert draw(machine(*code)) == draw(machine(*code))


def test_what_does_not_fit_ends_with_an_ellipsis() -> None:
    lines = lines_of("one two three four five six seven eight", 12, 80, 2)

    assert len(lines) == 2
    assert lines[-1].endswith("…")
    assert all(width_of(line, 12) <= 80 for line in lines)

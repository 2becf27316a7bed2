"""A picture keeps its boxes apart and its words inside them, and counts people on their ways."""

from __future__ import annotations

from decimal import Decimal
from itertools import combinations
from typing import NamedTuple
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.drawing import Numbers, draw, lines_of, width_of
from dsl.graph import ENTRY, graph
from dsl.machine import Branch, Case, End, Listen, ListenFor, Path, Split, Stop, Timer
from tests.dsl.drawn import Nest, edges, flat, indexes, length, machine, nests, rule, send

SVG = "{http://www.w3.org/2000/svg}"


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

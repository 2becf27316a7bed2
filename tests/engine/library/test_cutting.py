"""What goes with an entry that is cut out, and what stays."""

from __future__ import annotations

import pytest

from dsl.compose import compose
from dsl.source import Source
from dsl.yaml import Items, Map
from engine.library.cutting import Cutting

TEXT = """\
# About the file
names:

  # The first group
  one:
    is: 1                             # beside it
    # inside

  # The second group
  two: {a: x, b: y}
  # about three
  three: 3
  four:
    - a  # first
    - b
# At the end
"""


def cut(text: str, path: tuple[str, ...], *doomed: int) -> str:
    """The text without these children of what stands behind the keys."""
    source = Source("file.yaml", text)
    node = compose(source, [])
    for key in path:
        assert isinstance(node, Map)
        node = node.get(key)
    assert isinstance(node, Map | Items)
    cutting = Cutting(source)
    cutting.cut(node, doomed)
    return cutting.text()


@pytest.mark.parametrize(
    ("doomed", "gone"),
    [
        ((0,), ["  # The first group", "  one:", "    is: 1                             # beside it",
                "    # inside", ""]),
        ((1,), ["  # The second group", "  two: {a: x, b: y}"]),
        ((2,), ["  # about three", "  three: 3"]),
        ((3,), ["  four:", "    - a  # first", "    - b"]),
    ],
)  # fmt: skip
def test_an_entry_goes_with_all_that_is_in_it_and_said_of_it(
    doomed: tuple[int, ...], gone: list[str]
) -> None:
    left = cut(TEXT, ("names",), *doomed).split("\n")
    lines = TEXT.split("\n")
    for line in gone:
        lines.remove(line)

    assert left == lines


def test_a_heading_stays_for_what_is_left_below_it() -> None:
    text = "names:\n  # Two of them\n  one: 1\n  two: 2\n"

    assert cut(text, ("names",), 0) == "names:\n  # Two of them\n  two: 2\n"


def test_items_go_as_entries_do() -> None:
    left = cut(TEXT, ("names", "four"), 0)

    assert left == TEXT.replace("    - a  # first\n", "")


@pytest.mark.parametrize(("number", "left"), [(0, "{b: y}"), (1, "{a: x}")])
def test_what_stands_in_brackets_stays_in_them(number: int, left: str) -> None:
    assert cut(TEXT, ("names", "two"), number) == TEXT.replace("{a: x, b: y}", left)


def test_a_long_text_goes_whole() -> None:
    text = "says:\n  en: |\n    One.\n\n    # Two.\n  de: Eins.\n"

    assert cut(text, ("says",), 0) == "says:\n  de: Eins.\n"
    assert cut(text, ("says",), 1) == "says:\n  en: |\n    One.\n\n    # Two.\n"


def test_all_of_it_is_for_the_caller_to_cut() -> None:
    with pytest.raises(AssertionError):
        cut("names: {a: x}\n", ("names",), 0)

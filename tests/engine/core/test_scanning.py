"""Who opens and clicks, by what they do: programs are there at once, and follow everything."""

from __future__ import annotations

import pytest

from dsl.calendar import SECOND
from engine.core.profile import Contact
from engine.core.scanning import BROWSER, typed, unmasked
from engine.core.signals import ReceiptArrived

SENT = 1_000 * SECOND
CONTACT = Contact("d1", SENT - 5, SENT, "email", "promotional", "welcome")


def click(at: float, link: str = "a", by: str = BROWSER, delivery: str = "d1") -> ReceiptArrived:
    occurred = SENT + round(at * SECOND)
    name = f"{delivery} {link} {at}"
    return ReceiptArrived(name, "ada", occurred, 1, delivery, "clicked", link, occurred, "", by)


def who(*clicks: ReceiptArrived) -> list[str]:
    return [
        typed(each, [CONTACT]).by for each in unmasked(clicks) if isinstance(each, ReceiptArrived)
    ]


@pytest.mark.parametrize(
    ("at", "by", "found"),
    [
        (1.999, BROWSER, "machine"),
        (-3, BROWSER, "machine"),
        (2, BROWSER, "human"),
        (1.999, "unverified", "machine"),
        (1.999, "", "machine"),
        (2, "", ""),
        (2, "unverified", "unverified"),
        (1.999, "human", "human"),  # who says so knows
        (900, "machine", "machine"),
    ],
)
def test_nobody_is_there_as_soon_as_the_message_is(at: float, by: str, found: str) -> None:
    assert who(click(at, by=by)) == [found]


def test_opens_are_judged_alike_and_nothing_else_is() -> None:
    opened = click(1)._replace(what="opened")
    delivered = click(1, by="")._replace(what="delivered")

    assert who(opened) == ["machine"]
    assert who(delivered) == [""]


def test_of_a_message_that_is_not_known_to_have_left_nobody_can_tell() -> None:
    assert typed(click(1), []).by == "human"
    assert typed(click(1), [CONTACT._replace(sent=None)]).by == "human"
    assert typed(click(1), [CONTACT._replace(delivery="d2")]).by == "human"


@pytest.mark.parametrize(
    ("clicks", "found"),
    [
        ([click(60, "a"), click(60.9, "b")], ["machine", "machine"]),
        ([click(60, "a"), click(61, "b")], ["human", "human"]),
        ([click(60, "a"), click(60.1, "a")], ["human", "human"]),
        ([click(60, "a"), click(60.1, "b", delivery="d2")], ["human", "human"]),
        (
            [click(60, "a"), click(60.9, "b"), click(61.8, "c"), click(70, "a")],
            ["machine", "machine", "machine", "human"],
        ),
        ([click(60.9, "b"), click(60, "a")], ["machine", "machine"]),
        ([click(60, "a", by="human"), click(60.5, "b")], ["human", "machine"]),
    ],
)
def test_nobody_follows_several_links_at_once(
    clicks: list[ReceiptArrived], found: list[str]
) -> None:
    assert who(*clicks) == found


def test_a_program_that_follows_everything_is_found_quickly() -> None:
    clicks = [click(60 + number / 1000, str(number)) for number in range(5_000)]

    assert set(who(*clicks)) == {"machine"}

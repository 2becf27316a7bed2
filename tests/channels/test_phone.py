"""Telephone numbers as people write them, and as providers want them."""

from __future__ import annotations

import pytest

from channels.phone import comparable, read_bare, read_number


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+4930123456", "+4930123456"),
        (" +49 30 123-456 ", "+4930123456"),
        ("+49 (0)30 123456", "+4930123456"),
        ("0049 30/123456", "+4930123456"),
        ("+1 (212) 555-0100", "+12125550100"),
        ("030 123456", None),
        ("+49 30 123456.", None),
        ("+0 30 123456", None),
        ("+49", None),
        ("+4930123456789012", None),
        ("+4930\n123456", None),
        ("+٤٩٣٠١٢٣٤٥٦", None),
        ("", None),
    ],
)
def test_a_number_is_known_by_its_country(written: str, number: str | None) -> None:
    assert read_number(written) == number


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+5215512345678", "+525512345678"),
        ("+5491123456789", "+541123456789"),
        ("+5511987654321", "+551187654321"),
    ],
)
def test_one_number_may_be_about_in_two_forms(one: str, other: str) -> None:
    assert comparable(one) == comparable(other) == other


@pytest.mark.parametrize("number", ["+4915112345678", "+16505551234", "+551134567890", "+5211"])
def test_other_numbers_are_what_they_are(number: str) -> None:
    assert comparable(number) == number


@pytest.mark.parametrize("text", ["4915112345678", "+4915112345678"])
def test_providers_leave_the_plus_out(text: str) -> None:
    assert read_bare(text) == "+4915112345678"

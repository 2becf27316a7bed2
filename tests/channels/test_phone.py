"""Telephone numbers as people write them, and as providers want them."""

from __future__ import annotations

import pytest

from channels.phone import read_number


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

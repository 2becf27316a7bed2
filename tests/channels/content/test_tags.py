"""What is added to an address, and what stays as it was."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.tagging import add_tags

TAGS = (("utm_source", "email"), ("utm_campaign", "win_back"))


@pytest.mark.parametrize(
    ("address", "tagged"),
    [
        ("https://a.example", "https://a.example?utm_source=email&utm_campaign=win_back"),
        ("https://a.example/?", "https://a.example/?utm_source=email&utm_campaign=win_back"),
        ("https://a.example/x?a=1", "https://a.example/x?a=1&utm_source=email&utm_campaign=win_back"),
        ("https://a.example/x?a=1&", "https://a.example/x?a=1&utm_source=email&utm_campaign=win_back"),
        ("https://a.example/#top", "https://a.example/?utm_source=email&utm_campaign=win_back#top"),
        ("https://a.example/#/b?c=1", "https://a.example/?utm_source=email&utm_campaign=win_back#/b?c=1"),
        ("https://a.example/?utm_source=x", "https://a.example/?utm_source=x&utm_campaign=win_back"),
        ("https://a.example/?UTM_Source=x", "https://a.example/?UTM_Source=x&utm_campaign=win_back"),
        ("https://a.example/?utm%5Fsource=", "https://a.example/?utm%5Fsource=&utm_campaign=win_back"),
        ("https://a.example/?a=utm_source", "https://a.example/?a=utm_source&utm_source=email&utm_campaign=win_back"),
        ("https://a.example/?b;utm_campaign", "https://a.example/?b;utm_campaign&utm_source=email"),
        ("https://a.example/?utm_source=x&utm_campaign=y#z", "https://a.example/?utm_source=x&utm_campaign=y#z"),
    ],
)  # fmt: skip
def test_tags_go_before_the_fragment_and_never_over_what_an_author_wrote(
    address: str, tagged: str
) -> None:
    assert add_tags(address, TAGS) == tagged


@settings(max_examples=60, deadline=None)
@given(
    st.text("ab/.-_%~", max_size=8),
    st.none() | st.text("ab=&;%+utm_source", max_size=20),
    st.none() | st.text("ab?#/&=", max_size=8),
)
def test_nothing_of_an_address_is_lost_or_moved(
    path: str, query: str | None, fragment: str | None
) -> None:
    address = "https://a.example/" + path
    address += "" if query is None else f"?{query}"
    address += "" if fragment is None else f"#{fragment}"

    before, after = urlsplit(address), urlsplit(add_tags(address, TAGS))

    assert (after.netloc, after.path, after.fragment) == (
        before.netloc,
        before.path,
        before.fragment,
    )
    assert after.query.startswith(before.query)
    assert add_tags(add_tags(address, TAGS), TAGS) == add_tags(address, TAGS)

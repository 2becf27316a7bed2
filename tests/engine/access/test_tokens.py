"""Short tokens: nobody can make one, change one, or use one for something else."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.access.links import Links
from engine.access.tokens import ShortTokens

OURS = ShortTokens(b"ours")
NAME = "65e1a3f0" + "0123456789abcdef01234567"
NAMES = st.text("0123456789abcdef", min_size=32, max_size=32) | st.text(max_size=40)


@settings(max_examples=80, deadline=None)
@given(NAMES, st.integers(0, 100_000))
def test_what_was_put_in_comes_out(delivery: str, number: int) -> None:
    token = OURS.make("c", delivery, number)

    assert OURS.read("c", token) == (delivery, number)
    assert OURS.read("o", token) is None
    assert ShortTokens(b"others").read("c", token) is None


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 35), st.sampled_from("ABCXYZabcxyz0189-_"))
def test_a_changed_token_is_nobodys(place: int, other: str) -> None:
    token = OURS.make("c", NAME, 3)
    changed = token[:place] + other + token[place + 1 :]

    assert OURS.read("c", changed) == ((NAME, 3) if changed == token else None)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60) | st.text("ABCabc012-_=.~%/", max_size=500))
def test_what_is_no_token_is_nobodys(token: str) -> None:
    assert OURS.read("c", token) is None


def test_an_address_has_room_in_a_text_message() -> None:
    """Forty characters behind the host, up to the hundred and twenty-seventh link."""
    links = Links(b"secret", "https://s.example")

    assert len(links.click(NAME, 127).removeprefix("https://s.example")) == 39
    assert len(links.click(NAME, 999).removeprefix("https://s.example")) == 41


def test_links_hold_when_the_secret_has_changed() -> None:
    before, after = Links(b"one"), Links(b"two", earlier=[b"zero", b"one"])
    click, seen = (
        each(NAME).rpartition("/")[2] for each in (lambda n: before.click(n, 2), before.seen)
    )

    assert after.clicked(click) == (NAME, 2)
    assert after.opened(seen) == NAME
    assert after.delivery(before.token("d1")) == "d1"
    assert Links(b"two").clicked(click) is None
    assert Links(b"two").delivery(before.token("d1")) is None
    assert before.clicked(after.click(NAME, 2).rpartition("/")[2]) is None

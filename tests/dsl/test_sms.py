"""Parts of text messages, held against a program that is not ours."""

from __future__ import annotations

import pytest
import smsutil
from hypothesis import given
from hypothesis import strategies as st

from dsl.sms import fits, forcing, measure, parts, plain

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
FURTHER = "^{}\\[~]|€\f"
WIDE = "çëžЖ“”–…😀🎉𐍈中"

SEVEN = st.text(st.sampled_from("a€[" + BASIC + FURTHER), max_size=500)
SIXTEEN = st.text(st.sampled_from("a😀" + WIDE + BASIC), max_size=300)
NEAR = st.builds(
    lambda text, times, tail: text * times + tail,
    st.sampled_from(["a", "€", "a€", "😀", "ж", "a😀", "ж😀"]),
    st.integers(0, 330),
    st.text(st.sampled_from("a€ж😀"), max_size=4),
)
"""Texts about as long as a part is, where one place decides."""

ANY = SEVEN | SIXTEEN | NEAR


@pytest.mark.parametrize(
    ("text", "encoding", "count", "length", "room"),
    [
        ("", "GSM-7", 1, 0, 160),
        ("a" * 160, "GSM-7", 1, 160, 160),
        ("a" * 161, "GSM-7", 2, 161, 153),
        ("a" * 306, "GSM-7", 2, 306, 153),
        ("a" * 307, "GSM-7", 3, 307, 153),
        ("€" * 80, "GSM-7", 1, 160, 160),
        ("€" * 81, "GSM-7", 2, 162, 153),
        # 153 is odd, so the 77th sign of the euro does not fit and is not cut in two
        ("€" * 152, "GSM-7", 2, 304, 153),
        ("€" * 153, "GSM-7", 3, 306, 153),
        ("ж" * 70, "UCS-2", 1, 70, 70),
        ("ж" * 71, "UCS-2", 2, 71, 67),
        ("😀" * 35, "UCS-2", 1, 70, 70),
        # 67 is odd as well: 33 faces in a part, and one place stays empty
        ("😀" * 66, "UCS-2", 2, 132, 67),
        ("😀" * 67, "UCS-2", 3, 134, 67),
        ("“" + "a" * 69, "UCS-2", 1, 70, 70),
        ("“" + "a" * 70, "UCS-2", 2, 71, 67),
    ],
)
def test_a_text_takes_so_many_parts(
    text: str, encoding: str, count: int, length: int, room: int
) -> None:
    assert measure(text) == (encoding, count, length, room)


@given(ANY)
def test_parts_are_the_text_and_as_many_as_were_measured(text: str) -> None:
    measured, cut = measure(text), parts(text)

    assert "".join(cut) == text
    assert len(cut) == measured.parts
    for part in cut:
        wide = len(part.encode("utf-16-le")) // 2  # half of a pair could not be
        assert (wide if measured.encoding == "UCS-2" else measure(part).length) <= measured.room


@given(ANY, st.integers(1, 10))
def test_what_fits_is_what_would_have_been_measured(text: str, most: int) -> None:
    assert fits(text, most) == (measure(text).parts <= most)


@given(ANY.filter(bool))
def test_smsutil_counts_the_same(text: str) -> None:
    theirs = smsutil.split(text)
    ours = measure(text)

    assert ours.encoding == {"gsm0338": "GSM-7", "utf_16_be": "UCS-2"}[theirs.encoding]
    assert ours.parts == len(theirs.parts)
    assert list(parts(text)) == [part.content for part in theirs.parts]


def test_the_characters_that_widen_a_text_are_named_once() -> None:
    assert forcing("Grüße, 50 € – “ja” 😀 “”") == ("–", "“", "”", "😀")
    assert forcing("Grüße ~ [50 €]") == ()


def test_typographic_signs_become_plain_ones_where_that_saves_a_part() -> None:
    rest = "x" * 60

    assert plain(f"It’s “50\u00a0%” – now… {rest}") == f'It\'s "50 %" - now... {rest}'
    assert plain(f"Ge\u00adschenk {rest}{rest}") == f"Geschenk {rest}{rest}"


def test_a_short_text_looks_as_it_was_written() -> None:
    assert plain("It’s “50 %” – now…") == "It’s “50 %” – now…"
    assert plain("10\u00a0000\u202f€") == "10 000 €"


@pytest.mark.parametrize(
    "text", ["“Привет” – вам…", "It’s you 😀", "Zoë’s cart – now", "👩\u200d🚀"]
)
def test_a_text_that_stays_wide_keeps_its_signs(text: str) -> None:
    for times in range(1, 40):
        assert plain(text * times) == text * times


@given(ANY)
def test_a_plain_text_never_takes_more_parts_for_being_so(text: str) -> None:
    made = plain(text)

    assert measure(made).parts <= measure(text).parts
    assert plain(made) == made

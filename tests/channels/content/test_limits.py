"""What no provider takes is not handed to one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.content import Built, Missing
from channels.content.limits import excess, push_bytes
from dsl.fits import PUSH_BYTES
from dsl.message import ChannelForm, PushForm, SmsForm, WhatsAppForm
from tests.channels.content.samples import build, message, person, text


def built(form: ChannelForm, name: str = "Ada") -> Built | Missing:
    channel = type(form).__name__.removesuffix("Form").lower()
    context = person(attributes={"first_name": name})
    made = build(message({channel: form}), channel, context)
    assert isinstance(made, Built | Missing)
    return made


def test_a_text_message_that_takes_more_parts_than_it_may_is_not_sent() -> None:
    """By the name of whoever gets it, which nobody could know before."""
    form = SmsForm(text("{{ first_name }}" + "x" * 155), most_parts=1)

    assert isinstance(built(form), Built)
    assert built(form, "Bartholomew") == Missing(
        "the text takes 2 parts, and no more than 1 may be sent"
    )


def test_a_letter_outside_of_the_alphabet_can_make_it_too_dear() -> None:
    form = SmsForm(text("{{ first_name }}" + "x" * 100), most_parts=1)

    assert isinstance(built(form, "Zoe"), Built)
    assert isinstance(built(form, "Zoë"), Missing)


def test_nothing_is_sent_in_more_than_ten_parts() -> None:
    assert isinstance(built(SmsForm(text("x" * 1530))), Built)
    assert isinstance(built(SmsForm(text("x" * 1531))), Missing)


def test_typographic_signs_stay_if_the_author_wants_them() -> None:
    words = "“" + "x" * 99 + "”"
    plainly, kept = built(SmsForm(text(words))), built(SmsForm(text(words), plain=False))

    assert isinstance(plainly, Built)
    assert isinstance(kept, Built)
    assert plainly.parts["text"] == '"' + "x" * 99 + '"'
    assert kept.parts["text"] == words


def test_a_push_that_is_too_large_is_not_sent() -> None:
    form = PushForm(text("{{ first_name }}"), text("y" * 3000), None, None)

    assert isinstance(built(form), Built)
    assert isinstance(built(form, "é" * 300), Missing)


@pytest.mark.parametrize(("template", "most"), [(None, 4096), ("welcome", 1024)])
def test_whatsapp_takes_so_many_letters(template: str | None, most: int) -> None:
    def form(length: int) -> WhatsAppForm:
        return WhatsAppForm(text("{{ first_name }}" + "x" * (length - 3)), template, None)

    assert isinstance(built(form(most)), Built)
    assert isinstance(built(form(most + 1)), Missing)


def test_the_size_of_a_push_is_that_of_its_bytes() -> None:
    assert push_bytes({"title": "é", "body": '"', "link": ""}) == len(
        '{"title":"é","body":"\\""}'.encode()
    )
    assert PUSH_BYTES < 3993


@given(
    st.sampled_from(["title", "body", "link", "web", "image"]),
    st.sampled_from(["a", "é", '"', "\x01", "😀"]),
    st.integers(0, 4000),
)
def test_a_push_is_too_large_by_its_bytes_whatever_they_are(
    name: str, letter: str, count: int
) -> None:
    parts = {"title": "A", name: letter * count}
    too_large = push_bytes(parts) > PUSH_BYTES

    assert (excess(PushForm(text("A"), text("b"), None, None), parts) is not None) == too_large

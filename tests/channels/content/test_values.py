"""Values as people read them, and languages that stand in for others."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from channels.content import Built, Missing
from channels.content.languages import Languages, tidy
from dsl.calendar import Duration
from dsl.kinds import (
    Date,
    Instant,
    Kind,
    Length,
    ListOf,
    Money,
    Number,
    Record,
    Text,
    TimeOfDay,
    Whole,
    YesNo,
)
from dsl.message import EmailForm, SmsForm, TextBlock
from dsl.plan import Field
from tests.channels.content.samples import build, library, message, person, sms, text

# 29 March 2026, 00:30 UTC: half an hour before the clocks change in Berlin
NIGHT = 1_774_744_200_000_000


def write(kind: Kind, value: Any, language: str = "en", zone: str = "Europe/Berlin") -> str:
    """An input as a text message shows it."""
    made = message({"sms": SmsForm(text("{{ it }}"))}, inputs={"it": Field("it", kind)})
    context = person(language=language, zone=ZoneInfo(zone))
    built = build(made, "sms", context, it=value)
    return built.parts["text"] if isinstance(built, Built) else f"missing: {built.what}"


@pytest.mark.parametrize(
    ("kind", "value", "english", "german", "french"),
    [
        (Money("EUR"), 123450, "€1,234.50", "1.234,50 €", "1 234,50 €"),
        (Money("JPY"), 1500, "¥1,500", "1.500 ¥", "1 500 JPY"),
        (Money("KWD"), 1234, "KWD1.234", "1,234 KWD", "1,234 KWD"),
        (Money("EUR"), -5, "-€0.05", "-0,05 €", "-0,05 €"),
        (Money("EUR"), Decimal("10.5"), "€0.10", "0,10 €", "0,10 €"),  # half a cent, to even
        (Number(), "1234.5", "1,234.5", "1.234,5", "1 234,5"),
        (Number(), 7, "7", "7", "7"),
        (Whole(), 12500, "12500", "12500", "12500"),  # ids and years are whole numbers too
        (Date(), "2026-03-01", "March 1, 2026", "1. März 2026", "1 mars 2026"),
        (Date(), date(2026, 3, 1), "March 1, 2026", "1. März 2026", "1 mars 2026"),
        (TimeOfDay(), "17:05", "5:05 PM", "17:05", "17:05"),
        (TimeOfDay(), time(17, 5), "5:05 PM", "17:05", "17:05"),
        (
            Instant(),
            NIGHT,
            "March 29, 2026, 1:30 AM",
            "29. März 2026, 01:30",
            "29 mars 2026, 01:30",
        ),
        (Length(), [0, 2, 0, 3_600_000_000], "2 days 1 hour", "2 Tage 1 Stunde", "2 jours 1 heure"),
        (Length(), Duration(months=14), "1 year 2 months", "1 Jahr 2 Monate", "1 an 2 mois"),
        (ListOf(Text()), ["shoes", "hats"], "shoes, hats", "shoes, hats", "shoes, hats"),
        (ListOf(Money("EUR")), [100, 250], "€1.00, €2.50", "1,00 €, 2,50 €", "1,00 €, 2,50 €"),
        (YesNo(), False, "no", "no", "no"),
    ],
)
def test_values_are_written_in_the_language_of_the_reader(
    kind: Kind, value: Any, english: str, german: str, french: str
) -> None:
    assert [write(kind, value, each) for each in ("en", "de", "fr")] == [english, german, french]


def test_the_country_of_the_reader_counts() -> None:
    assert write(Date(), "2026-03-01", "en-GB") == "1 March 2026"
    assert write(Money("EUR"), 150, "de-AT") == "€ 1,50"


def test_a_moment_is_written_in_the_zone_of_the_reader() -> None:
    assert write(Instant(), NIGHT, zone="Asia/Tokyo") == "March 29, 2026, 9:30 AM"
    assert write(Instant(), NIGHT + 3_600_000_000) == "March 29, 2026, 3:30 AM"


@pytest.mark.parametrize("value", [None, "", []])
def test_nothing_an_empty_text_and_an_empty_list_are_missing(value: Any) -> None:
    assert write(ListOf(Text()), value) == "missing: it"


def test_a_record_cannot_be_written_as_one() -> None:
    said = write(Record((("name", Text()),)), {"name": "Tea"})

    assert (
        said
        == "missing: a text cannot be rendered: it has several parts and cannot be written as one"
    )


def test_default_catches_nothing_empty_and_what_is_inside_of_nothing() -> None:
    nobody = person(attributes={"first_name": None, "nick_name": "", "tags": []}, trigger=None)

    words = "{{ first_name | default('a') }}{{ nick_name | default('b') }}{{ tags | default('c') }}"
    more = (
        "{{ trigger.items | default('d') }}{{ trigger.a.b | d('e') }}{{ profile.x | default('f') }}"
    )

    assert sms(words + more, nobody) == "abcdef"


def test_a_missing_value_makes_a_condition_false() -> None:
    nobody = person(attributes={})
    words = (
        "{% if first_name %}a{% else %}b{% endif %}"
        "{% if tier == 'gold' %}a{% else %}b{% endif %}"
        "{% if tier != 'gold' %}a{% else %}b{% endif %}"
        "{% if points > 3 %}a{% else %}b{% endif %}"
        "{% if points < 3 %}a{% else %}b{% endif %}"
        "{% if 'x' in tags %}a{% else %}b{% endif %}"
        "{% if first_name is defined %}a{% else %}b{% endif %}"
        "{{ first_name or 'nobody' }}"
    )

    assert sms(words, nobody) == "bbabbbbnobody"


@pytest.mark.parametrize(
    ("words", "missing"),
    [
        ("{{ first_name }}", "first_name"),
        ("{{ first_name | upper }}", "first_name"),
        ("{{ 'Hi ' ~ first_name }}", "first_name"),
        ("{{ points + 1 }}", "points"),
        ("{{ trigger.cart_id }}", "trigger.cart_id"),
        ("{{ (trigger.items | first).name }}", "trigger.items"),
        ("{{ profile.birthday }}", "profile.birthday"),
        ("{% for tag in tags %}{{ tag }}{% endfor %}", "tags"),
        ("{{ tags | join(', ') }}", "tags"),
        ("{{ tags | length }}", "tags"),
    ],
)
def test_what_is_missing_is_named(words: str, missing: str) -> None:
    happened = person().trigger
    assert happened is not None
    nobody = person(attributes={}, trigger=happened._replace(properties={}))

    assert sms(words, nobody) == f"missing: {missing}"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("{{ trigger.value }}", "€1,234.50"),
        ("{{ trigger.value * 2 }}", "€2,469.00"),
        ("{{ trigger.value / 2 }}", "€617.25"),
        ("{{ trigger.value - trigger.value }}", "€0.00"),
        ("{% if trigger.value > 1000 %}much{% endif %}", "much"),
        ("{% if trigger.value > 2000 %}much{% else %}little{% endif %}", "little"),
        ("{{ trigger.items | sum(attribute='price') }}", "€68.90"),
        ("{% for i in trigger.items %}{{ i.quantity * i.price }} {% endfor %}", "€39.80 €49.00"),
        ("{{ trigger.items | join(' and ', attribute='name') }}", "Tea <green> and Pot"),
        ("{{ (trigger.items | last).price }}", "€49.00"),
        ("{{ trigger.items[1].name }}", "Pot"),
        ("{{ trigger.items[-1].name }}", "Pot"),
        ("{{ trigger.items[9].name | default('none') }}", "none"),
        ("{{ trigger.items[:1] | length }}", "1"),
        ("{{ trigger.value | round }}", "€1,235.00"),
        ("{{ trigger.value | upper }}", "€1,234.50"),
        ("{{ trigger.value ~ '!' }}", "€1,234.50!"),
        ("{{ trigger.time }}", "March 1, 2026, 1:00 PM"),
        ("{{ points / 8 }}", "1,562.5"),
        ("{{ points // 8 }}", "1562"),
        ("{{ 0.1 + 0.2 }}", "0.3"),
        ("{{ 7.25 | round(1) }}", "7.3"),
        ("{{ -points | abs }}", "12500"),
        ("{{ first_name | lower }}{{ first_name | upper }}", "adaADA"),
        ("{{ 'ada o\\'neil mcgee' | title }}", "Ada O'neil Mcgee"),
        ("{{ 'ONE TWO' | capitalize }}", "One two"),
        ("{{ '  x ' | trim }}", "x"),
        ("{{ 'a-b' | replace('-', '+') }}", "a+b"),
        ("{{ 'one two three' | truncate(9) }}", "one two…"),
        ("{{ tags | first }} {{ tags | last }} {{ tags | count }}", "shoes hats 2"),
        (
            "{% for t in tags %}{{ loop.index }}{{ t }}{% if not loop.last %}, {% endif %}{% endfor %}",
            "1shoes, 2hats",
        ),
        ("{% for t in tags if t != 'hats' %}{{ t }}{% endfor %}", "shoes"),
        ("{% set n = first_name %}{{ n }}", "Ada"),
        (
            "{% for i in trigger.items %}{% set n = i.name %}{{ n }};{% endfor %}",
            "Tea <green>;Pot;",
        ),
        ("{{ 'yes' if 'hats' in tags else 'no' }}", "yes"),
        ("{{ points is odd }}", "no"),
        ("{# a note #}a", "a"),
        ("{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
    ],
)
def test_what_texts_can_do(words: str, said: str) -> None:
    assert sms(words) == said


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("de", "Hallo"),
        ("de-AT", "Hallo"),
        ("DE_at", "Hallo"),
        ("fr", "Salut"),
        ("pl", "Hello"),
        ("", "Hello"),
        ("de-CH", "Grüezi"),
        ("no such thing", "Hello"),
    ],
)
def test_languages_fall_back(wanted: str, said: str) -> None:
    words = text(en="Hello", de="Hallo", fr="Salut", de_CH="Grüezi")

    built = build(message({"sms": SmsForm(words)}), "sms", person(language=wanted))

    assert isinstance(built, Built)
    assert built.parts["text"] == said


def test_a_text_in_another_language_is_written_in_that_language_throughout() -> None:
    """Amounts in a text that stands in for a missing translation are those of its words."""
    form = EmailForm(
        text(en="{{ trigger.value }}", de="{{ trigger.value }}"),
        None,
        (
            TextBlock(text(en="Until {{ trigger.starts_at }}")),
            TextBlock(text("{{ trigger.value }}")),
        ),
    )

    german = build(message({"email": form}), "email", person(language="de"))
    polish = build(message({"email": form}), "email", person(language="pl"))

    assert isinstance(german, Built)
    assert isinstance(polish, Built)
    assert german.parts["subject"] == "1.234,50\u00a0€"
    assert german.parts["text"].startswith("Until March 1, 2026, 2:00\u202fPM\n\n1.234,50\u00a0€")
    assert polish.parts["subject"] == "€1,234.50"


def test_text_messages_have_no_blanks_that_cost_more() -> None:
    """U+00A0 and U+202F would turn 160 characters into 70."""
    context = person(language="fr")

    assert sms("{{ trigger.value }} {{ trigger.starts_at }}", context).isascii() is False
    assert "\u00a0" not in sms("{{ trigger.value }}", context)
    assert "\u202f" not in sms("{{ trigger.starts_at }}", person())


def test_any_number_of_languages_can_be_asked_for() -> None:
    languages = Languages(["en", "de"])

    assert {languages.choose(f"x{number}") for number in range(5000)} == {"en"}
    assert len(languages._chosen) <= 1000
    assert languages.choose("de-x-private") == "de"
    assert tidy("ZH_hant_tw") == "zh-Hant-TW"


def test_a_required_input_of_the_message_must_be_there() -> None:
    made = message(
        {"sms": SmsForm(text("Hello"))}, inputs={"code": Field("code", Text(), required=True)}
    )

    assert build(made, "sms") == Missing("code")
    assert isinstance(build(made, "sms", code="1"), Built)


def test_the_same_person_and_values_give_the_same_texts() -> None:
    made = message({"sms": SmsForm(text("{{ first_name }} {{ trigger.starts_at }}"))})
    one = library(made)

    assert one.build(made.name, "sms", person(), {}, "d1") == one.build(
        made.name, "sms", person(), {}, "d1"
    )


@pytest.mark.parametrize(
    ("language", "forms", "said"),
    [
        ("en", "'point', 'points'", "points point points points points"),
        ("de", "'Punkt', 'Punkte'", "Punkte Punkt Punkte Punkte Punkte"),
        ("fr", "'point', 'points'", "point point points points points"),
        ("pl", "'punkt', 'punkty', 'punktów'", "punktów punkt punkty punktów punkty"),
        ("ja", "'点'", "点 点 点 点 点"),
    ],
)
def test_a_word_has_the_form_that_goes_with_its_number(
    language: str, forms: str, said: str
) -> None:
    """None, one, two, five and twenty-two, by the rules of the reader's language."""
    words = f"{{% for n in [0, 1, 2, 5, 22] %}}{{{{ n | plural({forms}) }}}} {{% endfor %}}"
    made = message({"sms": SmsForm(text(**{language: words}))})
    built = library(made, (language,)).build(made.name, "sms", person(language=language), {}, "d1")
    assert isinstance(built, Built)

    assert built.parts["text"] == said


def test_a_word_without_forms_has_no_plural() -> None:
    assert sms("{{ points | plural }}").startswith("missing: ")
    assert sms("{{ first_name | plural('a', 'b') }}").startswith("missing: ")

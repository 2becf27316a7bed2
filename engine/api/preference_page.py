"""The preference centre as people see it: a form that works without any script."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from hashlib import sha256
from html import escape
from typing import Literal, NamedTuple, TypeAlias

from babel.dates import format_date

from dsl.calendar import Instant, local
from engine.api.pages import page
from engine.api.preference_words import PreferenceWords
from engine.people.centre import PAUSES, Offer, Place

__all__ = ["Said", "Shown", "apology", "centre", "version_of"]

Said: TypeAlias = Literal["", "saved", "left"]
"""What has just been done, for the page that confirms it."""

_DATES = {"en": "en_GB"}  # the day before the month, as most of the world has it
_LIMITS = (1, 2, 3, 5, 7)
_HASH = 12  # hex digits
_STYLE = (
    "main{margin-top:6vh;margin-bottom:6vh}fieldset{border:0;margin:0 0 1.5rem;padding:0;min-width:0}"
    "legend{width:100%;margin:0;padding:1rem 0 .35rem;border-top:1px solid #d5d5d0;font-weight:600}"
    "label{display:block}.tick{display:flex;gap:.75rem;align-items:flex-start;padding:.4rem 0;"
    "cursor:pointer}.tick input{flex:none;width:1.25rem;height:1.25rem;margin:.15rem 0 0;"
    "accent-color:#22577a}.tick span,small{min-width:0;overflow-wrap:anywhere}"
    "small{display:block;color:#5a5a55;font-size:.9rem;line-height:1.35}"
    "select{font:inherit;display:block;width:100%;margin:.35rem 0 0;padding:.5rem;"
    "border:1px solid #767676;border-radius:6px;background:#fff;color:inherit}"
    ".note{color:#5a5a55}[role=status]{margin:0 0 1.25rem;padding:.75rem 1rem;border-radius:6px;"
    "background:#e6f2ea;color:#17452a}.plain fieldset{margin:1.75rem 0 0}.plain p{margin:0 0 .75rem}"
    ".plain button{background:#fff;color:#8a1f11;border:1px solid #8a1f11}"
    "@media(max-width:36rem){main{padding:1.25rem;margin:0}button{width:100%}}"
)


class Shown(NamedTuple):
    """To whom it is shown: ``name`` is the sender, ``languages`` theirs and then ours."""

    words: PreferenceWords
    name: str
    languages: Sequence[str]


def centre(shown: Shown, offer: Offer, said: Said = "") -> str:
    """The form, with what holds at present filled in."""
    words = shown.words
    return _page(words, "".join(_body(shown, offer, said)))


def apology(words: PreferenceWords, sentence: str, hint: str) -> str:
    """That something did not work, and what to do about it."""
    return _page(words, f"<h1>{escape(sentence)}</h1><p>{escape(hint)}</p>")


def version_of(shown: Shown, offer: Offer) -> str:
    """The words that somebody agreed by: their language, and a hash of all they could read there."""
    titles = [_title(shown, offer, category) for category in offer.categories]
    read = "\n".join([*_texts(shown.words), shown.name, *titles])
    return f"{shown.words.language}/{sha256(read.encode()).hexdigest()[:_HASH]}"


def _texts(words: PreferenceWords) -> Iterator[str]:
    for text in words:
        yield from [text] if isinstance(text, str) else text.values()


def _page(words: PreferenceWords, body: str) -> str:
    return page(words.language, words.title, body, _STYLE)


def _body(shown: Shown, offer: Offer, said: Said) -> Iterator[str]:
    words = shown.words
    if said:
        yield f'<p role="status">{escape(words.saved if said == "saved" else words.left)}</p>'
    yield f"<h1>{escape(words.heading.format(name=shown.name))}</h1>"
    yield f'<p class="note">{escape(words.explanation)}</p>'
    if offer.places:
        yield '<form method="post">'
        for category in dict.fromkeys(category for category, _ in offer.places):
            yield _category(shown, offer, category)
        yield _limit(words, offer)
        yield _pause(words, offer)
        yield f"<button>{escape(words.save)}</button></form>"
    else:
        yield f"<p>{escape(words.nothing)}</p>"
    button = f'<button name="everything" value="1">{escape(words.everything_button)}</button>'
    yield '<form method="post" class="plain">' + _fieldset(
        words.everything, f"<p>{escape(words.everything_means)}</p>{button}"
    )
    yield "</form>"


def _fieldset(legend: str, content: str) -> str:
    return f"<fieldset><legend>{escape(legend)}</legend>{content}</fieldset>"


def _title(shown: Shown, offer: Offer, category: str) -> str:
    return offer.categories[category].title(shown.words.language, *shown.languages)


def _category(shown: Shown, offer: Offer, category: str) -> str:
    places = [place for place in offer.places if place[0] == category]
    ticks = "".join(_tick(shown.words, offer, place) for place in places)
    return _fieldset(_title(shown, offer, category), ticks)


def _tick(words: PreferenceWords, offer: Offer, place: Place) -> str:
    channel, agreed = place[1], offer.places[place]
    named = escape("/".join(place))
    address = offer.channels[channel]
    known = f" <small>{escape(address)}</small>" if address else ""
    was = f'<input type="hidden" name="was" value="{named}">' if agreed else ""
    checked = " checked" if agreed else ""
    return (
        f'{was}<label class="tick"><input type="checkbox" name="on" value="{named}"{checked}>'
        f"<span>{escape(words.channels.get(channel, channel))}{known}</span></label>"
    )


def _limit(words: PreferenceWords, offer: Offer) -> str:
    at_most = offer.preferences.at_most
    counts = sorted({*_LIMITS, *(() if at_most is None else (at_most,))})
    options = [_option("", words.no_limit, chosen=at_most is None)]
    options += [_option(str(n), _count(words, n), chosen=n == at_most) for n in counts]
    shown = "" if at_most is None else str(at_most)
    hidden = f'<input type="hidden" name="limit_was" value="{shown}">'
    return _fieldset(words.often, hidden + _select("limit", words.at_most, options))


def _count(words: PreferenceWords, n: int) -> str:
    return words.none if n == 0 else words.one if n == 1 else words.several.format(n=n)


def _pause(words: PreferenceWords, offer: Offer) -> str:
    until = offer.preferences.paused_until
    if until is None:
        options = [_option("keep", words.no_pause, chosen=True)]
    else:
        still = words.still.format(date=_day(words, offer, until))
        options = [_option("keep", still, chosen=True), _option("none", words.resume)]
    for name in PAUSES:
        date = _day(words, offer, offer.until(name))
        options.append(_option(name, words.pauses[name].format(date=date)))
    return _fieldset(words.pause, _select("pause", words.nothing_for, options))


def _select(name: str, label: str, options: Sequence[str]) -> str:
    return f'<label>{escape(label)}<select name="{name}">{"".join(options)}</select></label>'


def _option(value: str, text: str, *, chosen: bool = False) -> str:
    selected = " selected" if chosen else ""
    return f'<option value="{escape(value)}"{selected}>{escape(text)}</option>'


def _day(words: PreferenceWords, offer: Offer, at: Instant) -> str:
    day: date = local(at, offer.zone).date()
    return format_date(day, "long", locale=_DATES.get(words.language, words.language))

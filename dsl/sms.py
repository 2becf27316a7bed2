"""Text messages as networks carry them: seven bits a letter, or sixteen, and in how many parts.

3GPP TS 23.038 has a basic alphabet of seven bits and ten further characters that take the room of
two. One character outside of both, and the whole text is written in UTF-16. A text that does not
fit into one message is cut, and every part loses the room of the header by which the telephone
puts them together again (TS 23.040): 160 letters become 153, and 70 become 67. What takes two
places, an escaped character or a surrogate pair, is never cut in two.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

__all__ = [
    "MOST_PARTS",
    "Encoding",
    "Measured",
    "double",
    "fits",
    "forcing",
    "measure",
    "parts",
    "plain",
    "straightened",
]

Encoding: TypeAlias = Literal["GSM-7", "UCS-2"]

MOST_PARTS = 10
"""What networks still put together, and providers still take: Twilio's 1,600 letters are ten."""

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€\f")
_SEVEN_BITS = _BASIC | _EXTENDED
_ROOM: dict[Encoding, tuple[int, int]] = {"GSM-7": (160, 153), "UCS-2": (70, 67)}

_BLANKS = str.maketrans(dict.fromkeys("\u00a0\u2007\u2009\u202f", " "))
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛‹›\u2032`\u00b4", "'"),
        **dict.fromkeys("“”„‟«»\u2033", '"'),
        **dict.fromkeys("\u2010\u2011\u2012–—―\u2212", "-"),
        **dict.fromkeys("\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u200a\u205f\t", " "),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),
        "…": "...",
        "•": "-",
        "·": "-",
    }
)
"""What word processors and editors write, and what stands in its place on a telephone of old. No
letter is among them: a name stays what it is.
"""


class Measured(NamedTuple):
    """A text as networks see it. ``length`` is in places, which is what ``room`` is counted in: the
    room of one message, or of each part if there are several.
    """

    encoding: Encoding
    parts: int
    length: int
    room: int


def measure(text: str) -> Measured:
    """How many parts a text takes. Nothing is one part, too."""
    encoding = _encoding(text)
    alone, joined = _ROOM[encoding]
    if not _has_double(text, encoding):  # nearly all
        length = len(text)
        if length <= alone:
            return Measured(encoding, 1, length, alone)
        return Measured(encoding, -(-length // joined), length, joined)
    length = sum(_places(text, encoding))
    if length <= alone:
        return Measured(encoding, 1, length, alone)
    return Measured(encoding, len(_cut(text, encoding)), length, joined)


def fits(text: str, most: int) -> bool:
    """Whether a text takes at most so many parts. Nearly all are so short that nobody needs to look
    at their letters: none takes more than two places, and no part of several is cut before 66.
    """
    return len(text) * 2 <= most * 66 or measure(text).parts <= most


def parts(text: str) -> tuple[str, ...]:
    """The parts that it is cut into. Joined, they are the text."""
    encoding = _encoding(text)
    if sum(_places(text, encoding)) <= _ROOM[encoding][0]:
        return (text,)
    return tuple(_cut(text, encoding))


def forcing(text: str) -> tuple[str, ...]:
    """The characters because of which all of it takes sixteen bits a letter, each once."""
    return tuple(dict.fromkeys(char for char in text if char not in _SEVEN_BITS))


def double(text: str) -> tuple[str, ...]:
    """The characters that take the room of two, each once; none where all take sixteen bits."""
    if _encoding(text) == "UCS-2":
        return ()
    return tuple(dict.fromkeys(char for char in text if char in _EXTENDED))


def plain(text: str) -> str:
    """The text with plain quotation marks, hyphens and dots in place of typographic ones, if it
    takes fewer parts so because seven bits a letter are enough; else as it is: a short text may
    look as it likes, and one in Greek or with an emoji gains nothing. Blanks that do not break are
    blanks in any case.
    """
    if text.isascii():
        return text
    made, text = straightened(text), text.translate(_BLANKS)
    if _encoding(made) == "GSM-7" and measure(made).parts < measure(text).parts:
        return made
    return text


def straightened(text: str) -> str:
    """The text without typographic signs, whether or not that saves anything."""
    return text.translate(_BLANKS).translate(_SIGNS)


def _encoding(text: str) -> Encoding:
    return "GSM-7" if _SEVEN_BITS.issuperset(text) else "UCS-2"


def _has_double(text: str, encoding: Encoding) -> bool:
    """Whether something in it takes the room of two."""
    return not _EXTENDED.isdisjoint(text) if encoding == "GSM-7" else max(text) > "\uffff"


def _places(text: str, encoding: Encoding) -> Iterator[int]:
    if encoding == "GSM-7":
        return (2 if char in _EXTENDED else 1 for char in text)
    return (2 if char > "\uffff" else 1 for char in text)


def _cut(text: str, encoding: Encoding) -> list[str]:
    room = _ROOM[encoding][1]
    made: list[str] = []
    start = taken = 0
    for at, places in enumerate(_places(text, encoding)):
        if taken + places > room:
            made.append(text[start:at])
            start, taken = at, 0
        taken += places
    return [*made, text[start:]]

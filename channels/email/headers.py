"""Header lines: folded, encoded where needed (RFC 5322, RFC 2047), never injected.

Every value passes through ``plain`` first, so a line end in a name or a subject is a space.
"""

from __future__ import annotations

import base64
import re

__all__ = ["header", "phrase", "plain", "unstructured", "uri_list"]

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_HALF_PAIRS = re.compile("[\ud800-\udfff]")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_NAME = re.compile(r"[!-9;-~]{1,76}")
_WORDS = re.compile(r" *[^ ]+")
_LINE = 76
_LONGEST_WORD = 900  # a line may have 998 characters and no more
_WORD = 75  # the longest encoded word, with its frame of 12
_FRAME = len("=?utf-8?b?" + "?=")
# Letters that need no escape in a "Q" word anywhere, phrases included (RFC 2047, 5.3).
_Q_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
_SPACE = 0x20


def plain(text: str) -> str:
    """``text`` on one line, without control characters and half characters."""
    return _HALF_PAIRS.sub("\ufffd", _CONTROLS.sub(" ", text)).strip(" ")


def header(name: str, value: str) -> str:
    """One header, ending in CRLF. ``value`` is ready for the wire; it is folded at its spaces.

    Raises ValueError for a name or a value that would not be one header: a bug of the caller.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not a name of a header")
    if _CONTROLS.search(value):
        raise ValueError(f"the value of {name} has control characters in it")
    line = f"{name}: {value}"
    if len(line) <= _LINE:
        return line + "\r\n"
    lines: list[str] = []
    first, *words = _WORDS.findall(" " + value)
    current = f"{name}:{first}"
    for word in words:
        if len(current) + len(word) > _LINE:
            lines.append(current)
            current = word
        else:
            current += word
    return "\r\n".join([*lines, current]) + "\r\n"


def unstructured(name: str, text: str) -> str:
    """A header of free text, such as a subject."""
    text = plain(text)
    words = text.split(" ")
    if text.isascii() and "=?" not in text and all(len(word) <= _LONGEST_WORD for word in words):
        return header(name, text)
    return header(name, _encoded(text, len(name) + 2))


def phrase(text: str, used: int) -> str:
    """A display name. ``used`` is how much of its line is taken already."""
    text = plain(text)
    if not text.isascii() or "=?" in text or len(text) > _LONGEST_WORD:
        return _encoded(text, used)
    if not text or _ATOMS.fullmatch(text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def uri_list(text: str) -> str:
    """The value of a header of addresses in angle brackets, as List-Unsubscribe: ASCII only."""
    return "".join(
        c if c.isascii() else "".join(f"%{byte:02X}" for byte in c.encode()) for c in plain(text)
    )


def _encoded(text: str, used: int) -> str:
    """Encoded words of whole characters, "Q" or "B" by what is shorter in all."""
    data = text.encode()
    cost, frame = (_q_cost, _q_word) if _q_cost(data) <= _b_cost(data) else (_b_cost, _b_word)
    words: list[str] = []
    current = b""
    for character in text:
        more = current + character.encode()
        room = _WORD - _FRAME - (1 if words else used)
        if current and cost(more) > room:
            words.append(frame(current))
            current = character.encode()
        else:
            current = more
    return " ".join([*words, frame(current)])


def _q_cost(data: bytes) -> int:
    return sum(1 if byte in _Q_SAFE or byte == _SPACE else 3 for byte in data)


def _b_cost(data: bytes) -> int:
    return (len(data) + 2) // 3 * 4


def _q_word(data: bytes) -> str:
    body = "".join(
        chr(byte) if byte in _Q_SAFE else "_" if byte == _SPACE else f"={byte:02X}" for byte in data
    )
    return f"=?utf-8?q?{body}?="


def _b_word(data: bytes) -> str:
    return f"=?utf-8?b?{base64.b64encode(data).decode('ascii')}?="

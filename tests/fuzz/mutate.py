"""Files as nobody would write them: the real ones, torn, doubled, mixed and badly saved.

Whoever draws says ``pick(n)``, a number from 0 to n - 1, and so decides where the choices come from:
Hypothesis, a generator of random numbers, or a fuzzer that watches which code is reached.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from tests.fuzz.corpus import Corpus

__all__ = ["Pick", "drawn"]

Pick: TypeAlias = Callable[[int], int]
_Change: TypeAlias = Callable[[str, Pick, Corpus], str]

_NOISE = (
    *("\t", "\x00", "\x0b", "\x1b[31m", "\x7f", "\x85", "\u00a0", "\u200b", "\u2028", "\u202e"),
    *(
        "\ufeff",
        "\ufffe",
        "\U0001d538",
        "é",
        "e\u0301",
        "ß",
        "İ",
        "\u0131",
        "ﬁ",
        "😀",
        "“",
        "’",
        "—",
    ),
    *("&a ", "*a", "!t ", "<<: ", "---\n", "...\n", "%YAML 1.1\n", "? ", "- ", ": ", "#", "|", ">"),
    *(
        "{",
        "}",
        "[",
        "]",
        "{{ ",
        " }}",
        "{% if a %}",
        "{% endif %}",
        "{#",
        '"',
        "'",
        "\\",
        "\\x",
        "= ",
    ),
)
_EDGES = (
    *(
        "9" * 30,
        "0" * 40,
        "-1",
        "1e999",
        "0.1" + "1" * 40,
        "99999999999 years",
        "0 days",
        "1.5 months",
    ),
    *(
        "2026-02-31",
        "9999-12-31",
        "0000-00-00",
        "25:61",
        "24:00",
        "٣ days",
        "1_000",
        "NaN",
        "~",
        "NO",
    ),
    *(
        "999999999999 EUR",
        "1 XTS",
        "100%",
        "1000%",
        "0.0001%",
        "Europe/Nowhere",
        "UTC",
        "../../etc",
    ),
)
_MOST_CHANGES = 4
_LONGEST = 60_000


def drawn(corpus: Corpus, pick: Pick) -> tuple[dict[str, bytes], str]:
    """A project with one file changed, and the path of that file."""
    some = corpus.large if pick(60) == 0 else corpus.small
    files = dict(some[pick(len(some))])
    path = sorted(files)[pick(len(files))]
    text = files[path].decode()
    for _ in range(1 + pick(_MOST_CHANGES)):
        text = _CHANGES[pick(len(_CHANGES))](text, pick, corpus)[:_LONGEST]
    files[path] = _saved(text, pick)
    return files, path


def _saved(text: str, pick: Pick) -> bytes:
    """The text as a program saves it; most of them do it well."""
    way = pick(40)
    match way:
        case 0:
            return text.encode("utf-16", "surrogatepass")
        case 1:
            return text.encode("latin-1", "replace")
        case 2:
            return text.encode("utf-8-sig", "replace")
        case 3:
            return text.replace("\n", "\r\n").encode("utf-8", "replace")
        case 4:
            return text.replace("\n", "\r").encode("utf-8", "replace")
        case 5:
            raw = bytearray(text.encode("utf-8", "replace") or b" ")
            for _ in range(1 + pick(8)):
                raw[pick(len(raw))] ^= 1 << pick(8)
            return bytes(raw)
        case 6:
            return bytes(pick(256) for _ in range(pick(200)))
        case _:
            return text.encode("utf-8", "surrogatepass")


def _in_lines(change: Callable[[list[str], int, Pick, Corpus], None]) -> _Change:
    def changed(text: str, pick: Pick, corpus: Corpus) -> str:
        lines = text.split("\n")
        change(lines, pick(len(lines)), pick, corpus)
        return "\n".join(lines)

    return changed


def _doubled(lines: list[str], at: int, pick: Pick, _: Corpus) -> None:
    lines[at:at] = lines[at : at + 1 + pick(6)] * (1 + pick(3))


def _gone(lines: list[str], at: int, pick: Pick, _: Corpus) -> None:
    del lines[at : at + 1 + pick(4)]


def _swapped(lines: list[str], at: int, pick: Pick, _: Corpus) -> None:
    other = pick(len(lines))
    lines[at], lines[other] = lines[other], lines[at]


def _moved_in(lines: list[str], at: int, pick: Pick, _: Corpus) -> None:
    by = pick(9) - 4
    for number in range(at, min(len(lines), at + 1 + pick(4))):
        lines[number] = " " * by + lines[number] if by > 0 else lines[number][-by:]


def _from_elsewhere(lines: list[str], at: int, pick: Pick, corpus: Corpus) -> None:
    indent = re.match(r" *", lines[at])
    other = corpus.lines[pick(len(corpus.lines))]
    lines[at : at + pick(2)] = [(indent[0] if indent else "") + other.lstrip()]


def _another_value(lines: list[str], at: int, pick: Pick, corpus: Corpus) -> None:
    key, colon, _ = lines[at].partition(":")
    if colon:
        lines[at] = f"{key}: {corpus.sentences[pick(len(corpus.sentences))]}"


def _many(lines: list[str], at: int, pick: Pick, _: Corpus) -> None:
    key, colon, value = lines[at].partition(":")
    if colon:
        lines[at : at + 1] = [f"{key}{n}:{value}" for n in range(10 * (1 + pick(60)))]


def _another_word(text: str, pick: Pick, corpus: Corpus) -> str:
    words = list(re.finditer(r"\"[^\"\n]*\"|[\w.]+|[^\w\s]", text[:_LONGEST]))
    if not words:
        return corpus.words[pick(len(corpus.words))]
    old = words[pick(len(words))]
    new = _EDGES[pick(len(_EDGES))] if pick(4) == 0 else corpus.words[pick(len(corpus.words))]
    return text[: old.start()] + new + text[old.end() :]


def _noise(text: str, pick: Pick, _: Corpus) -> str:
    at = pick(len(text) + 1)
    return text[:at] + _NOISE[pick(len(_NOISE))] * (1 + pick(3)) + text[at + pick(3) :]


def _cut(text: str, pick: Pick, _: Corpus) -> str:
    return text[: pick(len(text) + 1)]


def _torn(text: str, pick: Pick, _: Corpus) -> str:
    at = pick(len(text) + 1)
    return text[:at] + text[at + pick(80) :]


def _joined(text: str, pick: Pick, corpus: Corpus) -> str:
    other = corpus.small[pick(len(corpus.small))]
    return text + other[sorted(other)[pick(len(other))]].decode()


def _deep(text: str, pick: Pick, _: Corpus) -> str:
    at, deep = pick(len(text) + 1), 1 + pick(200)
    opening, closing = (("[", "]"), ("{a: ", "}"), ("(", ")"), ("not ", ""), ("- ", ""))[pick(5)]
    end = min(len(text), at + pick(30))
    return text[:at] + opening * deep + text[at:end] + closing * deep + text[end:]


def _long(text: str, pick: Pick, corpus: Corpus) -> str:
    at = pick(len(text) + 1)
    word = corpus.words[pick(len(corpus.words))] + (" ", "", " and ", ", ")[pick(4)]
    return text[:at] + word * (10, 100, 1000)[pick(3)] + text[at:]


_CHANGES: tuple[_Change, ...] = (
    *map(_in_lines, (_doubled, _gone, _swapped, _moved_in, _from_elsewhere, _another_value, _many)),
    *(_another_word, _another_word, _another_word, _noise, _cut, _torn, _joined, _deep, _long),
)

"""Formatting real files, mutated: never a different machine, and the second time nothing."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsl.compiler import compile_project
from dsl.format import format_project
from dsl.project import read_folder
from tests.dsl.projects import shop_files, small_files

JOURNEY = """\
# What a head can look like.
eligible if: >
  points > 1 and
  tier is "gold"

exclude if:                # two reasons
- points > 100
- "first_name is \\"Nobody\\""
notes: |
  One.

    Two, further in.
steps:
  # first
  - id: hi
    send: hello
    to first of: [push,
      email if points > 2]
  - id: pause
    wait: 1 day
  - if: hi was sent
    then:
    - set profile: {points: = points + 1}
    # and out
    - stop: 'it''s done'
    else:
      - id: bye
        split:
          a 50%:
            - stop: a
          b 50%: [{stop: b}]
# The end.
"""
PIECES = [
    "", "\n", " ", "  ", "    ", "- ", "- - ", "#", "# x\n", ": ", "|", "> ", "[", "{", '"', "'",
    "“", "\n\n", "\t", "---\n", "? ", "&a ", "\r\n", "\u2028", "é",
]  # fmt: skip
HOUSE = Path(__file__).resolve().parents[3]


@cache
def retail() -> Mapping[str, str]:
    return read_folder(HOUSE / "examples" / "online_retail").files


@cache
def version_of_retail() -> str:
    project = compile_project(retail()).project
    assert project is not None
    return project.version


def formatted(files: Mapping[str, str]) -> dict[str, str]:
    return {**files, **format_project(files).changed}


# ---------------------------------------------------------- written differently, meant the same


def respelt(text: str, chance: random.Random) -> str:
    """Keys of several words with other signs between them."""

    def other(found: re.Match[str]) -> str:
        words = found[2].split(" ")
        joined = chance.choice("_- ").join(words)
        return found[1] + (joined.upper() if chance.random() < 0.3 else joined) + ":"

    keys = r"eligible if|exclude if|goal within|frequency caps|if already inside|set profile"
    keys += r"|wait until|wait for|to first of|to all of|expires after|at most|quiet hours"
    keys += r"|when capped|time zone|reachable when|show if|required in|for each"
    return re.sub(rf"(?m)^([ -]*)({keys}):", other, text)


def spread(text: str, chance: random.Random) -> str:
    """Other numbers of blanks for each level."""
    factor = chance.choice([1, 2, 3])
    return re.sub(
        r"(?m)^( *)(- +)?",
        lambda found: found[1] * factor + ("-" + " " * (2 * factor - 1) if found[2] else ""),
        text,
    )


def shuffled(text: str, chance: random.Random) -> str:
    """The keys of a journey's head in any order."""
    if not text.startswith("journey:"):
        return text
    first, *parts = re.split(r"(?m)^(?=[a-z])", text)[1:]
    chance.shuffle(parts)
    return first + "".join(part if part.endswith("\n") else part + "\n" for part in parts)


def spaced(text: str, chance: random.Random) -> str:
    """Blanks at the ends of lines, comments and empty lines between steps."""
    if not text.startswith("journey:"):
        return text  # in the texts of messages, blanks mean something
    lines = []
    for line in text.split("\n"):
        if line.lstrip().startswith("- id") and chance.random() < 0.3:
            lines += ["", f"{' ' * chance.randint(0, 9)}# a word from the author"]
        lines.append(line + "  " if line and chance.random() < 0.2 else line)
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(6))
def test_whatever_way_it_is_written_it_means_the_same(seed: int) -> None:
    chance = random.Random(seed)
    rewrites = [respelt, spread, shuffled, spaced]
    chance.shuffle(rewrites)
    files = dict(retail())
    for rewrite in rewrites[: chance.randint(2, 4)]:
        files = {path: rewrite(text, chance) for path, text in files.items()}
    done = formatted(files)
    project = compile_project(done).project

    assert project is not None
    assert project.version == version_of_retail()
    assert formatted(done) == done


@pytest.mark.parametrize("seed", range(3))
def test_however_it_was_written_it_is_written_in_one_way(seed: int) -> None:
    chance = random.Random(seed)
    plain = formatted(retail())
    files = {
        path: shuffled(spread(respelt(text, chance), chance), chance)
        for path, text in plain.items()
    }
    done = formatted(files)

    assert files != plain
    assert {path: text for path, text in done.items() if text.split() != plain[path].split()} == {}


def test_the_example_project_says_the_same_afterwards() -> None:
    files = shop_files()

    def said(texts: Mapping[str, str]) -> Counter[tuple[str, str, str]]:
        found = compile_project(texts).diagnostics
        return Counter((one.code, one.span.path, one.message) for one in found)

    assert said(formatted(files)) == said(files)


# ------------------------------------------------------------------------ any text that there is


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_file_with_anything_in_it_is_formatted_once_or_left_alone(data: st.DataObject) -> None:
    files = small_files(JOURNEY)
    path = data.draw(st.sampled_from([*sorted(files), "journey.yaml"]))
    text = files[path]
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(text)))
        length = data.draw(st.integers(0, 12))
        put = data.draw(st.sampled_from(PIECES))
        text = text[:at] + put + text[at + length :]
    files[path] = text
    done = formatted(files)
    before, after = compile_project(files).project, compile_project(done).project

    assert formatted(done) == done
    if before is not None:
        assert after is not None
        assert after.version == before.version


def test_the_example_is_in_canonical_form() -> None:
    assert format_project(retail()).changed == {}

"""``channels/README.md`` says what is so: its snippets stand in the example, which is run by
``tests/examples/test_custom_adapter.py``, and what it links to is there.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from channels.outcome import FailureClass

HOUSE = Path(__file__).parents[2]
EXAMPLE = HOUSE / "examples" / "custom_adapter"
GUIDE = (HOUSE / "channels" / "README.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"^```\w*\n# (\S+)\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("name", "snippet"), SNIPPETS)
def test_every_line_of_a_snippet_stands_in_the_example_in_that_order(
    name: str, snippet: str
) -> None:
    lines = iter((EXAMPLE / name).read_text(encoding="utf-8").splitlines())
    missing = [line for line in snippet.splitlines() if line and line not in lines]

    assert missing == []


def test_every_part_of_the_example_is_shown() -> None:
    shown = {name for name, _ in SNIPPETS}
    parts = {*EXAMPLE.glob("wayline_kite/[a-z]*"), EXAMPLE / "pyproject.toml"}

    assert GUIDE.count("```") == 2 * len(SNIPPETS)
    assert {path.relative_to(EXAMPLE).as_posix() for path in parts if path.is_file()} <= shown


def test_what_it_links_to_is_there() -> None:
    for guide in (HOUSE / "channels" / "README.md", EXAMPLE / "README.md"):
        links = re.findall(r"\]\(([^)#]+)\)", guide.read_text(encoding="utf-8"))
        assert [link for link in links if not (guide.parent / link).exists()] == []


@pytest.mark.parametrize("failure", FailureClass)
def test_it_tells_of_every_class_of_failure(failure: FailureClass) -> None:
    assert f"`Rejected({failure.name}, …)`" in GUIDE

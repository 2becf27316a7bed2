"""Mermaid flowcharts: every step is a box, every way an edge."""

from __future__ import annotations

import re

from dsl.machine import Machine
from dsl.mermaid import mermaid
from tests.dsl.projects import compile_small


def machine(rest: str) -> Machine:
    project = compile_small(rest).project
    assert project is not None
    return project.machines["first"]


def test_a_journey_from_top_to_bottom() -> None:
    drawn = mermaid(
        machine("""\
steps:
  - {id: pause, wait: 1 day}
  - {id: hi, send: hello, to first of: [push, email], expires after: 2 days}
  - stop: done
""")
    )

    assert (
        drawn
        == """\
flowchart TD
  start(["Starts on purchase"])
  start --> s0
  s0("Wait 1 day")
  s0 --> s1
  s1[/"Send hello<br/>on push, else email<br/>within 2 days"/]
  s1 --> s2
  s2(["Stop: done"])
"""
    )


def test_branches_come_together_again() -> None:
    drawn = mermaid(
        machine("""\
steps:
  - if: tier is "gold" and points >= 3
    then:
      - {id: hi, send: hello, to: push}
  - {id: pause, wait: 1 day}
""")
    )

    assert 's0{"tier is #34;gold#34; and points #62;= 3?"}' in drawn
    edges = re.findall(r"(\w+) -->(?:\|\"(\w+)\"\|)? ?(\w+)", drawn)
    ask, hi, pause = "s0", "s1", "s3"
    assert (ask, "yes", hi) in edges
    assert (ask, "no", pause) in edges or (ask, "no", "s2") in edges
    assert len({target for _, _, target in edges if target == pause}) <= 1


def test_every_edge_leads_to_a_box() -> None:
    drawn = mermaid(
        machine("""\
steps:
  - id: again
    repeat: up to 3 times
    do:
      - {id: pause, wait: 1 day}
      - id: test
        split:
          a 50%: [{stop: a}]
          b 50%: [{id: hi, send: hello, to: push}]
  - id: back
    wait for: refund
    at most: 1 day
    otherwise: [{stop: late}]
""")
    )
    boxes = set(re.findall(r"^  (\w+)[(\[{]", drawn, re.MULTILINE))
    ends = {end for pair in re.findall(r"^  (\w+) -.*?(\w+)$", drawn, re.MULTILINE) for end in pair}

    assert ends == boxes
    assert '-.->|"again"| ' in drawn


def test_no_sign_of_a_text_is_taken_for_mermaids_own() -> None:
    drawn = mermaid(machine("steps:\n  - stop: '\"]) <b>#x`{|'\n"))

    assert '(["Stop: #34;#93;) #60;b#62;#35;x#96;#123;#124;"])' in drawn

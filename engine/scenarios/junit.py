"""Results as JUnit XML, which every build server can read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from xml.etree import ElementTree as ET

from engine.scenarios.result import Played
from engine.scenarios.show import as_text

__all__ = ["junit_xml"]

_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_xml(played: Iterable[Played]) -> str:
    """One test suite for each file, one test case for each scenario."""
    suites = ET.Element("testsuites", name="wayline test")
    every = list(played)
    for path, group in groupby(every, key=lambda each: each.scenario.path):
        cases = list(group)
        suite = ET.SubElement(suites, "testsuite", {"name": _clean(path), **_counts(cases)})
        for each in cases:
            suite.append(_case(each))
    suites.attrib.update(_counts(every))
    ET.indent(suites)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(suites, "unicode") + "\n"


def _case(played: Played) -> ET.Element:
    scenario = played.scenario
    case = ET.Element(
        "testcase",
        classname=_clean(scenario.journey),
        name=_clean(scenario.name),
        file=_clean(scenario.path),
        line=str(scenario.line),
        time=f"{played.seconds:.6f}",
    )
    if played.failures:
        first = played.failures[0]
        failure = ET.SubElement(
            case,
            "failure",
            message=_clean(f"line {first.line}: expected {first.expected}, but {first.but}"),
        )
        failure.text = _clean("\n".join(text for _, text in as_text(played)))
    return case


def _counts(cases: list[Played]) -> dict[str, str]:
    return {
        "tests": str(len(cases)),
        "failures": str(sum(bool(each.failures) for each in cases)),
        "errors": "0",
        "time": f"{sum(each.seconds for each in cases):.6f}",
    }


def _clean(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return _UNWRITABLE.sub("?", text)

"""A project of any size, generated: journeys as real teams have them, each with its messages.

Every journey differs from the next in names, times and rules, every sixth has scenarios, and between
them they use everything the language has. The same size gives the same project.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.generated_texts import (
    FOLLOWER,
    FRAGMENT,
    JOURNEY,
    LONG,
    LONG_MESSAGES,
    MESSAGES,
    MODULES,
    PLAN,
    POLICY,
    STARTS,
    TESTS,
)

__all__ = ["project", "write"]


def project(journeys: int) -> dict[str, str]:
    """The files of a project with so many journeys, by path."""
    segments = max(1, journeys // 10)
    files = {
        "tracking_plan.yaml": PLAN,
        "policy.yaml": POLICY,
        "modules.yaml": MODULES,
        "ask_for_phone.yaml": FRAGMENT,
        "segments.yaml": "segments:\n"
        + "".join(
            f"  segment_{n}:\n    who: sum of purchase.total in the last {n + 30} days >= {n} EUR\n"
            for n in range(segments)
        ),
    }
    for n in range(journeys):
        values = {
            "n": n,
            "priority": n % 101,
            "amount": 10 + n % 90,
            "days": 2 + n % 28,
            "hours": 1 + n % 9,
            "segment": n % segments,
            "other": (n * 7 + 1) % journeys,
            "inside": ("move", "stay")[n % 2],
            "follower": n - n % 6 + 5,
        }
        head, said = JOURNEY, MESSAGES
        if n % 6 == 5:
            head, said = FOLLOWER, LONG_MESSAGES
        elif n % 6 and n - n % 6 + 5 < journeys:
            head, said = LONG, LONG_MESSAGES
            values["start"] = STARTS[n % 6 - 1].format(**values)
        files[f"journeys/{n}/journey.yaml"] = head.format(**values)
        files[f"journeys/{n}/messages.yaml"] = said.format(**values)
        if n % 6 == 0:
            files[f"tests/{n}.yaml"] = TESTS.format(**values)
    return files


def write(folder: Path, journeys: int) -> None:
    """Writes such a project into a folder."""
    for path, text in project(journeys).items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

"""The report of a simulation: one HTML file that needs nothing else, not even a script."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, StrictUndefined

from dsl.calendar import Instant, local
from dsl.plan import BUILT_IN_EVENTS
from engine.report.charts import bars, days_chart
from engine.report.journeys import JourneyPage, journey_page
from engine.simulate.simulation import Simulation
from engine.simulate.tally import JourneyTally, Tally
from engine.why.reasons import not_sent_words

__all__ = ["html_report"]

_TEMPLATE = Path(__file__).with_name("report.html.jinja")
_USUAL = ("email", "push", "sms", "whatsapp")


def html_report(simulation: Simulation) -> str:
    """The page. The same simulation gives the same bytes."""
    project, tally = simulation.project, simulation.tally
    zone = ZoneInfo(project.policy.zone)
    start, end = _day(simulation.start, zone), _day(simulation.end, zone)
    channels = _in_order({channel for found in tally.days.values() for channel in found})
    pages = _pages(simulation)
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["number"] = lambda value: f"{value:,}"
    environment.filters["day"] = lambda day: f"{day.day} {day:%B %Y}"
    template = environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))
    return template.render(
        name=project.name.replace("_", " "),
        version=project.version,
        start=start,
        end=end,
        tally=tally,
        events=_events(simulation),
        refused=simulation.refused,
        journeys=pages,
        totals=_totals(pages),
        channels=channels,
        sent=_by_channel(tally),
        chart=days_chart(tally.days, channels, start, end),
        not_sent=bars(_reasons(tally)),
        passed_over=_passed_over(tally, channels),
        capped=bars(tally.capped),
    )


def _day(instant: Instant, zone: ZoneInfo) -> date:
    return local(instant, zone).date()


def _events(simulation: Simulation) -> list[tuple[str, int]]:
    """What people did, most often first, in the words of the tracking plan."""
    known = simulation.project.plan.events
    named = {name: known[name].plural or name.replace("_", " ") for name in known}
    return [
        (named[name], count)
        for name, count in sorted(simulation.tally.events.items(), key=lambda e: (-e[1], e[0]))
        if name not in BUILT_IN_EVENTS
    ]


def _pages(simulation: Simulation) -> list[JourneyPage]:
    machines = sorted(simulation.project.machines.values(), key=lambda m: (-m.priority, m.journey))
    nothing = JourneyTally()
    return [journey_page(m, simulation.tally.journeys.get(m.journey, nothing)) for m in machines]


def _in_order(channels: set[str]) -> list[str]:
    return [*(c for c in _USUAL if c in channels), *sorted(channels - set(_USUAL))]


def _totals(pages: list[JourneyPage]) -> dict[str, Any]:
    return {
        "entered": sum(page.entered for page in pages),
        "held_out": sum(page.held_out for page in pages),
        "sent": sum(page.sent for page in pages),
        "not_sent": sum(bar.number for page in pages for bar in page.not_sent),
        "converted": sum(page.live[0] for page in pages),
    }


def _by_channel(tally: Tally) -> Counter[str]:
    sent: Counter[str] = Counter()
    for journey in tally.journeys.values():
        sent.update(journey.sent)
    return sent


def _reasons(tally: Tally) -> Counter[str]:
    reasons: Counter[str] = Counter()
    for journey in tally.journeys.values():
        for reason, count in journey.not_sent.items():
            reasons[not_sent_words(reason)] += count
    return reasons


def _passed_over(tally: Tally, channels: list[str]) -> list[tuple[str, dict[str, int]]]:
    """Reasons down, channels across."""
    table: dict[str, Counter[str]] = {}
    for journey in tally.journeys.values():
        for channel, reasons in journey.passed_over.items():
            for reason, count in reasons.items():
                table.setdefault(not_sent_words(reason), Counter())[channel] += count
    rows = sorted(table.items(), key=lambda row: (-sum(row[1].values()), row[0]))
    return [(reason, {channel: found[channel] for channel in channels}) for reason, found in rows]

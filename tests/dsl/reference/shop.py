"""The shop that dsl/README.md speaks of, as it stands there, and Ada, who buys in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

from dsl import kinds
from dsl.calendar import DAY, Instant, at_local, local
from dsl.compile.events import event_record
from dsl.compiler import Compiled, compile_project
from dsl.expr.context import Context, Happened, NoFacts, StepRecord, Wording
from dsl.expr.scope import Names, Scope, StepName
from dsl.machine import Project
from dsl.policy import ConsentRule

__all__ = ["FILE", "Shop", "fences"]

FILE = Path(__file__).resolve().parents[3] / "dsl" / "README.md"

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_JOURNEY = {
    "journey": "journey: example\n",
    "category": "category: promotional\n",
    "status": "status: live\n",
    "trigger": "trigger: {event: review_written}\n",
    "steps": "steps: [{stop: enough}]\n",
}


def fences(text: str) -> Iterator[tuple[str, str]]:
    """The fenced blocks of a document: language and text."""
    for found in _FENCE.finditer(text):
        yield found[1], found[2]


class Shop:
    """The project in the text of the reference."""

    def __init__(self, text: str) -> None:
        blocks = [block.partition("\n") for language, block in fences(text) if language == "yaml"]
        self.files = {
            first.removeprefix("# shop/"): rest
            for first, _, rest in blocks
            if first.startswith("# shop/")
        }
        self.compiled = compile_project(self.files)
        assert self.compiled.project is not None, self.compiled.diagnostics
        self.project: Project = self.compiled.project
        self.inside = self.project.machines["cart_reminder"]

    def with_journey(self, block: str) -> Compiled:
        """The shop with one more journey, of which the block says some keys."""
        written = {line.split(":")[0] for line in block.split("\n") if re.match(r"[a-z]", line)}
        rest = "".join(lines for key, lines in _JOURNEY.items() if key not in written)
        head, tail = ("", block) if "journey" in written else (_JOURNEY["journey"], block)
        rest = rest.removeprefix(head)
        return compile_project({**self.files, "example.yaml": head + tail + rest})

    def scope(self) -> Scope:
        """A place in the journey of the shop, after its last step."""
        policy, plan = self.project.policy, self.project.plan
        answered = plan.events["message_replied"]
        return Scope(
            plan,
            Names(
                segments=frozenset(self.project.segments),
                journeys=frozenset(self.project.machines),
                channels=frozenset(policy.channels),
                categories=frozenset(policy.categories),
            ),
            trigger=event_record(plan.events["cart_updated"]),
            entry=True,
            variables={"threshold": kinds.Money("EUR")},
            steps={
                "nudge": StepName("send"),
                "answer": StepName("wait", event_record(answered)),
                "offer": StepName("split"),
                "tries": StepName("repeat"),
            },
        )

    def ada(self) -> Context:
        """What is known of Ada, two days into the journey."""
        given = self.compiled.scenarios[0].given
        history: dict[str, list[Happened]] = {}
        for number, past in enumerate(sorted(given.history, key=lambda one: one.occurred)):
            one = Happened(past.event, past.occurred, past.occurred, number, past.properties)
            history.setdefault(past.event, []).append(one)
        trigger = history["cart_updated"][-1]
        reached = given.reachable
        assert reached is not None
        return Context(
            now=given.start,
            zone=ZoneInfo(given.zone),
            attributes=given.attributes,
            history=history,
            trigger=trigger,
            entry=trigger.occurred,
            variables={"threshold": 5000},
            steps={
                "nudge": StepRecord(time=given.start - DAY, channel="push"),
                "offer": StepRecord(path="voucher", time=given.start - DAY),
                "tries": StepRecord(round=2),
            },
            facts=Known(self.project, frozenset(reached)),
            holidays=self.project.policy.holidays,
        )

    def nobody(self) -> Context:
        """Somebody of whom nothing is known, at the same moment."""
        ada = self.ada()
        return Context(now=ada.now, zone=ada.zone, facts=Known(self.project, frozenset()))


@dataclass(frozen=True, slots=True)
class Known(NoFacts):
    """What a rule asks beyond attributes and events, answered from the history and the project."""

    project: Project
    reached: frozenset[str]
    inside: frozenset[str] = field(default=frozenset({"cart_reminder"}))

    def reachable(self, channel: str, _: Context) -> bool:
        return channel in self.reached

    def window_open(self, channel: str, context: Context) -> bool:
        return any(
            one.properties.get("channel") == channel and one.occurred > context.now - DAY
            for one in context.history.get("message_replied", ())
        )

    def subscribed(self, category: str, _: str | None, context: Context) -> bool:
        consent = self.project.policy.categories[category].consent
        return not isinstance(consent, ConsentRule) or consent.rule.holds(context)

    def in_segment(self, segment: str, context: Context) -> bool:
        return self.project.segments[segment].who.holds(context)

    def in_journey(self, journey: str, context: Context) -> bool:
        return context.entry is not None and journey in self.inside

    def messaged(
        self,
        channel: str | None,
        category: str | None,
        journey: str | None,
        start: Instant | None,
        end: Instant | None,
        context: Context,
    ) -> bool:
        asked = {"channel": channel, "category": category, "journey": journey}
        return any(
            (start is None or one.occurred >= start)
            and (end is None or one.occurred < end)
            and all(one.properties.get(key) == value for key, value in asked.items() if value)
            for one in context.history.get("message_sent", ())
        )

    def outcome(self, step: str, what: str, within: Instant | None, context: Context) -> bool:
        names: Mapping[str, str] = {"answered": "replied", "bounced": "failed"}
        return any(
            one.properties.get("step") == step and (within is None or one.occurred <= within)
            for one in context.history.get(f"message_{names.get(what, what)}", ())
        )

    def said(self, wording: Wording, _: Context) -> str:
        return wording.text

    def best_time(self, _: str | None, start: Instant, end: Instant, context: Context) -> Instant:
        """Ada looks at her messages at six in the evening."""
        evening = at_local(local(start, context.zone).date(), time(18), context.zone)
        return evening if start <= evening < end else start

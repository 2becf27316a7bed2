"""The steps of a journey in words: one sentence for each, what branches off below it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from dsl.explain.moments import moment_words
from dsl.explain.phrases import channel_words, joined, plain, singular_of, with_article
from dsl.explain.rules import Wording
from dsl.explain.values import constant_words
from dsl.expr import typed_value as tv
from dsl.graph import Block, Lane, Row, steps_from
from dsl.kinds import OneOf
from dsl.machine import (
    Again,
    Branch,
    Call,
    Emit,
    End,
    Formula,
    Instruction,
    Learning,
    Let,
    Listen,
    ListenFor,
    Loop,
    Machine,
    Project,
    Rule,
    Send,
    SetProfile,
    Split,
    StartJourney,
    Stop,
    Timer,
    Until,
)

__all__ = ["Line", "formula_words", "percent", "step_in_words", "steps_in_words"]

_ANSWERS = {
    "message_delivered": "delivered",
    "message_opened": "opened",
    "message_clicked": "clicked",
    "message_replied": "answered",
}
_UNTOLD = (End, Again)  # the end of the list, and of a round


@dataclass(frozen=True, slots=True)
class Line:
    """One line, so many levels in. ``number`` is that of a step, empty for a branch."""

    level: int
    number: str
    text: str


def steps_in_words(machine: Machine, wording: Wording, start: int = 0) -> list[Line]:
    """Every step from ``start`` on, from top to bottom; jumps and ends have no line."""
    return list(_Teller(machine, wording).block(steps_from(machine, start), 0))


def step_in_words(machine: Machine, project: Project, step: Instruction) -> str:
    """One step by itself, without what branches off below it."""
    teller = _Teller(machine, Wording(project.plan))
    said = f"{teller.sentence(step).removesuffix(':').removesuffix('.')}."
    match step:
        case Branch(cases=cases) if len(cases) > 1:
            rules = [teller.rule(case.when) for case in cases]
            return f"{said.removesuffix('.')}: {'; '.join(rules)}."
        case Split(paths=paths):
            shares = [f"{percent(path.share)} {path.name}" for path in paths]
            return f"{said} {joined(shares, 'and')}."
        case _:
            return said


def formula_words(formula: Formula, wording: Wording) -> str:
    """A value in words, of the kind that is expected of it."""
    match formula.meaning:
        case None:  # words as they were written
            return formula.text.strip('"') if isinstance(formula.kind, OneOf) else formula.text
        case tv.Constant(value=value):
            return constant_words(formula.kind, value)
        case meaning:
            return wording.value(meaning)  # type: ignore[arg-type]


def percent(share: Decimal) -> str:
    """``10%``."""
    return f"{(share * 100).normalize():f}%"


class _Teller:
    def __init__(self, machine: Machine, wording: Wording) -> None:
        self.machine = machine
        self.wording = wording

    def block(self, block: Block, level: int) -> Iterator[Line]:
        number = 0
        for row in block.rows:
            step = self.machine.code[row.node.index]
            if isinstance(step, _UNTOLD):
                continue
            number += 1
            name = f" ({row.node.name})" if row.node.name else ""
            yield Line(level, _numbered(number, level), f"{self.sentence(step, row)}{name}")
            for lane in row.lanes:
                yield from self._lane(step, lane, row, level)

    def _lane(self, step: Instruction, lane: Lane, row: Row, level: int) -> Iterator[Line]:
        inside = [
            one
            for one in lane.block.rows
            if not isinstance(self.machine.code[one.node.index], _UNTOLD)
        ]
        words = [
            text for text, target in self._ways(step) if any(target == raw for _, raw in lane.edges)
        ]
        head = joined(words, "or") or lane.label
        if inside and head == "Then" and isinstance(step, Branch):
            yield from self.block(lane.block, level + 1)
        elif inside:
            yield Line(level + 1, "", f"{head}:")
            yield from self.block(lane.block, level + 1)
        elif not lane.open:
            yield Line(level + 1, "", f"{head}: the journey ends.")
        elif head not in ("Otherwise", "Not at all"):
            yield Line(level + 1, "", f"{head}: goes on.")

    # -- one step

    def sentence(self, step: Instruction, row: Row | None = None) -> str:
        match step:
            case Timer():
                return f"Waits {self.formula(step.length)}."
            case Until():
                return self._until(step)
            case Listen():
                return self._listen(step)
            case Send():
                return self._send(step)
            case Branch(cases=(case,)):
                return f"If {self.rule(case.when)}:"
            case Branch():
                return "The first of these that fits:"
            case Split(learning=Learning(target=target, exploring=exploring)):
                return (
                    "Divides people by what it learns: the more often it is true after a path that"
                    f" {self.rule(target)}, the more people get that path. {percent(exploring)} of"
                    " them go on being divided equally."
                )
            case Split():
                same = (
                    "drawn anew at every entry"
                    if step.every_time
                    else "always the same for a person"
                )
                return f"Divides people by chance; the path is {same}."
            case SetProfile():
                values = [f"{plain(name)} to {self.formula(value)}" for name, value in step.values]
                return f"Sets {joined(values, 'and')}."
            case Let():
                values = [f"{plain(name)}: {self.formula(value)}" for name, value in step.values]
                return f"Notes {joined(values, 'and')}."
            case Emit():
                event = singular_of(self.wording.event(step.event))
                return f"Records {with_article(event)}{self._with(step.values)}."
            case Call():
                return self._call(step)
            case Loop():
                return self._loop(step)
            case StartJourney():
                verb = "Leaves for" if step.leaves else "Starts"
                return f"{verb} the journey {step.journey}{self._with(step.values)}."
            case Stop():
                return f"Leaves: {step.reason}."
            case _ if row is None:
                return f"{type(step).__name__}."
            case _:  # what has no sentence of its own is told as it is drawn
                return f"{'. '.join((row.node.title, *row.node.lines))}."

    def _loop(self, step: Loop) -> str:
        parts = [f"Repeats up to {step.times} times"]
        if step.holds is not None:
            parts.append(f"as long as {self.rule(step.holds)}")
        parts += [
            f"until {self.rule(one.until)}"
            for one in self.machine.code
            if isinstance(one, Again) and one.loop == step.id and one.until is not None
        ]
        return f"{', '.join(parts)}."

    def _until(self, step: Until) -> str:
        parts = [f"Waits until {moment_words(step.target, self.wording)}"]
        if step.after is not None:
            parts.append(f"at least {self.formula(step.after)} later")
        if step.at_most is not None:
            parts.append(f"at most {self.formula(step.at_most)}")
        said = f"{', '.join(parts)}."
        if isinstance(step.target, Rule):
            return said
        if step.past is None:
            return f"{said} If that is already over: leaves."
        return (
            said
            if step.past == step.then
            else f"{said} If that is already over: skips the next step."
        )

    def _listen(self, step: Listen) -> str:
        heard = joined([self._heard(one) for one in step.entries if not one.restart], "or")
        again = joined([self._heard(one) for one in step.entries if one.restart], "or")
        said = f"Waits for {heard}, at most {self.formula(step.at_most)}."
        if again:
            said += f" {again[:1].upper()}{again[1:]} starts the wait again."
        if step.looking_back is not None:
            said += f" It may have happened up to {self.formula(step.looking_back)} before."
        return said

    def _call(self, step: Call) -> str:
        most = "" if step.at_most is None else f", at most {self.formula(step.at_most)}"
        then = "leaves" if step.failed is None else "goes on without it"
        said = f"Asks the web service {step.service}{self._with(step.values)}"
        return f"{said}, and waits for its answer{most}. If there is none: {then}."

    def _heard(self, entry: ListenFor) -> str:
        noun = with_article(singular_of(self.wording.event(entry.event)))
        if entry.where is None:
            return noun
        return f"{noun}{self.wording.asked(self.wording.test(entry.where.meaning))}"

    def _send(self, step: Send) -> str:
        ways = [
            f"by {channel_words(one.channel)}"
            + ("" if one.when is None else f" if {self.rule(one.when)}")
            for one in step.choices
        ]
        said = joined(ways, "and") if step.every else ", else ".join(ways)
        if any(one.when is not None for one in step.choices):
            said = " and ".join(ways) if step.every else "; else ".join(ways)
        parts = [f"Sends {step.message} {said}{self._with(step.values)}."]
        if step.category != self.machine.category:
            parts.append(f"This one is {step.category}.")
        if step.expires is not None:
            parts.append(f"Given up after {self.formula(step.expires)}.")
        if step.escalation is not None:
            events = [_ANSWERS[one] for one in _ANSWERS if one in step.escalation.events]
            after = self.formula(step.escalation.after)
            parts.append(f"After {after} the next channel follows, unless {joined(events, 'or')}.")
        return " ".join(parts)

    def _with(self, values: tuple[tuple[str, Formula], ...]) -> str:
        said = [f"{plain(name)}: {self.formula(value)}" for name, value in values]
        return f", with {joined(said, 'and')}" if said else ""

    # -- ways out

    def _ways(self, step: Instruction) -> list[tuple[str, int]]:
        """The ways out of a step in words, with the instruction each leads to."""
        match step:
            case Until(target=Rule()):
                return [("When it holds", step.then), ("Not in time", step.otherwise)]
            case Until():
                past = [] if step.past is None else [("Already over", step.past)]
                return [("Then", step.then), *past]
            case Listen():
                heard = [(self._heard(one), one.then) for one in step.entries if not one.restart]
                if len(heard) == 1:
                    heard = [("In time", heard[0][1])]
                return [*(_opened(one) for one in heard), ("Not in time", step.otherwise)]
            case Branch(cases=(case,)):
                return [("Then", case.then), ("Otherwise", step.otherwise)]
            case Branch():
                cases = [_opened((self.rule(case.when), case.then)) for case in step.cases]
                return [*cases, ("Otherwise", step.otherwise)]
            case Split(learning=None):
                return [(f"{percent(path.share)} {path.name}", path.then) for path in step.paths]
            case Split():
                return [(path.name, path.then) for path in step.paths]
            case Loop():
                return [("In every round", step.then), ("Not at all", step.otherwise)]
            case _:
                return []

    def rule(self, rule: Rule) -> str:
        return self.wording.clause(rule.meaning)

    def formula(self, formula: Formula) -> str:
        return formula_words(formula, self.wording)


def _opened(way: tuple[str, int]) -> tuple[str, int]:
    return f"{way[0][:1].upper()}{way[0][1:]}", way[1]


def _numbered(number: int, level: int) -> str:
    if level % 2 == 0:
        return f"{number}."
    letter = chr(ord("a") + (number - 1) % 26)
    return f"{letter * ((number - 1) // 26 + 1)}."

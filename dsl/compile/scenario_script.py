"""The script of a scenario: what happens and what is expected, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from dsl.calendar import add
from dsl.compile.events import known_event
from dsl.compile.scenario_given import Known, People
from dsl.compile.scenario_values import (
    Clock,
    in_range,
    plain,
    read_clock,
    read_fields_of,
    read_happened,
)
from dsl.diagnostics import Diagnostic
from dsl.files.reading import error, read
from dsl.files.scenarios import (
    BECAUSE_NOT,
    SCRIPT,
    CalledPart,
    EmittedPart,
    EventPart,
    LeftPart,
    NothingPart,
    NotStartedPart,
    PassPart,
    ProfilePart,
    ScriptPart,
    SentPart,
    StartPart,
    UntilPart,
)
from dsl.lengths import read_length
from dsl.machine import ApiTrigger, Call, Emit, JourneyTrigger, Machine, Send, Stop
from dsl.message import Message
from dsl.scenario import (
    NOT_SENT,
    NOT_STARTED,
    OUTCOMES,
    Becomes,
    Does,
    ExpectCalled,
    ExpectEmitted,
    ExpectLeft,
    ExpectNothing,
    ExpectNotStarted,
    ExpectSent,
    Passes,
    ScriptStep,
    Starts,
)
from dsl.source import Text
from dsl.spelling import did_you_mean
from dsl.yaml import Entry, Items, Map, Node, same_key

__all__ = ["compile_script"]

_SERVICES = "Name it in the policy, under: webhooks"
_EXAMPLE = "For example: expect sent: cart_reminder"


def compile_script(
    items: Items, machine: Machine | None, clock: Clock, known: Known, found: list[Diagnostic]
) -> tuple[ScriptStep, ...]:
    """The steps, as far as they can be understood. The clock is moved along."""
    reader = _Reader(machine, clock, known, found)
    made = (reader.step(item) for item in items)
    return tuple(step for step in made if step is not None)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one script. ``machine`` None: the journey has mistakes, so less can be checked."""

    machine: Machine | None
    clock: Clock
    known: Known
    found: list[Diagnostic]

    def step(self, item: Node) -> ScriptStep | None:
        """One line of the script."""
        if isinstance(item, Text) and same_key(item) == same_key("expect nothing"):
            return ExpectNothing(item.line)
        verb = self._verb(item)
        if verb is None or not isinstance(item, Map):
            return None
        name = next(name for name in SCRIPT if same_key(name) == same_key(verb))
        because = [each for each in item if _is_because(each.key)] if name == "expect sent" else []
        rest = Map(tuple(each for each in item if each not in because), item.start)
        part = read(SCRIPT[name], rest, f'"{name}"', self.found)
        return None if part is None else self._made(part, verb.line, because)

    def _verb(self, item: Node) -> Text | None:
        """The key that says which line this is."""
        if not isinstance(item, Map) or not len(item):
            hint = did_you_mean(item, SCRIPT) if isinstance(item, Text) else None
            message = "Here should be a step of the script: a key and a value."
            self.found.append(error("S02", item.span(), message, hint or _EXAMPLE))
            return None
        verbs = {same_key(name) for name in SCRIPT}
        keys = [entry.key for entry in item]
        present = [key for key in keys if same_key(key) in verbs]
        if len(present) > 1:
            message = f'"{present[0]}" and "{present[1]}" are two steps of the script.'
            hint = 'Start the second one on a line of its own, with "- ".'
            self.found.append(error("S03", present[1].span(), message, hint))
            return None
        if present:
            return present[0]
        hint = did_you_mean(keys[0], SCRIPT) or f"Possible here: {', '.join(SCRIPT)}"
        message = f'"{keys[0][:60]}" is not a step of a script.'
        self.found.append(error("S02", keys[0].span(), message, hint))
        return None

    def _made(self, part: ScriptPart, line: int, because: Sequence[Entry]) -> ScriptStep | None:
        match part:
            case EventPart(event=Text()):
                return self._event(part, line)
            case ProfilePart(profile=Map() as node):
                people = People(self.known, self.clock.zone, self.found)
                at = part.key_of("profile") or Text.of("profile")
                attributes = MappingProxyType(people.attributes(node, at))
                return Becomes(line, attributes, MappingProxyType(people.addresses(node)))
            case StartPart(start=Text() as text):
                return self._start(part, text, line)
            case PassPart(pass_=Text() as text):
                return self._pass(text, line)
            case UntilPart(until=Text() as text):
                return self._until(text, line)
            case SentPart(expect_sent=Text() as text):
                return self._sent(part, text, line, because)
            case LeftPart(expect_left=Text() as text):
                return self._left(text, line)
            case EmittedPart(expect_emitted=Text()):
                return self._emitted(part, line)
            case CalledPart(expect_called=Text() as text):
                return self._called(text, line)
            case NotStartedPart(expect_not_started=Text() as text):
                self._check_reason(text, NOT_STARTED, "for not starting")
                return ExpectNotStarted(line, str(text))
            case NothingPart():
                return ExpectNothing(line)
            case _:
                return None  # its value could not be read, and that has been said

    # ------------------------------------------------------------------------ what happens

    def _event(self, part: EventPart, line: int) -> Does | None:
        assert part.event is not None
        event = known_event(part.event, self.known.plan, self.found)
        if event is None:
            return None
        occurred = self.clock.now
        if part.happened is not None:
            occurred = read_happened(part.happened, self.clock, self.found) or occurred
        zone = self.clock.zone
        values = read_fields_of(
            part.with_, event.properties, event.name, zone, self.found, at=part.event
        )
        return Does(line, event.name, occurred, MappingProxyType(values), str(part.id or ""))

    def _start(self, part: StartPart, name: Text, line: int) -> Starts | None:
        machine = self.machine
        if machine is None:
            return None
        if name != machine.journey:
            message = f'Only the journey under test runs, and that is "{machine.journey}".'
            self.found.append(error("S30", name.span(), message))
        calls = [way for way in machine.triggers if isinstance(way, ApiTrigger)]
        others = any(isinstance(way, JourneyTrigger) for way in machine.triggers)
        if part.by is None and not calls:
            message = f'The journey "{machine.journey}" is not started by a call.'
            hint = "Name the journey that starts it: by: ..." if others else None
            self.found.append(error("S30", name.span(), message, hint))
            return None
        if part.by is not None and not others:
            message = f'The journey "{machine.journey}" is not started by other journeys.'
            self.found.append(error("S30", part.by.span(), message))
            return None
        zone = self.clock.zone
        if part.by is None:
            fields = calls[0].inputs
            values = read_fields_of(part.with_, fields, "The call", zone, self.found, at=name)
        else:
            values = {} if part.with_ is None else plain(part.with_)
        return Starts(line, MappingProxyType(values), str(part.by or ""))

    def _pass(self, text: Text, line: int) -> Passes | None:
        length = read_length(text)
        if length is None:
            message = f'"{text[:60]}" is not a length of time.'
            self.found.append(error("S10", text.span(), message, "For example: pass: 2 hours"))
            return None
        clock = self.clock
        try:
            moved = add(clock.now, length, clock.zone, clock.holidays)
        except (OverflowError, ValueError):  # past the end of the calendar
            moved = 2**62
        if not in_range(moved, text, self.found):
            return None
        clock.now = moved
        return Passes(line, clock.now)

    def _until(self, text: Text, line: int) -> Passes | None:
        read = read_clock(text, self.clock.zone, self.found)
        if read is None:
            return None
        if read[0] < self.clock.now:
            message = "The clock is already past this moment: time only goes forward."
            hint = "Look at the lines above that move the clock: pass and until."
            self.found.append(error("S19", text.span(), message, hint))
            return None
        self.clock.now = read[0]
        return Passes(line, self.clock.now)

    # -------------------------------------------------------------------- what is expected

    def _sent(self, part: SentPart, name: Text, line: int, because: Sequence[Entry]) -> ExpectSent:
        message = self.known.messages.get(str(name))
        if name not in self.known.names.messages:
            hint = did_you_mean(name, self.known.names.messages)
            text = f'There is no message called "{name[:60]}".'
            self.found.append(error("N13", name.span(), text, hint))
        elif self.machine is not None:
            sent = [each.message for each in self._code() if isinstance(each, Send)]
            self._check_made(name, sent, "send", "It sends")
        if part.on is not None and self._is_channel(part.on):
            self._check_part(message, part.on)
        return ExpectSent(
            line,
            str(name),
            None if part.on is None else str(part.on),
            tuple(map(str, part.text_contains)),
            tuple(self._because(because)),
        )

    def _because(self, entries: Iterable[Entry]) -> Iterable[tuple[str, str]]:
        for entry in entries:
            channel = entry.key.part(len(BECAUSE_NOT)).trimmed()
            reason = entry.value
            if not isinstance(reason, Text) or not reason:
                message = f'Nothing stands after "{entry.key}".'
                hint = f"Possible here: {', '.join(NOT_SENT)}"
                self.found.append(error("S08", entry.key.span(), message, hint))
                continue
            self._is_channel(channel)
            self._check_reason(reason, NOT_SENT, "for passing over a channel")
            yield str(channel), str(reason)

    def _left(self, reason: Text, line: int) -> ExpectLeft:
        own = [each.reason for each in self._code() if isinstance(each, Stop)]
        if self.machine is not None:
            self._check_reason(reason, (*OUTCOMES, *dict.fromkeys(own)), "for leaving")
        return ExpectLeft(line, str(reason))

    def _emitted(self, part: EmittedPart, line: int) -> ExpectEmitted | None:
        assert part.expect_emitted is not None
        event = known_event(part.expect_emitted, self.known.plan, self.found)
        if event is None:
            return None
        if self.machine is not None:
            emitted = [each.event for each in self._code() if isinstance(each, Emit)]
            self._check_made(part.expect_emitted, emitted, "emit", "It emits", event.name)
        values = read_fields_of(
            part.with_,
            event.properties,
            event.name,
            self.clock.zone,
            self.found,
            at=part.expect_emitted,
            partly=True,
        )
        return ExpectEmitted(line, event.name, MappingProxyType(values))

    def _called(self, name: Text, line: int) -> ExpectCalled:
        if name not in self.known.policy.services:
            hint = did_you_mean(name, self.known.policy.services) or _SERVICES
            message = f'There is no web service called "{name[:60]}".'
            self.found.append(error("N24", name.span(), message, hint))
        elif self.machine is not None:
            called = [each.service for each in self._code() if isinstance(each, Call)]
            self._check_made(name, called, "call", "It calls")
        return ExpectCalled(line, str(name))

    # ------------------------------------------------------------------------------ checks

    def _code(self) -> Iterable[object]:
        return () if self.machine is None else self.machine.code

    def _check_made(
        self, name: Text, made: Sequence[str], verb: str, has: str, called: str = ""
    ) -> None:
        if self.machine is not None and (called or name) not in made:
            message = f'The journey "{self.machine.journey}" does not {verb} "{name}".'
            listed = f"{has}: {', '.join(dict.fromkeys(made))}" if made else f"{has} nothing."
            hint = did_you_mean(name, made) or listed
            self.found.append(error("S30", name.span(), message, hint))

    def _check_part(self, message: Message | None, channel: Text) -> None:
        if message is not None and channel not in message.forms:
            text = f'The message "{message.name}" has no part for {channel}.'
            hint = f"It has: {', '.join(message.forms) or 'nothing'}"
            self.found.append(error("M01", channel.span(), text, hint))

    def _is_channel(self, name: Text) -> bool:
        channels = self.known.policy.channels
        if name in channels:
            return True
        hint = did_you_mean(name, channels) or f"The policy has: {', '.join(channels)}"
        message = f'There is no channel called "{name[:60]}".'
        self.found.append(error("N09", name.span(), message, hint))
        return False

    def _check_reason(self, reason: Text, known: Sequence[str], what: str) -> None:
        if reason not in known:
            hint = did_you_mean(reason, known) or f"Possible here: {', '.join(known)}"
            message = f'"{reason[:60]}" is not a reason {what}.'
            self.found.append(error("N30", reason.span(), message, hint))


def _is_because(key: Text) -> bool:
    return same_key(key).startswith(same_key(BECAUSE_NOT)) and len(key) > len(BECAUSE_NOT)

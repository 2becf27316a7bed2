"""Names: what a word or a path stands for, and what it was probably meant to be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from dsl import kinds
from dsl.expr import tree
from dsl.expr import typed_value as tv
from dsl.expr.functions import FUNCTIONS
from dsl.expr.ground import Ground, fields_of
from dsl.expr.scope import StepName, parts_of
from dsl.expr.typed_value import Value
from dsl.kinds import Kind
from dsl.plan import Event, Field
from dsl.spelling import did_you_mean, nearest

__all__ = ["Names"]


class Names(Ground):
    """Looks names up, in the order of the language reference (section 2.4)."""

    def path_value(self, path: tree.Path) -> Value | None:
        first = path.parts[0]
        name = first.text
        if self.row is not None and name in self.row.fields:
            value: Value = tv.Stored(self.row.fields[name], self.row.root, name)
            return self.follow_path(value, path, 1)
        if self.row is not None and self.row.event is not None and name == "time":
            what: Literal["row", "candidate"] = (
                "candidate" if self.row.root == "candidate" else "row"
            )
            return self.follow_path(tv.TimeOf(what), path, 1)
        match name:
            case "profile":
                return self._profile(path)
            case "trigger":
                return self._trigger(path)
            case "entry":
                return self._entry(path)
            case _:
                pass
        if name in self.scope.steps and (self.row is None or len(path.parts) > 1):
            return self._step(path, self.scope.steps[name])
        if self.row is not None:
            self._no_property(first)
            return None
        if name in self.scope.variables:
            return self.follow_path(
                tv.Stored(self.scope.variables[name], "variable", name), path, 1
            )
        attribute = self.scope.plan.attributes.get(name)
        if attribute is not None:
            self._warn_hanging(first)
            return self.follow_path(self._attribute(attribute, first), path, 1)
        event = self.scope.plan.event_called(name)
        if event is not None:
            return self._event(path, event)
        self._unknown(path)
        return None

    def follow_path(self, value: Value, path: tree.Path, index: int) -> Value | None:
        for at in range(index, len(path.parts)):
            part = path.parts[at]
            kind = value.kind
            inner = kind.item if isinstance(kind, kinds.ListOf) else kind
            found = inner.field(part.text) if isinstance(inner, kinds.Record) else None
            if found is None:
                so_far = ".".join(word.text for word in path.parts[:at])
                known = fields_of(inner) if isinstance(inner, kinds.Record) else {}
                message = f'"{so_far}" has no property called "{part.text}".'
                self.error("N02", part, message, did_you_mean(part.text, known))
                return None
            value = _into(value, part.text, found)
        return value

    # -- roots

    def _profile(self, path: tree.Path) -> Value | None:
        if len(path.parts) == 1:
            self.error("N01", path, '"profile" alone is not a value.', "Write: profile.country")
            return None
        part = path.parts[1]
        attribute = self.scope.plan.attributes.get(part.text)
        if attribute is None:
            known = self.scope.plan.attributes
            message = f'I do not know the attribute "{part.text}".'
            self.error("N01", part, message, did_you_mean(part.text, known))
            return None
        return self.follow_path(self._attribute(attribute, part), path, 2)

    def _attribute(self, attribute: Field, word: tree.Word) -> Value:
        self._refuse_withheld(word)
        self.reads.attributes.add(attribute.name)
        return tv.Stored(attribute.kind, "profile", attribute.name, (), attribute.required)

    def _trigger(self, path: tree.Path) -> Value | None:
        record = self.scope.trigger
        if record is None:
            self.no_journey(path.parts[0], "trigger")
            return None
        self.reads.trigger = True
        if len(path.parts) == 1:
            return tv.TimeOf("trigger")
        part = path.parts[1]
        found = record.field(part.text)
        if found is not None:
            return self.follow_path(tv.Stored(found, "trigger", part.text), path, 2)
        if part.text == "time":
            return self.follow_path(tv.TimeOf("trigger"), path, 2)
        message = f'"trigger" has no property called "{part.text}".'
        self.error("N02", part, message, did_you_mean(part.text, fields_of(record)))
        return None

    def _entry(self, path: tree.Path) -> Value | None:
        if not self.in_journey:
            self.no_journey(path.parts[0], "entry")
            return None
        return self.follow_path(tv.Entry(), path, 1)

    def no_journey(self, node: tree.Node, word: str) -> None:
        """``trigger`` and its like, where no journey is."""
        self.error("E143", node, f'{self.scope.owner} cannot use "{word}": it has no journey.')

    def _step(self, path: tree.Path, step: StepName) -> Value | None:
        name = path.parts[0].text
        key = step.key or name
        self.reads.steps.add(key)
        if len(path.parts) == 1:
            return tv.StepPart(kinds.Instant(), key, "time")
        part = path.parts[1]
        record = step.record or kinds.Record(())
        found = record.field(part.text)
        if found is not None:
            return self.follow_path(tv.Stored(found, "step", key, (part.text,)), path, 2)
        parts = parts_of(step)
        for one, kind in parts.items():
            if one == part.text:
                return self.follow_path(tv.StepPart(kind, key, one), path, 2)
        known = [*fields_of(record), *parts]
        message = f'"{name}" has no property called "{part.text}".'
        self.error("N02", part, message, did_you_mean(part.text, known))
        return None

    def _event(self, path: tree.Path, event: Event) -> Value | None:
        if len(path.parts) == 1:
            self.reads.events.add(event.name)
            return tv.Aggregate(kinds.Whole(), "count", tv.Events(event.name), None)
        said = self.quote(path)
        message = f'There can be many of "{path.parts[0].text}", and this does not say which.'
        self.error("N05", path, message, f"Write: last {said}, or: highest {said}")
        return None

    # -- what is not there

    def _no_property(self, word: tree.Word) -> None:
        assert self.row is not None
        name = word.text
        if name in self.scope.plan.attributes:
            hint: str | None = f"For the attribute of the person: profile.{name}"
        else:
            hint = did_you_mean(name, self.row.fields)
        what = "event" if self.row.event is not None else "item"
        self.error("N02", word, f'The {what} has no property called "{name}".', hint)

    def _unknown(self, path: tree.Path) -> None:
        first = path.parts[0]
        hanging = self.hanging
        if hanging is not None and first.text in hanging.event.properties:
            message = (
                f'"{first.text}" is a property of {hanging.event.name}, and not of the person.'
            )
            hint = f"Put both tests in brackets: {self._bracketed()}"
            self.error("E107", first, message, hint)
            return
        plan = self.scope.plan
        known = {*self.scope.variables, *self.scope.steps, *plan.attributes, *self.event_words()}
        known |= {"trigger", "entry"} if self.in_journey else set()
        found = nearest(first.text, known)
        if first.text.lower() in ("null", "none", "nothing", "empty"):
            hint = "Write: is missing"
        elif first.text in FUNCTIONS:
            hint = f"It is a function: {FUNCTIONS[first.text].example}"
        elif found is not None:
            hint = f'Did you mean "{found}"?'
        elif len(path.parts) == 1:
            hint = f'If it is a text, put it in quotation marks: "{first.text}"'
        else:
            hint = "Names come from the tracking plan, or from a step before this one."
        self.error("N01", first, f'I do not know "{first.text}".', hint)

    def _warn_hanging(self, word: tree.Word) -> None:
        hanging = self.hanging
        if hanging is None or word.text not in hanging.event.properties:
            return
        self.warn(
            "W106",
            word,
            f'"{word.text}" is a property of {hanging.event.name} and an attribute of the person. '
            "Here it means the person.",
            f"For the property: {self._bracketed()}",
        )

    def _bracketed(self) -> str:
        assert self.hanging is not None
        where, part = self.quote(self.hanging.where.test), self.quote(self.hanging.part)
        return f"where ({where} and {part})"

    # -- names of a whole project

    def event_words(self) -> Iterable[str]:
        """Every word that means an event."""
        for event in self.scope.plan.events.values():
            yield event.name
            if event.plural:
                yield event.plural
            if event.verb:
                yield event.verb

    def known_event(self, word: tree.Word, *, with_where: bool = False) -> Event | None:
        """The event a word means."""
        event = self.scope.plan.event_called(word.text)
        if event is None:
            hint = did_you_mean(word.text, self.event_words())
            message = f'There is no event called "{word.text}".'
            self.error("N04", word, message, hint, ("N02",) if with_where else ())
            return None
        self.reads.events.add(event.name)
        return event

    def known_channel(self, word: tree.Word) -> str | None:
        """A channel of the policy."""
        return self._known(word, self.scope.names.channels, "N09", "channel")

    def known_category(self, word: tree.Word) -> str | None:
        """A category of the policy."""
        return self._known(word, self.scope.names.categories, "N16", "category")

    def known_segment(self, word: tree.Word) -> str | None:
        """A segment of the project."""
        self._refuse_withheld(word, segment=True)
        return self._known(word, self.scope.names.segments, "N10", "segment")

    def _refuse_withheld(self, word: tree.Word, *, segment: bool = False) -> None:
        refusal = self.scope.withheld.refusal(word.text, segment=segment)
        if refusal is not None:
            code, message, hint = refusal
            self.error(code, word, message, hint)

    def known_journey(self, word: tree.Word) -> str | None:
        """A journey of the project."""
        return self._known(word, self.scope.names.journeys, "N11", "journey")

    def known_step(self, word: tree.Word) -> str | None:
        """A step before the rule."""
        step = self.scope.steps.get(word.text)
        if step is not None:
            self.reads.steps.add(step.key or word.text)
            return word.text
        message = f'There is no step "{word.text}" before this one.'
        self.error("N12", word, message, did_you_mean(word.text, self.scope.steps))
        return None

    def _known(self, word: tree.Word, known: Iterable[str], code: str, what: str) -> str | None:
        if word.text in known:
            return word.text
        hint = did_you_mean(word.text, known)
        self.error(code, word, f'There is no {what} called "{word.text}".', hint)
        return None


def _into(value: Value, name: str, kind: Kind) -> Value:
    """One field of a value; of a list, that field of every entry."""
    if isinstance(value, tv.Column):
        return tv.Column(kinds.ListOf(kind), value.items, (*value.path, name))
    if isinstance(value.kind, kinds.ListOf):
        return tv.Column(kinds.ListOf(kind), value, (name,))
    assert isinstance(value, tv.Stored)
    return replace(value, kind=kind, path=(*value.path, name))

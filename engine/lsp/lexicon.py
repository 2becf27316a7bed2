"""The words that one file can use, what each of them means, and where it comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from dsl import kinds
from dsl.diagnostics import Span
from dsl.expr.functions import FUNCTIONS
from dsl.expr.speech import say
from dsl.files.steps import STEPS
from dsl.kinds import Kind
from dsl.plan import Event, Field
from dsl.source import Text
from dsl.yaml import Items, Map, Node, same_key
from engine.lsp.project import Project
from engine.lsp.spots import step_maps

__all__ = ["Lexicon", "Meaning"]

_PARTS: Mapping[str, Mapping[str, Kind]] = {
    "send": {"channel": kinds.Text(), "time": kinds.Instant()},
    "split": {"path": kinds.Text(), "time": kinds.Instant()},
    "repeat": {"round": kinds.Whole()},
}
_OTHER_PARTS: Mapping[str, Kind] = {"time": kinds.Instant()}
_FETCHED = re.compile(r"\bfetch[ \t]*:[ \t]*[\"']?([^\W\d]\w*)", re.IGNORECASE)
_USED = re.compile(r"\buses[ \t]*:[ \t]*[\"']?journey[ \t]+(\w+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a word stands for. ``sort`` as in the index of names; ``fields`` come after a dot."""

    name: str
    sort: str
    says: str
    place: Span | None = None
    fields: tuple[Meaning, ...] = ()


class Lexicon:
    """The words of one file of a project."""

    def __init__(self, project: Project, path: str) -> None:
        self.project = project
        self.path = path
        self.plan = project.plan()

    @cached_property
    def map(self) -> Map | None:
        return self.project.readable(self.path)

    @cached_property
    def steps(self) -> Mapping[str, Meaning]:
        """The steps of this file that have an id, by it."""
        made: dict[str, Meaning] = {}
        if self.map is None or self.project.kind(self.path) not in ("journey", "fragment"):
            return made
        for step in step_maps(self.map):
            name = step.get("id")
            if isinstance(name, Text) and name:
                made.setdefault(str(name), self._step(name, step))
        return made

    def attributes(self) -> Iterator[Meaning]:
        """What we know about people."""
        return (self.attribute(field) for field in self.plan.attributes.values())

    def attribute(self, field: Field) -> Meaning:
        """One attribute."""
        place = self.project.names.place("attribute", field.name)
        made = _of_kind(field.name, field.kind, "attribute", _flags(field))
        return Meaning(made.name, made.sort, made.says, place.span if place else None, made.fields)

    def events(self) -> Iterator[Meaning]:
        """What people do, by every word that means it."""
        for event in self.plan.events.values():
            for word in (event.name, event.plural, event.verb):
                if word:
                    yield self.event(event, word)

    def event(self, event: Event, word: str) -> Meaning:
        """One event."""
        place = self.project.names.place("event", event.name)
        fields = [self._property(event, one) for one in event.properties.values()]
        fields.append(_of_kind("time", kinds.Instant(), "property", "when it happened"))
        names = ", ".join(one.name for one in fields)
        same = f" (the same as {event.name})" if word != event.name else ""
        return Meaning(
            word, "event", f"event{same} with {names}", place.span if place else None,
            tuple(fields),
        )  # fmt: skip

    def event_called(self, word: str) -> Meaning | None:
        """The event that a word means."""
        event = self.plan.event_called(word)
        return None if event is None else self.event(event, word)

    @cached_property
    def trigger(self) -> Meaning | None:
        """What started the journey, where this file can say ``trigger``."""
        node = self.map
        kind = self.project.kind(self.path)
        if kind in ("message", "messages"):
            found = _USED.search(self.project.documents[self.path].source.text)
            place = self.project.names.place("journey", found[1]) if found else None
            node = self.project.readable(place.span.path) if place else None
            kind = "journey" if node is not None else None
        if kind != "journey" or node is None:
            return None
        fields = self._trigger_fields(node.get("trigger"))
        return Meaning("trigger", "trigger", "what started the journey", None, tuple(fields))

    def variables(self) -> Iterator[Meaning]:
        """Variables and inputs of this file."""
        for key in ("let", "inputs"):
            for entry in _maps_of(self.map, key):
                for one in entry:
                    says = str(one.value) if isinstance(one.value, Text) else "several values"
                    what = "variable" if key == "let" else "input"
                    yield Meaning(str(one.key), what, f"{what}: {says}", one.key.span())

    def fetched(self) -> Iterator[Meaning]:
        """The web services that modules of this file fetch, with what they answer."""
        if self.project.kind(self.path) != "modules":
            return
        text = self.project.documents[self.path].source.text
        for name in dict.fromkeys(_FETCHED.findall(text)):
            place = self.project.names.place("service", name)
            if place is not None:
                answer = tuple(self._answer(name))
                yield Meaning(name, "service", "what the web service answers", place.span, answer)

    def named(self, sort: str) -> Iterator[Meaning]:
        """All things of a sort that the project defines: segments, messages ... Their files are
        not read for it.
        """
        if sort == "event":
            yield from self.events()
            return
        for name, places in self.project.names.of(sort).items():
            yield Meaning(name, sort, f"{sort} ({places[0].span.path})", places[0].span)

    def thing(self, sort: str, name: str) -> Meaning | None:
        """One thing that the project defines."""
        if sort == "event":
            return self.event_called(name)
        place = self.project.names.place(sort, name)
        if place is None:
            return None
        return Meaning(name, sort, self._about(sort, place.span, name), place.span)

    def function(self, name: str) -> Meaning | None:
        """One function of the rule language."""
        known = FUNCTIONS.get(name)
        return None if known is None else Meaning(name, "function", f"function: {known.example}")

    def path_of(self, parts: list[str]) -> Meaning | None:
        """What names joined by dots stand for."""
        found: Meaning | None = self._root(parts[0])
        for part in parts[1:]:
            if found is None:
                return None
            found = next((one for one in found.fields if one.name == part), None)
        return found

    def roots(self) -> Iterator[Meaning]:
        """Everything that can stand by itself in a rule."""
        yield from self.variables()
        yield from self.fetched()
        yield from self.steps.values()
        yield from self.attributes()
        yield from self.events()
        if self.trigger is not None:
            yield self.trigger
            yield Meaning("entry", "trigger", "the moment of entering the journey")

    def _root(self, name: str) -> Meaning | None:
        if name == "profile":
            return Meaning("profile", "profile", "the person", None, tuple(self.attributes()))
        if name == "trigger":
            return self.trigger
        return next((one for one in self.roots() if one.name == name), None)

    def _trigger_fields(self, node: Node | None) -> list[Meaning]:
        starts = node.items if isinstance(node, Items) else (node,)
        fields: list[dict[str, Meaning]] = []
        for start in starts:
            name = start.get("event") if isinstance(start, Map) else None
            event = self.event_called(str(name)) if isinstance(name, Text) else None
            if event is not None:
                fields.append({one.name: one for one in event.fields})
            elif isinstance(start, Map) and isinstance(inputs := start.get("inputs"), Map):
                fields.append(
                    {str(one.key): Meaning(str(one.key), "input", f"input: {one.value}"
                     if isinstance(one.value, Text) else "input", one.key.span())
                     for one in inputs}
                )  # fmt: skip
        common = (
            [name for name in fields[0] if all(name in one for one in fields)] if fields else []
        )
        return [fields[0][name] for name in common]

    def _step(self, name: Text, step: Map) -> Meaning:
        verbs = {same_key(verb): verb for verb in STEPS}
        verb = next((verbs[key] for one in step if (key := same_key(one.key)) in verbs), "")
        parts = [
            _of_kind(part, kind, "part", "")
            for part, kind in _PARTS.get(verb, _OTHER_PARTS).items()
        ]
        waited = step.get("wait for") if verb == "wait for" else None
        event = self.event_called(str(waited)) if isinstance(waited, Text) else None
        asked = step.get("webhook") if verb == "webhook" else None
        answer = self._answer(str(asked)) if isinstance(asked, Text) else ()
        value = step.get(verb)
        said = f" {value}" if isinstance(value, Text) else ""
        fields = (*(event.fields if event else ()), *answer, *parts)
        return Meaning(str(name), "step", f"step: {verb}{said}", name.span(), fields)

    def _answer(self, service: str) -> Iterator[Meaning]:
        """The fields that a web service returns, as the policy says it."""
        place = self.project.names.place("service", service)
        node: Node | None = self.project.readable(place.span.path) if place else None
        for key in ("webhooks", service, "returns"):
            node = node.get(key) if isinstance(node, Map) else None
        for entry in node if isinstance(node, Map) else ():
            says = f"field: {entry.value}" if isinstance(entry.value, Text) else "field"
            yield Meaning(str(entry.key), "field", says, entry.key.span())

    def _property(self, event: Event, field: Field) -> Meaning:
        made = _of_kind(field.name, field.kind, "property", _flags(field))
        place = self.project.names.place("event", event.name)
        node = self.project.readable(place.span.path) if place else None
        for key in ("events", event.name, "has"):
            node_ = node.get(key) if isinstance(node, Map) else None
            node = node_ if isinstance(node_, Map) else None
        entry = node.entry(field.name) if node is not None else None
        span = None if entry is None else entry.key.span()
        return Meaning(made.name, made.sort, made.says, span, made.fields)

    def _about(self, sort: str, span: Span, name: str) -> str:
        """What is said of a thing: its title, its rule, its channels."""
        node = self.project.readable(span.path)
        if node is None:
            return sort
        first = node.entries[0].value
        body = first.get(name) if isinstance(first, Map) else node
        parts = [sort]
        if isinstance(body, Map):
            for key in ("title", "who", "notes"):
                value = body.get(key)
                texts = value.items if isinstance(value, Items) else (value,)
                said = "\nand ".join(str(one) for one in texts if isinstance(one, Text))
                if said:
                    parts.append(said)
            if sort == "message":
                channels = ("push", "email", "sms", "whatsapp")
                parts.append(", ".join(each for each in channels if body.entry(each)))
        return "\n".join(part for part in parts if part)


def _flags(field: Field) -> str:
    flags = [word for word in ("required", "personal", "sensitive") if getattr(field, word)]
    return f"computed: {field.formula}" if field.formula else ", ".join(flags)


def _of_kind(name: str, kind: Kind, sort: str, more: str) -> Meaning:
    inner = kind.item if isinstance(kind, kinds.ListOf) else kind
    fields = inner.fields if isinstance(inner, kinds.Record) else ()
    says = f"{sort}: {say(kind)}" + (f", {more}" if more else "")
    return Meaning(
        name, sort, says, None, tuple(_of_kind(one, of, "field", "") for one, of in fields)
    )


def _maps_of(node: Node | None, key: str) -> Iterator[Map]:
    """The maps behind a key, wherever it stands."""
    match node:
        case Map():
            for entry in node:
                if same_key(entry.key) == key and isinstance(entry.value, Map):
                    yield entry.value
                yield from _maps_of(entry.value, key)
        case Items():
            for item in node:
                yield from _maps_of(item, key)
        case _:
            pass

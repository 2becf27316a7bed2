"""Whom a message is shown to before it is sent: invented people, one from a file, one from a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from dsl.calendar import Instant
from dsl.expr.context import Happened
from dsl.machine import ApiTrigger, EventTrigger, Project
from dsl.message import Message
from dsl.plan import Field
from dsl.spelling import did_you_mean
from dsl.values import attributes_at_rest, properties_at_rest
from engine.core.profile import Profile
from engine.core.run import Run
from engine.operator import OperatorError
from engine.preview.masking import masked
from engine.preview.samples import SIZES, Size, samples
from engine.store.view import PersonView

__all__ = ["Reader", "from_document", "from_store", "sample_readers"]

_NOTHING: Mapping[str, Any] = MappingProxyType({})
_TITLES: Mapping[Size, str] = MappingProxyType(
    {"usual": "as usual", "least": "hardly known", "longest": "the longest values"}
)
_SECTIONS = ("profile", "trigger", "inputs", "answers")


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who might get a message. ``run`` is their passage through its journey, with the
    trigger; ``inputs`` and ``answers`` (of web services) are values at rest, for those that nothing
    else gives; ``size`` is what is invented where something is missing.
    """

    title: str
    profile: Profile
    run: Run | None
    history: Mapping[str, Sequence[Happened]] = field(default_factory=lambda: _NOTHING)
    inputs: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    answers: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    size: Size = "usual"
    invented: bool = False
    truth: Reader | None = None  # who it is, if personal values are masked here

    def masked(self, project: Project) -> Reader:
        """The same person, and nobody sees who it is."""
        plan = project.plan
        run = self.run
        if run is not None and run.trigger is not None:
            event = plan.events.get(run.trigger.name)
            fields = {} if event is None else event.properties
            properties = {
                **run.trigger.properties,
                **masked(run.trigger.properties, fields),
            }
            run = run._replace(trigger=run.trigger._replace(properties=properties))
        own = self.profile.attributes
        attributes = masked(own, plan.attributes)
        if "language" in own:  # says nothing of who it is, and everything of what is read
            attributes["language"] = own["language"]
        profile = Profile("somebody", attributes, consents=self.profile.consents)
        return replace(self, profile=profile, run=run, truth=self)


def sample_readers(
    project: Project, message: Message, now: Instant, sizes: Sequence[Size] = SIZES
) -> tuple[Reader, ...]:
    """Invented people: the usual one, one of whom hardly anything is known, one with long values."""
    return tuple(_invented(project, message, now, size) for size in sizes)


def from_document(
    project: Project, message: Message, document: Mapping[str, Any], title: str, now: Instant
) -> Reader:
    """A person as a file describes them: ``profile`` with attributes, and if wanted ``trigger``,
    ``inputs`` and ``answers``, all as they come in events. Raises ``OperatorError``.
    """
    if not any(name in document for name in _SECTIONS):
        document = {"profile": document}
    strange = [name for name in document if name not in _SECTIONS]
    if strange:
        raise OperatorError(f'{title} has "{strange[0]}", which is none of {", ".join(_SECTIONS)}.')
    parts = {name: _section(document, name, title) for name in _SECTIONS}
    told = {name: replace(field, formula="") for name, field in project.plan.attributes.items()}
    attributes = _read(parts["profile"], told, "attribute", title)
    usual = _invented(project, message, now, "usual")
    run, fields = usual.run, trigger_fields(project, message)
    if run is not None and run.trigger is not None and "trigger" in document:
        properties = _read(parts["trigger"], fields, "property of the trigger", title)
        run = run._replace(trigger=run.trigger._replace(properties=properties))
    inputs = _read(parts["inputs"], message.inputs, "input of the message", title)
    person = Profile(str(title), attributes, consents=_consents(project, now))
    return Reader(title, person, run, inputs=inputs, answers=parts["answers"])


def from_store(
    project: Project, message: Message, view: PersonView, title: str, now: Instant
) -> Reader:
    """A person as they are known. The trigger is that of the last time they entered the message's
    journey, or the last one that would have let them in, or invented.
    """
    runs = [run for run in view.runs if message.journey in (None, run.journey)]
    run = max(runs, key=lambda run: run.entered, default=None) if message.journey else None
    usual = _invented(project, message, now, "usual")
    if run is None and usual.run is not None and usual.run.trigger is not None:
        known = view.history.get(usual.run.trigger.name)
        run = usual.run if not known else usual.run._replace(trigger=known[-1])
    return Reader(title, view.profile, run, view.history)


def trigger_fields(project: Project, message: Message) -> Mapping[str, Field]:
    """What is known of the trigger of a message's journey."""
    event = _trigger_event(project, message)
    if event is not None:
        return project.plan.events[event].properties
    machine = project.machines.get(message.journey or "")
    for trigger in () if machine is None else machine.triggers:
        if isinstance(trigger, ApiTrigger):
            return trigger.inputs
    return _NOTHING


def _trigger_event(project: Project, message: Message) -> str | None:
    machine = project.machines.get(message.journey or "")
    for trigger in () if machine is None else machine.triggers:
        if isinstance(trigger, EventTrigger):
            return trigger.event
    return None


def _invented(project: Project, message: Message, now: Instant, size: Size) -> Reader:
    attributes = samples(project.plan.attributes, size, now, project.policy.languages[0])
    person = Profile(f"sample-{size}", attributes, consents=_consents(project, now))
    run = None
    if message.journey is not None:
        properties = samples(trigger_fields(project, message), size, now)
        name = _trigger_event(project, message) or "api"
        trigger = Happened(name, now, now, 1, properties)
        run = Run("preview", person.id, message.journey, "", "", now, trigger)
    return Reader(_TITLES[size], person, run, size=size, invented=True)


def _consents(project: Project, now: Instant) -> dict[str, int]:
    """Who is shown a message has agreed to it."""
    return {f"{category}/*": now for category in project.policy.categories}


def _section(document: Mapping[str, Any], name: str, title: str) -> Mapping[str, Any]:
    part = document.get(name) or {}
    if not isinstance(part, Mapping):
        raise OperatorError(f'"{name}" in {title} should be names with values.')
    return part


def _read(
    raw: Mapping[str, Any], fields: Mapping[str, Field], what: str, title: str
) -> dict[str, Any]:
    for name in raw:
        if name not in fields:
            hint = did_you_mean(name, fields)
            said = f'"{name}" in {title} is no {what}.'
            raise OperatorError(f"{said} {hint}" if hint else said)
    of_event = what == "property of the trigger"  # which has all its properties, or is none
    read = properties_at_rest if of_event else attributes_at_rest
    values, problems = read(fields, raw)
    if problems:
        raise OperatorError(f"{title}: {problems[0].words}.")
    return values

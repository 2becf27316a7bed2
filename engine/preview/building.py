"""A message built for everybody it is shown to: by the library that builds it for real."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from channels.content import Built, Content, Missing, Stale
from channels.content.destinations import Occasion
from channels.content.library import Library
from channels.content.linking import linking_of
from dsl.calendar import Instant
from dsl.expr.context import Context
from dsl.kinds import Record
from dsl.machine import Project, Send
from dsl.message import ChannelForm, Message
from dsl.rest import at_rest
from dsl.values import at_rest as read_value
from engine.core.program import Program
from engine.core.standing import Standing
from engine.preview.people import Reader
from engine.preview.samples import sample

__all__ = ["DELIVERY", "Preview", "Sheet", "occasion_of", "preview"]

DELIVERY = "preview"
"""What stands in links back to us, where the id of a delivery would."""

_ROUNDS = 5  # of questions to web services, each of which may lead to further ones
_CHANNELS = ("email", "sms", "push", "whatsapp")


class Sheet(NamedTuple):
    """What one person gets on one channel in one language."""

    channel: str
    language: str
    reader: Reader
    form: ChannelForm
    built: Built | Missing
    otherwise: bool = False  # with the values that are masked, other modules are shown


@dataclass(frozen=True, slots=True)
class Preview:
    """A message as it will be seen. ``sheets`` are in the order of channels, readers, languages."""

    project: Project
    message: Message
    languages: tuple[str, ...]
    sheets: tuple[Sheet, ...]

    def on(self, channel: str) -> tuple[Sheet, ...]:
        """What is said on one channel."""
        return tuple(sheet for sheet in self.sheets if sheet.channel == channel)

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that the message has a part for."""
        return tuple(name for name in _CHANNELS if name in self.message.forms)


def preview(
    project: Project,
    message: Message,
    readers: Sequence[Reader],
    languages: Sequence[str],
    base: str,
    now: Instant,
) -> Preview:
    """The message on all its channels. ``base`` is where links back to us begin; all others lead
    where they lead in the end, with the tags that are added to them. A reader with a language of
    their own is written to in it, if ``languages`` is empty.
    """
    library = Library(
        project.messages,
        project.policy.languages,
        lambda _: f"{base}/unsubscribe/{DELIVERY}",
        linking=linking_of(project.policy),
        preferences=lambda _: f"{base}/preferences/{DELIVERY}",
    )
    program = Program.of(project, library)

    def both(channel: str, reader: Reader, language: str) -> tuple[Built | Missing, bool]:
        built = _built(program, library, message, channel, reader, language, now)
        if reader.truth is None:
            return built, False
        truly = _built(program, library, message, channel, reader.truth, language, now)
        return built, _modules(built) != _modules(truly)

    sheets = tuple(
        Sheet(channel, language, reader, message.forms[channel], built, otherwise)
        for channel in _CHANNELS
        if channel in message.forms
        for reader in readers
        for language in languages or (_own_language(reader, project),)
        for built, otherwise in [both(channel, reader, language)]
    )
    return Preview(project, message, tuple(dict.fromkeys(s.language for s in sheets)), sheets)


def _own_language(reader: Reader, project: Project) -> str:
    own = reader.profile.attributes.get("language")
    return own if isinstance(own, str) and own else project.policy.languages[0]


def _modules(built: Built | Missing) -> tuple[str, ...] | None:
    return built.shown if isinstance(built, Built) else None


def _built(
    program: Program,
    library: Content,
    message: Message,
    channel: str,
    reader: Reader,
    language: str,
    now: Instant,
) -> Built | Missing:
    runs = {} if reader.run is None else {reader.run.id: reader.run}
    standing = Standing(program, reader.profile, dict(runs), reader.history)
    context = standing.context(now, reader.run)
    context.language = language
    values = _inputs(program.project, message, reader, context, now)
    occasion = occasion_of(program.project, message)
    built: Built | Missing | Stale = library.build(
        message.name, channel, context, values, DELIVERY, occasion
    )
    for _ in range(_ROUNDS):
        if not isinstance(built, Built) or built.unfinished is None:
            break
        answers = [
            _answer(ask.service, reader, program.project, now) for ask in built.unfinished.asks
        ]
        built = library.finish(built.unfinished, answers, DELIVERY)
    if isinstance(built, Stale):
        return Missing(built.why)
    return built


def _inputs(
    project: Project, message: Message, reader: Reader, context: Context, now: Instant
) -> dict[str, Any]:
    """The message's inputs: as given, else as the journey computes them, else invented."""
    sends = _sends(project, message)
    computed = {name: formula for _, send in sends for name, formula in send.values}
    values: dict[str, Any] = {}
    for name, wanted in message.inputs.items():
        value = reader.inputs.get(name)
        if value is None and name in computed:
            found = computed[name].value(context)
            value = None if found is None else at_rest(found, computed[name].kind)
        if value is None and (wanted.required or reader.size != "least"):
            value = sample(name, wanted.kind, reader.size, now)
        if value is not None:
            values[name] = value
    return values


def occasion_of(project: Project, message: Message) -> Occasion:
    """What it is sent for: by its own journey, if that sends it."""
    for journey, send in reversed(_sends(project, message)):
        return Occasion(journey, send.category)
    return Occasion(message.journey or "", "")


def _sends(project: Project, message: Message) -> list[tuple[str, Send]]:
    """The steps that send it, with their journeys; those of its own count most, so they come last."""
    ordered = sorted(
        project.machines.values(), key=lambda m: (m.journey == message.journey, m.journey)
    )
    return [
        (machine.journey, step)
        for machine in ordered
        for step in machine.code
        if isinstance(step, Send) and step.message == message.name
    ]


def _answer(
    service: str, reader: Reader, project: Project, now: Instant
) -> Mapping[str, Any] | None:
    """What a web service would say: as given, else invented; nothing to whom is hardly known."""
    known = project.policy.services.get(service)
    if known is None or reader.size == "least":
        return None
    kind = Record(tuple(known.returns.items()))
    if service in reader.answers:
        given = read_value(kind, reader.answers[service])
        return given if isinstance(given, Mapping) else None
    answer: Mapping[str, Any] = sample(service, kind, reader.size, now)
    return answer

"""Every message of a deployed project, rendered for people.

Messages are compiled before (``editions``), so building one is looking values up and joining
strings. One that fetches something is built twice, both times from what was kept of the person:
at the decision as if nobody answered, and at the hand-over with the answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from jinja2 import TemplateError

from channels.content import Built, Missing, Stale
from channels.content.destinations import NO_OCCASION, Destination, Occasion
from channels.content.editions import Edition, Editions
from channels.content.finished import finished
from channels.content.html import with_picture
from channels.content.keeping import keep, recall
from channels.content.languages import own_or
from channels.content.limits import Unfit
from channels.content.linking import NO_LINKING, Linker, Linking
from channels.content.printing import PART_END
from channels.content.sayings import Sayings
from channels.content.stage import Fetching, Scope, Stage
from channels.content.unfinished import Keepsake, Reply, Unfinished
from channels.content.writing import Budget, Formats, Writer
from channels.content.written import ValueMissing, is_missing
from dsl.expr.context import Context, Wording
from dsl.message import Kept, Message
from dsl.rest import at_rest

__all__ = ["Library"]

_new = tuple.__new__  # what a NamedTuple does at last, without its own function in between
_BUDGET = 300_000  # characters of values and of repeated text in one message
_EARLIER = 3  # deployments whose unfinished messages are still finished as they were decided


class Library:
    """Renders messages (``channels.content.Content``).

    ``languages`` are the company's, the first being the one that everything falls back to;
    ``unsubscribe`` gives the link that leads from a delivery back to us, and ``preferences`` the
    one to the preference centre (without it, the former stands in, and leads there). ``before`` is
    what this library takes the place of: its unfinished messages are known here too. ``linking``
    says what is done with all other links.
    """

    def __init__(
        self,
        messages: Mapping[str, Message],
        languages: Sequence[str],
        unsubscribe: Callable[[str], str],
        before: Library | None = None,
        linking: Linking = NO_LINKING,
        preferences: Callable[[str], str] | None = None,
    ) -> None:
        earlier = () if before is None else before.known[:_EARLIER]
        self.known: tuple[Editions, ...] = (Editions(messages, languages), *earlier)
        """The messages of this deployment, and of some before it."""
        self._unsubscribe = unsubscribe
        self._preferences = preferences or unsubscribe
        self._linking = linking
        self._formats = Formats()
        self._sayings = Sayings(self.known[0].plain, self._formats)

    def build(
        self,
        message: str,
        channel: str,
        context: Context,
        values: Mapping[str, Any],
        delivery: str,
        occasion: Occasion = NO_OCCASION,
    ) -> Built | Missing:
        """The texts of ``message`` on ``channel`` for one person, or what they lack.

        A text that the sandbox refuses gives ``Missing`` too: it must not stop everybody else's.
        ``context.variables`` holds other values while this runs, and is put back.
        """
        editions = self.known[0]
        try:
            edition = editions.of(message, channel, context.language)
        except TemplateError as error:
            return _refused(error)
        kept = edition.message.kept
        if kept is None or edition.html is None:
            return self._built(edition, context, values, delivery, occasion)
        unfinished = Unfinished(
            message,
            channel,
            editions.mark(message),
            _kept(context, kept, values),
            {
                name: at_rest(values.get(name), each.kind)
                for name, each in edition.message.inputs.items()
            },
            (),
            occasion=occasion,
        )
        return self._go_on(edition, unfinished, delivery)

    def finish(
        self, unfinished: Unfinished, answers: Sequence[Mapping[str, Any] | None], delivery: str
    ) -> Built | Missing | Stale:
        """The message with ``answers``, which are values at rest in the order of its ``asks``, or
        None. It is as it was decided but for these; it may have further questions.
        """
        for editions in self.known:
            if editions.mark(unfinished.message) == unfinished.mark:
                break
        else:
            return Stale("the message has been changed since")
        edition = editions.of(unfinished.message, unfinished.channel, unfinished.person.language)
        replies = tuple(map(Reply, unfinished.asks, answers))
        answered = replace(unfinished, asks=(), replies=(*unfinished.replies, *replies))
        built = self._go_on(edition, answered, delivery)
        if isinstance(built, Missing) and built.refused:
            return Stale(built.what)
        return built

    def say(self, wording: Wording, context: Context) -> str | None:
        """A text that is a value of a step, or None if something in it is missing."""
        return self._sayings.say(wording, context)

    def _go_on(self, edition: Edition, unfinished: Unfinished, delivery: str) -> Built | Missing:
        """As far as it can be built with the answers there are."""
        context = recall(unfinished.person, unfinished.values, self.say)
        fetching = Fetching(unfinished.replies)
        built = self._built(
            edition, context, unfinished.values, delivery, unfinished.occasion, fetching
        )
        if isinstance(built, Missing) or not fetching.asks:
            return built
        parts = {} if fetching.lacks else built.parts
        waiting = replace(unfinished, asks=tuple(fetching.asks), lacks=fetching.lacks)
        return built._replace(parts=parts, unfinished=waiting)

    def _built(
        self,
        edition: Edition,
        context: Context,
        values: Mapping[str, Any],
        delivery: str,
        occasion: Occasion,
        fetching: Fetching | None = None,
    ) -> Built | Missing:
        outer = context.variables
        context.variables = values
        message, channel = edition.message.name, edition.channel
        linker = self._linking.linker(occasion, message, channel, delivery)
        try:
            return self._fill(edition, context, values, linker, delivery, fetching)
        except ValueMissing as missing:
            return Missing(str(missing))
        except Unfit as why:
            return Missing(str(why))
        except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
            return _refused(error)
        finally:
            context.variables = outer

    def _fill(
        self,
        edition: Edition,
        context: Context,
        values: Mapping[str, Any],
        linker: Linker | None,
        delivery: str,
        fetching: Fetching | None,
    ) -> Built:
        def link(name: str) -> str:
            makes = self._preferences if name == "preferences_link" else self._unsubscribe
            address = makes(delivery)
            return address if linker is None else linker.own(address)

        for name in edition.required:
            if is_missing(values.get(name)):
                raise ValueMissing(name)
        address = edition.message.our_address
        scope = Scope(context, edition.message.inputs, values, edition.wraps, link, address)
        names: dict[str, Any] = {"scope": scope, "use": None}
        self._give_writers(names, edition, context, linker)
        if edition.html is None:
            parts = finished(edition, _parts(edition, names))
            return _new(Built, (parts, (), None, _destinations(linker), ()))
        stage = Stage(edition.layout, context, link, address, fetching)
        names["stage"], names["use"] = stage, stage.use
        html = edition.html(names)
        stage.play_again()
        if linker is not None and linker.seen is not None:
            html = with_picture(html, linker.seen)
        parts = {"html": html, **_parts(edition, names)}
        parts = finished(edition, parts)
        return Built(parts, tuple(stage.degraded), links=_destinations(linker), shown=stage.shown)

    def _give_writers(
        self, names: dict[str, Any], edition: Edition, context: Context, linker: Linker | None
    ) -> None:
        """The recipient's own writer, if the texts are in their language; else the texts'."""
        budget = Budget(_BUDGET)
        own = own_or(context.language, edition.language)
        names["writer"] = Writer(self._formats, own, budget, linker)
        others = edition.layout.writers
        if others:
            for name, code in others.items():
                names[name] = Writer(self._formats, code, budget, linker)


def _parts(edition: Edition, names: dict[str, Any]) -> dict[str, str]:
    """What is said beside the HTML, by the names of its parts."""
    said, parts = edition.plain(names), edition.names
    if len(parts) == 1:
        return {parts[0]: said}
    return dict(zip(parts, said.split(PART_END), strict=True))


def _destinations(linker: Linker | None) -> tuple[Destination, ...]:
    return () if linker is None else tuple(linker.destinations)


def _refused(error: Exception) -> Missing:
    return Missing(f"a text cannot be rendered: {error}", refused=True)


def _kept(context: Context, kept: Kept, values: Mapping[str, Any]) -> Keepsake:
    outer = context.variables
    context.variables = values
    try:
        return keep(context, kept)
    finally:
        context.variables = outer

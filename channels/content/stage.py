"""One message being built for one person: which modules are shown, and why others are not.

Modules fail when a value they need is missing, and then something stands in for them
(language reference, section 3.6). HTML is rendered first and decides; what was decided is written
down and played again for the plain text, so both always say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from channels.content.layout import Candidate, Layout
from channels.content.unfinished import Ask, Reply
from channels.content.written import Fields, ValueMissing, Wrap, absent, is_missing
from dsl.expr.context import Context
from dsl.message import OWN_LINKS, Fetch, Module
from dsl.plan import Field
from dsl.rest import at_rest
from dsl.telling import told

__all__ = ["Fetching", "Scope", "Stage", "holds", "items_of"]

LEFT_OUT = -1
_BUILT_IN = frozenset({"our_address", "profile", "trigger"}) | OWN_LINKS  # names of no attribute


class Caller(Protocol):
    """Renders one body of a use, with the names of its module."""

    def __call__(self, body: int, scope: Scope) -> str: ...


class Scope(Fields):
    """The root names of a message or a module."""

    __slots__ = ("address", "context", "inputs", "link")

    def __init__(
        self,
        context: Context,
        inputs: Mapping[str, Field],
        variables: Mapping[str, Any],
        wraps: Mapping[str, Wrap],
        link: Callable[[str], str],
        address: str,
    ) -> None:
        self.values = variables
        self.wraps = wraps
        self.path = ""
        self.zone = context.zone
        self.context = context
        self.inputs = inputs
        self.link = link
        self.address = address

    def read(self, name: str) -> Any:
        if name in self.inputs:
            return Fields.read(self, name)
        if name not in _BUILT_IN:
            value = self.context.attributes.get(name)
            if is_missing(value):
                return absent(name)
            wrap = self.wraps.get(name)
            return value if wrap is None else wrap(value, name, self.zone)
        match name:
            case "our_address":
                return self.address or absent(name)
            case "profile":
                return self._record(name, self.context.attributes)
            case "trigger":
                trigger = self.context.trigger
                if trigger is None:
                    return absent(name)
                return self._record(name, {"time": trigger.occurred, **trigger.properties})
            case _:
                return self.link(name)

    def _record(self, name: str, values: Mapping[str, Any]) -> Any:
        wrap = self.wraps.get(name)
        return (
            Fields(values, {}, name, self.zone) if wrap is None else wrap(values, name, self.zone)
        )


class Fetching:
    """What services have answered, and what they are still to be asked.

    ``missed`` are the services whose answer was missed, each time; ``lacks`` is what the message
    lacks as long as they have not answered.
    """

    def __init__(self, replies: Iterable[Reply]) -> None:
        self.asks: list[Ask] = []
        self.missed: list[str] = []
        self.lacks = ""
        self._replies = [*replies]

    def answer(self, ask: Ask) -> Mapping[str, Any] | None:
        """What was answered. What has never been asked is asked next; until then it is nothing."""
        for reply in self._replies:
            if reply.ask == ask:
                return reply.answer
        self.missed.append(ask.service)
        if ask not in self.asks:
            self.asks.append(ask)
        return None


class Stage:
    """What is known and decided while one e-mail is built."""

    def __init__(
        self,
        layout: Layout,
        context: Context,
        link: Callable[[str], str],
        address: str,
        fetching: Fetching | None = None,
    ) -> None:
        self.degraded: list[str] = []
        self._fetching = fetching
        self._inside = False  # a module, while something is fetched
        self._layout = layout
        self._context = context
        self._link = link
        self._address = address
        self._decided: list[Any] = []
        self._shown: dict[int, str] = {}  # modules, by the slot of what was decided
        self._played: int | None = None  # None while deciding

    def play_again(self) -> None:
        """From here on, everything goes as it was decided."""
        self._played = 0

    @property
    def shown(self) -> tuple[str, ...]:
        """The modules that are shown, from top to bottom; one for each time."""
        return tuple(name for _, name in sorted(self._shown.items()))

    # --------------------------------------------------------------------------- decisions

    def holds(self, number: int) -> bool:
        """Whether an ``if`` + ``show`` is shown."""
        if self._played is not None:
            return bool(self._next())
        held: bool = _asked(self._layout.rules[number].holds, self._context)
        self._decided.append(held)
        return held

    def items(self, number: int) -> Iterator[Any]:
        """The items of a ``for each``, each known to rules while its blocks are rendered."""
        block, wrap = self._layout.loops[number]
        if self._played is None:
            raw = _asked(block.items.value, self._context) or ()
            raw = tuple(raw) if block.at_most is None else tuple(raw[: block.at_most])
            self._decided.append(raw)
        else:
            raw = self._next()
        outer = self._context.variables
        zone: ZoneInfo = self._context.zone
        for item in raw:
            self._context.variables = {**outer, block.item: item}
            if is_missing(item):
                yield absent(block.item)
            else:
                yield item if wrap is None else wrap(item, block.item, zone)
        self._context.variables = outer

    def use(self, number: int, caller: Caller) -> str:
        """The text of a module, or of what stands in for it, or nothing."""
        if self._played is not None:
            return self._replay(number, caller)
        slot = len(self._decided)
        self._decided.append((LEFT_OUT, None, None))
        outer = self._context.variables
        candidate = self._layout.candidates[number]
        try:
            if self._fetching is None or self._inside:
                return self._attempt(candidate, caller, slot)
            self._inside = True
            return self._first_attempt(candidate, caller, slot, self._fetching)
        finally:
            self._context.variables = outer

    def _first_attempt(
        self, candidate: Candidate, caller: Caller, slot: int, fetching: Fetching
    ) -> str:
        """As ``_attempt``, for a module that is in no other one: if something is to be asked, what
        is missing now may be there later.
        """
        missed, said = len(fetching.missed), len(self.degraded)
        try:
            return self._attempt(candidate, caller, slot)
        except ValueMissing as missing:
            if len(fetching.missed) == missed:
                raise
            fetching.lacks = fetching.lacks or str(missing)
            self._forget(slot)
            return ""
        finally:
            self._inside = False
            if len(fetching.missed) > missed:
                names = dict.fromkeys(fetching.missed[missed:])
                del self.degraded[said:]
                self._say(said, candidate.module.name, "waits for an answer", ", ".join(names))

    def _next(self) -> Any:
        assert self._played is not None
        self._played += 1
        return self._decided[self._played - 1]

    def _replay(self, number: int, caller: Caller) -> str:
        candidate, variables, scope = self._next()
        if candidate == LEFT_OUT:
            return ""
        outer = self._context.variables
        self._context.variables = variables
        try:
            return caller(candidate, scope)
        finally:
            self._context.variables = outer

    # ----------------------------------------------------------------------------- modules

    def _attempt(self, candidate: Candidate, caller: Caller, slot: int) -> str:
        """The text of a candidate or of its stand-ins. Raises ``ValueMissing`` if nothing fits."""
        context, module = self._context, candidate.module
        outer, said = context.variables, len(self.degraded)
        try:
            return self._module(candidate, caller, slot)
        except ValueMissing as missing:
            context.variables = outer
            del self.degraded[said:]
            if candidate.instead is not None:
                text = self._attempt(candidate.instead, caller, slot)
                self._say(
                    said, module.name, f"replaced by {candidate.instead.module.name}", missing
                )
                return text
            if candidate.if_missing == "leave out":
                self._forget(slot)
                self._say(said, module.name, "left out", missing)
                return ""
            raise

    def _module(self, candidate: Candidate, caller: Caller, slot: int) -> str:
        """The text of a candidate by its own rules: ``show if``, what it needs, ``otherwise``."""
        context, module, said = self._context, candidate.module, len(self.degraded)
        variables = {name: _asked(formula.value, context) for name, formula in candidate.values}
        context.variables = variables
        self._forget(slot)
        try:
            if module.fetch is not None:
                variables[module.fetch.service] = self._fetched(module, module.fetch, variables)
            shown = module.show_if is None or _asked(module.show_if.holds, context)
            if shown:
                self._check(module, variables)
                scope = Scope(
                    context,
                    candidate.inputs,
                    variables,
                    candidate.wraps,
                    self._link,
                    self._address,
                )
                text = caller(candidate.number, scope)
                self._decided[slot] = (candidate.number, variables, scope)
                self._shown[slot] = module.name
                return text
        except ValueMissing as missing:
            if candidate.otherwise is None:
                raise
            context.variables = variables
            del self.degraded[said:]
            try:
                return self._otherwise(candidate, candidate.otherwise, caller, slot, missing)
            except ValueMissing:
                raise missing from None
        assert module.show_if is not None
        why = f"show if: {module.show_if.text}"
        if candidate.otherwise is not None:
            return self._otherwise(candidate, candidate.otherwise, caller, slot, why)
        self._say(said, module.name, "left out", why)
        return ""

    def _fetched(
        self, module: Module, fetch: Fetch, variables: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """What the service has answered; nothing if it has not, or has not been asked yet."""
        if self._fetching is None or _lacking(module, variables):
            return {}
        values = {}
        for name, formula in fetch.values:
            rest = at_rest(_asked(formula.value, self._context), formula.kind)
            if not is_missing(rest):
                values[name] = told(rest, formula.kind)
        return self._fetching.answer(Ask(fetch.service, values)) or {}

    def _otherwise(
        self, candidate: Candidate, other: Candidate, caller: Caller, slot: int, why: object
    ) -> str:
        said = len(self.degraded)
        text = self._attempt(other, caller, slot)
        self._say(said, candidate.module.name, f"replaced by {other.module.name}", why)
        return text

    def _check(self, module: Module, variables: Mapping[str, Any]) -> None:
        """Raises ``ValueMissing`` for the first input or value that must be known and is not."""
        name = _lacking(module, variables)
        if name is not None:
            raise ValueMissing(f"{name} of {module.name}")
        for formula in module.requires:
            if is_missing(_asked(formula.value, self._context)):
                raise ValueMissing(f"{formula.text} of {module.name}")

    def _forget(self, slot: int) -> None:
        """What was decided inside of something that is not shown after all."""
        del self._decided[slot + 1 :]
        self._decided[slot] = (LEFT_OUT, None, None)
        self._shown = {at: name for at, name in self._shown.items() if at < slot}

    def _say(self, position: int, module: str, what: str, why: object) -> None:
        self.degraded.insert(position, f"{module}: {what} ({why})")


def _lacking(module: Module, variables: Mapping[str, Any]) -> str | None:
    """The first input that a module needs and has not been given."""
    for name, each in module.inputs.items():
        if each.required and is_missing(variables.get(name)):
            return name
    return None


def _asked(rule: Callable[[Context], Any], context: Context) -> Any:
    """What a rule says. Rules never raise; if one does, that is no matter of missing content."""
    try:
        return rule(context)
    except (TypeError, ValueError, ArithmeticError) as bug:
        raise RuntimeError("a compiled rule broke") from bug


def holds(number: int, stage: Stage) -> bool:
    """For templates: ``Stage.holds``."""
    return stage.holds(number)


def items_of(number: int, stage: Stage) -> Iterator[Any]:
    """For templates: ``Stage.items``."""
    return stage.items(number)

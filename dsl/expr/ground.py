"""What every part of the checker stands on: the text, the scope, what was found and what is read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from dsl.diagnostics import Diagnostic, Severity
from dsl.expr import history, tree
from dsl.expr.scope import Scope
from dsl.expr.typed_test import Test
from dsl.expr.typed_value import Root, Rows, Value, Window
from dsl.kinds import Kind, Record
from dsl.machine import Reads
from dsl.plan import Event
from dsl.source import Text

_LONGEST_QUOTE = 120

__all__ = ["Ground", "Hanging", "ReadSets", "Row"]


@dataclass(slots=True)
class ReadSets:
    """``Reads``, while it is being collected."""

    attributes: set[str] = field(default_factory=set)
    events: set[str] = field(default_factory=set)
    segments: set[str] = field(default_factory=set)
    journeys: set[str] = field(default_factory=set)
    channels: set[str] = field(default_factory=set)
    steps: set[str] = field(default_factory=set)
    times: set[str] = field(default_factory=set)
    messages: bool = False
    consent: bool = False
    trigger: bool = False
    clock: bool = False

    def frozen(self) -> Reads:
        """As the compiled form carries it."""
        return Reads(
            frozenset(self.attributes),
            frozenset(self.events),
            frozenset(self.segments),
            frozenset(self.journeys),
            frozenset(self.channels),
            frozenset(self.steps),
            self.messages,
            self.consent,
            self.trigger,
            self.clock,
            frozenset(self.times),
        )


@dataclass(frozen=True, slots=True)
class Row:
    """The event or item whose properties are the names inside ``where``."""

    fields: Mapping[str, Kind]
    event: Event | None  # None: an item of a list
    root: Root = "row"


@dataclass(frozen=True, slots=True)
class Hanging:
    """An unbracketed ``where`` before an ``and``: what follows may have been meant for it."""

    event: Event
    where: history.Where
    part: tree.Node  # what follows


class Ground(ABC):
    """State and voice of one check. The parts of the checker are mixed in above it."""

    def __init__(self, text: Text, scope: Scope, found: list[Diagnostic]) -> None:
        self.text = text
        self.scope = scope
        self.found = found
        self.reads = ReadSets()
        self.row: Row | None = None
        self.hanging: Hanging | None = None

    def error(
        self,
        code: str,
        node: tree.Node,
        message: str,
        hint: str | None = None,
        folded: tuple[str, ...] = (),
    ) -> None:
        """Tells the author; the caller goes on with None."""
        span = self.text.span(node.start, node.end)
        self.found.append(Diagnostic(Severity.ERROR, code, span, message, hint, folded))

    def warn(self, code: str, node: tree.Node, message: str, hint: str | None = None) -> None:
        """Tells the author, and lets it pass."""
        span = self.text.span(node.start, node.end)
        self.found.append(Diagnostic(Severity.WARNING, code, span, message, hint))

    def quote(self, node: tree.Node) -> str:
        """The author's own words, on one line."""
        said = " ".join(self.text[node.start : node.end].split())
        return said if len(said) <= _LONGEST_QUOTE else said[: _LONGEST_QUOTE - 1] + "…"

    @contextmanager
    def inside(self, row: Row) -> Iterator[None]:
        """Names are those of ``row`` meanwhile."""
        outer, hanging = self.row, self.hanging
        self.row, self.hanging = row, None
        try:
            yield
        finally:
            self.row, self.hanging = outer, hanging

    @property
    def in_journey(self) -> bool:
        """Whether there is a journey around, or a fragment of one."""
        return self.scope.trigger is not None or self.scope.entry

    # Each of these returns None if it has told the author of an error.

    @abstractmethod
    def value(self, node: tree.Node) -> Value | None:
        """The typed value of ``node``."""

    @abstractmethod
    def test(self, node: tree.Node) -> Test | None:
        """The typed test of ``node``."""

    @abstractmethod
    def path_value(self, path: tree.Path) -> Value | None:
        """What a name stands for."""

    @abstractmethod
    def rows_of(
        self, path: tree.Path, where: history.Where | None, window: history.Window | None
    ) -> tuple[Rows, Value | None] | None:
        """The rows a path means, and the value asked of each (None: the row itself)."""

    @abstractmethod
    def window_of(self, window: history.Window | None) -> Window | None:
        """The typed window; None also for ``ever``. Raises nothing, may report."""

    @abstractmethod
    def where_test(self, where: history.Where | None, row: Row) -> tuple[bool, Test | None]:
        """Whether ``where`` is sound, and its test."""

    @abstractmethod
    def question(self, node: tree.Node) -> Test | None:
        """The typed test of a question about the person's history."""

    @abstractmethod
    def follow_path(self, value: Value, path: tree.Path, index: int) -> Value | None:
        """``value`` and the rest of ``path`` from ``index`` on."""


def fields_of(record: Record) -> Mapping[str, Kind]:
    """The fields of a record by name."""
    return dict(record.fields)

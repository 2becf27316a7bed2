"""Python source for one compiled rule: functions of ``Context``, constants, no word of the author.

Names of attributes and events enter as quoted keys, values written in a rule as literals of
plain ints, texts and truth, or as names of a table of constants; nothing else does.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, NamedTuple

from dsl.expr import arithmetic, timing, wording
from dsl.expr.history_reading import LIBRARY as HISTORY
from dsl.expr.typed_test import Test
from dsl.expr.typed_value import Rows, Value

__all__ = ["Body", "Program", "Taken"]


class Taken(NamedTuple):
    """A value in code: if all ``tests`` hold, in order, ``source`` is the value and not missing.

    ``whole`` says that it is certainly an int.
    """

    tests: tuple[str, ...]
    source: str
    whole: bool = False

    @property
    def sure(self) -> bool:
        """Whether it is never missing."""
        return not self.tests


class Program:
    """The source under construction: its functions and its constants."""

    def __init__(self) -> None:
        self.functions: list[str] = []
        self.constants: dict[str, Any] = {}
        self._count = 0

    def fresh(self, prefix: str) -> str:
        """A name not used before."""
        self._count += 1
        return f"{prefix}{self._count}"

    def constant(self, value: Any) -> str:
        """Source that stands for ``value``."""
        if value is None or value.__class__ in (bool, int, str):
            return repr(value)
        name = self.fresh("K")
        self.constants[name] = value
        return name

    def compile(self, name: str, place: str) -> Callable[..., Any]:
        """The function called ``name``, as code."""
        source = "\n\n".join(self.functions) + "\n"
        namespace: dict[str, Any] = {**_library(), **self.constants}
        code = compile(source, f"<rule at {place}>", "exec")
        exec(code, namespace)  # noqa: S102 - our own source, see above
        made: Callable[..., Any] = namespace[name]
        return made


def _library() -> dict[str, Any]:
    found: dict[str, Any] = {"__builtins__": {}, **HISTORY}
    for module in (arithmetic, timing, wording):
        for name in module.__all__:
            found[name] = getattr(module, name)
    for builtin in (abs, bool, dict, int, len, list, reversed, str):
        found[builtin.__name__] = builtin
    return found


_PRELUDES = {
    "now": "now = c.now",
    "a": "a = c.attributes",
    "g": "g = c.trigger.properties if c.trigger is not None else {}",
    "k": "k = c.candidate.properties if c.candidate is not None else {}",
    "v": "v = c.variables",
    "s": "s = c.steps",
}


class Body(ABC):
    """One function under construction. The parts of the emitter are mixed in above it."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.uses: set[str] = set()

    def use(self, name: str) -> str:
        """A part of the context, fetched once at the top of the function."""
        self.uses.add(name)
        return name

    def fresh(self) -> str:
        """A local name not used before."""
        return self.program.fresh("t")

    def preludes(self) -> list[str]:
        """The lines that fetch what is used."""
        return [line for name, line in _PRELUDES.items() if name in self.uses]

    def may_be_none(self, source: str) -> Taken:
        """Source whose value may be None."""
        name = self.fresh()
        return Taken((f"({name} := {source}) is not None",), name)

    def define(self, name: str, parameters: str, lines: list[str], first: list[str]) -> None:
        """Adds the finished function to the program."""
        body = [*first, *self.preludes(), *lines]
        text = "\n".join(f"    {line}" for line in body)
        self.program.functions.append(f"def {name}({parameters}):\n{text}")

    def or_none(self, taken: Taken) -> str:
        """The value, or None."""
        if taken.sure:
            return taken.source
        return f"({taken.source} if {' and '.join(taken.tests)} else None)"

    def all_of(self, *parts: str) -> str:
        """``and`` over what is not trivially true."""
        real = [part for part in parts if part != "True"]
        if not real:
            return "True"
        return real[0] if len(real) == 1 else f"({' and '.join(real)})"

    @abstractmethod
    def take(self, value: Value) -> Taken:
        """Code for a value."""

    @abstractmethod
    def test(self, test: Test) -> str:
        """Code for a test: an expression that is True or False."""

    @abstractmethod
    def count_rows(self, rows: Rows) -> Taken:
        """Code for the number of rows."""

    @abstractmethod
    def measure(self, value: Value) -> Taken:
        """Code for an aggregate or a pick."""

    @abstractmethod
    def ask(self, test: Test) -> str:
        """Code for a test of the history."""

    @abstractmethod
    def fork(self) -> Body:
        """A further function of the same program."""

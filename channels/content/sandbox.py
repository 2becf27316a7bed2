"""The sandbox that texts are rendered in: it reads fields, counts and compares, and nothing else.

Three fences, each of which would do for most things: what a text may contain is decided before it
is compiled (``rewrite``), nothing of Python can be reached at run time (here), and everything that
can grow pays from a budget (``writing.Budget``, ``filters``).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from decimal import Decimal, DivisionByZero, InvalidOperation
from types import MappingProxyType
from typing import Any

from jinja2.exceptions import SecurityError
from jinja2.runtime import Context as Names
from jinja2.runtime import LoopContext, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from channels.content.filters import FILTERS, TESTS
from channels.content.writing import Unwritable
from channels.content.written import Amount, Fields, Missing, absent

__all__ = ["Sandbox", "arithmetic"]

_LOOP = frozenset({"first", "index", "index0", "last", "length", "revindex", "revindex0"})
_LARGEST = Decimal(10) ** 28
_LONGEST = 10_000

_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = MappingProxyType(
    {
        "+": operator.add,
        "-": operator.sub,
        "*": operator.mul,
        "/": operator.truediv,
        "//": operator.floordiv,
        "%": operator.mod,
    }
)


class Sandbox(ImmutableSandboxedEnvironment):
    """An environment without globals, for texts that ``rewrite`` has let through.

    ``inner`` are the functions that our own nodes call; no text can name them.
    """

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def __init__(self, *, html: bool, inner: Mapping[str, Callable[..., Any]]) -> None:
        super().__init__(
            autoescape=html, undefined=Missing, trim_blocks=True, lstrip_blocks=True, cache_size=0
        )
        self.globals.clear()
        self.filters = {**FILTERS, **inner}
        self.tests = dict(TESTS)

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, Fields) and isinstance(argument, str):
            return obj.read(argument)
        if isinstance(obj, Undefined):
            return obj
        if isinstance(obj, tuple) and isinstance(argument, int | slice):
            try:
                return obj[argument]
            except IndexError:
                return absent(f"item {argument}")
        if isinstance(obj, LoopContext) and argument in _LOOP:
            return getattr(obj, argument)
        raise SecurityError(f"a text cannot look into this: {str(argument)[:40]}")

    def call(self, context: Names, called: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Only our own nodes call anything: the one function that renders a module."""
        if called is context.parent["use"]:
            return called(*args, **kwargs)
        raise SecurityError("a text cannot call anything")

    def call_binop(self, context: Names, operator: str, left: Any, right: Any) -> Any:
        return arithmetic(operator, left, right)


def arithmetic(sign: str, left: Any, right: Any) -> Any:
    """Calculates with numbers and amounts; ``+`` also joins two texts.

    Amounts keep their currency; two currencies never meet. Dividing by zero gives a missing value.
    """
    if isinstance(left, Undefined) or isinstance(right, Undefined):
        str(left if isinstance(left, Undefined) else right)  # raises, with the name
    if sign == "+" and isinstance(left, str) and isinstance(right, str):
        if len(left) + len(right) > _LONGEST:
            raise Unwritable("the text grows too long")
        return left + right
    if sign == "**":
        raise Unwritable("powers are not calculated in texts")
    currency = _currency(sign, left, right)
    try:
        value = _OPERATORS[sign](_number(left), _number(right))
    except (ZeroDivisionError, DivisionByZero, InvalidOperation):
        return absent("a division by zero")
    if abs(value) > _LARGEST:
        raise Unwritable("a number grows too large")
    return value if currency is None else Amount.of(value, currency)


def _number(value: Any) -> Decimal | int:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | float):
        raise Unwritable("a text calculates with numbers and amounts only")
    if isinstance(value, Amount):
        return Decimal(value)
    return Decimal(str(value)) if isinstance(value, float) else value


def _currency(sign: str, left: Any, right: Any) -> str | None:
    ours = left.currency if isinstance(left, Amount) else None
    theirs = right.currency if isinstance(right, Amount) else None
    if ours and theirs:
        if ours != theirs:
            raise Unwritable(f"{ours} and {theirs} are two currencies")
        if sign == "*":
            raise Unwritable("two amounts cannot be multiplied")
        return None if sign in {"/", "//"} else ours
    return ours or theirs

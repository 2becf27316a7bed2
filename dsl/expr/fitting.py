"""Whether a value fits where it is to be put: an attribute, a property, an input."""

from __future__ import annotations

from dsl import kinds
from dsl.expr import typed_value as tv
from dsl.expr.check_values import as_instant, is_number
from dsl.expr.speech import say_one
from dsl.expr.typed_value import Value
from dsl.kinds import Kind
from dsl.spelling import did_you_mean

__all__ = ["Misfit", "fit"]


class Misfit(tuple[str, str, str | None]):
    """Code, message and hint."""

    __slots__ = ()


def fit(value: Value, kind: Kind) -> Value | Misfit:
    """``value`` as it is put into something of ``kind``, or why it cannot be."""
    given = value.kind
    if given == kind or _same(given, kind):
        return value
    match kind:
        case kinds.Number() if is_number(given):
            return value
        case kinds.Instant() if isinstance(given, kinds.Date):
            return as_instant(value) or value
        case kinds.Text() | kinds.Code() if isinstance(
            given, kinds.Text | kinds.Code | kinds.OneOf
        ):
            return value
        case kinds.OneOf(values) if isinstance(given, kinds.Text) and isinstance(
            value, tv.Constant
        ):
            if value.value in values:
                return value
            hint = did_you_mean(str(value.value), values) or f"Possible: {', '.join(values[:12])}"
            return Misfit(("T03", f'"{value.value}" is not one of the values.', hint))
        case kinds.OneOf(values) if isinstance(given, kinds.OneOf):
            if set(given.values) <= set(values):
                return value
        case kinds.OneOf() if isinstance(value, tv.IfElse):
            then, otherwise = fit(value.then, kind), fit(value.otherwise, kind)
            for side in (then, otherwise):
                if isinstance(side, Misfit):
                    return side
            return value
        case _:
            pass
    return Misfit(
        ("T13", f"Here stands {say_one(kind)}, but this is {say_one(given)}.", _hint(given, kind))
    )


def _same(given: Kind, kind: Kind) -> bool:
    """Lists and records that differ only in how much is said about them."""
    if isinstance(given, kinds.ListOf) and isinstance(kind, kinds.ListOf):
        texts = (kinds.Text, kinds.Code, kinds.OneOf)
        both_texts = isinstance(given.item, texts) and isinstance(
            kind.item, kinds.Text | kinds.Code
        )
        return given.item == kind.item or both_texts or _same(given.item, kind.item)
    if isinstance(given, kinds.Record) and isinstance(kind, kinds.Record):
        known = dict(given.fields)
        return all(
            name in known and (known[name] == wanted or _same(known[name], wanted))
            for name, wanted in kind.fields
        )
    return False


def _hint(given: Kind, kind: Kind) -> str | None:
    match kind:
        case kinds.Whole() if isinstance(given, kinds.Number):
            return "Round it: round(...)"
        case kinds.Money(currency) if is_number(given):
            return f"Write the amount with its currency, for example: 5 {currency}"
        case kinds.Length():
            return "For example: 2 days"
        case _:
            return None

"""How short and how long a text can become, as far as that can be told before anybody is written to.

Two texts are made of a template without rendering it: one with the shortest values and the branches
that say least, one with the longest values of daily life and the branches that say most. Whoever has
a limit measures both. Nobody's longest name is a bound in the strict sense, so what is measured
here is told to authors, and counted again when a message is built.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

from jinja2 import Environment, TemplateError, nodes

from dsl import kinds
from dsl.kinds import Kind, ListOf, Record
from dsl.message import OWN_LINKS
from dsl.sms import measure

__all__ = ["OWN_PAGES", "Extent", "extent_of"]


class Extent(NamedTuple):
    """The shortest and the longest that something is likely to say."""

    short: str
    long: str


_Own: TypeAlias = Mapping[str, "_Value"]


class _Value(NamedTuple):
    """What an expression says, and its kind if that is known."""

    says: Extent
    kind: Kind | None = None


_NAME = 15  # as long as nine of ten first names and all amounts in daily life
_ROUNDS = 3  # of a loop over who knows how many things
_ANY = Extent("x", "x" * _NAME)
_NUMBER = Extent("1", "9,999")
OWN_PAGES = "https://journeys.shop.example/unsubscribe/"
"""With which our own pages begin, as they are measured: nothing is done with links that lead there."""
_TOKEN = 65  # characters that stand for a message there
_OWN = Extent(f"{OWN_PAGES}{'x' * _TOKEN}", f"{OWN_PAGES}{'x' * _TOKEN}")
_LINK = Extent("https://shop.example/1", f"https://journeys.shop.example/{'x' * 50}")
_BY_KIND: Mapping[type[Kind], Extent] = {
    kinds.Whole: _NUMBER,
    kinds.Number: Extent("1", "9,999.99"),
    kinds.Money: Extent("€1.00", "9,999.99 €"),
    kinds.YesNo: Extent("no", "yes"),
    kinds.Date: Extent("1 May 2026", "30 September 2026"),
    kinds.TimeOfDay: Extent("9:00", "12:30 PM"),
    kinds.Instant: Extent("1 May 2026, 9:00", "30 September 2026 at 12:30 PM"),
    kinds.Length: Extent("1 day", "11 months"),
}
_SAME = {"upper": str.upper, "lower": str.lower, "title": str.title, "capitalize": str.capitalize}


def extent_of(text: str, known: Mapping[str, Kind]) -> Extent:
    """The shortest and the longest that ``text`` becomes; ``known`` are the kinds of its names.

    A text that is no template says what it says.
    """
    try:
        tree = Environment(trim_blocks=True, lstrip_blocks=True).parse(text)  # noqa: S701 - nothing is rendered
    except TemplateError:
        return Extent(text, text)
    return _Walker(known).body(tree.body, {})


class _Walker:
    def __init__(self, known: Mapping[str, Kind]) -> None:
        self._known = known

    def body(self, body: Sequence[nodes.Node], own: _Own) -> Extent:
        said = Extent("", "")
        for node in body:
            match node:
                case nodes.Output():
                    for part in node.nodes:
                        said = _joined(said, self.value(part, own).says)
                case nodes.If():
                    said = _joined(said, self._if(node, own))
                case nodes.For(target=nodes.Name(name=name)):
                    items = self.value(node.iter, own).kind
                    item = items.item if isinstance(items, ListOf) else None
                    one = {**own, name: _Value(_of(item), item), "loop": _Value(_NUMBER)}
                    each, none = self.body(node.body, one), self.body(node.else_, own)
                    said = _joined(said, _either(none, Extent(each.short, each.long * _ROUNDS)))
                case nodes.Assign(target=nodes.Name(name=name)):
                    own = {**own, name: self.value(node.node, own)}
                case _:
                    pass
        return said

    def _if(self, node: nodes.If, own: _Own) -> Extent:
        said = _either(self.body(node.body, own), self.body(node.else_, own))
        for other in node.elif_:
            said = _either(said, self.body(other.body, own))
        return said

    def value(self, node: nodes.Node, own: _Own) -> _Value:
        match node:
            case nodes.TemplateData(data=words):
                return _Value(Extent(words, words))
            case nodes.Const(value=constant):
                return _Value(Extent(str(constant), str(constant)))
            case nodes.Name(name=name) if name in own:
                return own[name]
            case nodes.Name(name=name):
                return self._named(name, self._known.get(name))
            case nodes.Getattr(attr=name) | nodes.Getitem(arg=nodes.Const(value=str(name))):
                base = self.value(node.node, own).kind
                return self._named(name, base.field(name) if isinstance(base, Record) else None)
            case nodes.Getitem(arg=nodes.Slice()):
                return self.value(node.node, own)
            case nodes.Getitem():
                return _item(self.value(node.node, own).kind)
            case nodes.Filter():
                return self._filter(node, own)
            case nodes.CondExpr():
                first = self.value(node.expr1, own)
                if node.expr2 is None:
                    return first
                return _Value(_either(first.says, self.value(node.expr2, own).says), first.kind)
            case nodes.Or():
                first, second = self.value(node.left, own), self.value(node.right, own)
                return _Value(_either(first.says, second.says), first.kind)
            case nodes.Concat():
                said = Extent("", "")
                for part in node.nodes:
                    said = _joined(said, self.value(part, own).says)
                return _Value(said)
            case nodes.Add():
                left, right = self.value(node.left, own), self.value(node.right, own)
                if isinstance(left.kind, kinds.Money | kinds.Number | kinds.Whole):
                    return left
                return _Value(_joined(left.says, right.says), left.kind)
            case nodes.BinExpr():
                return self.value(node.left, own)
            case nodes.Neg() | nodes.Pos():
                return self.value(node.node, own)
            case nodes.List() | nodes.Tuple():
                items = [self.value(item, own) for item in node.items]
                return _Value(_ANY, ListOf(items[0].kind) if items and items[0].kind else None)
            case nodes.Test() | nodes.Compare() | nodes.Not():
                return _Value(_BY_KIND[kinds.YesNo])
            case _:
                return _Value(_ANY)

    def _named(self, name: str, kind: Kind | None) -> _Value:
        if name in OWN_LINKS:
            return _Value(_OWN)
        if isinstance(kind, kinds.Text | kinds.Code | None) and name.endswith(("link", "url")):
            return _Value(_LINK, kind)
        return _Value(_of(kind), kind)

    def _filter(self, node: nodes.Filter, own: _Own) -> _Value:
        if node.node is None:
            return _Value(_ANY)
        base = self.value(node.node, own)
        first = self.value(node.args[0], own) if node.args else None
        match node.name:
            case "default" | "d":
                instead = Extent("", "") if first is None else first.says
                return _Value(_either(base.says, instead), base.kind)
            case "truncate":
                most = node.args[0].value if node.args else 255  # type: ignore[attr-defined]
                return _Value(Extent(*(_cut(each, most) for each in base.says)), kinds.Text())
            case "upper" | "lower" | "title" | "capitalize" as name:
                return _Value(Extent(*(_SAME[name](each) for each in base.says)), kinds.Text())
            case "plural":
                forms = [self.value(each, own).says for each in node.args]
                said = forms[0] if forms else _ANY
                for form in forms:
                    said = _either(said, form)
                return _Value(said, kinds.Text())
            case "length" | "count":
                return _Value(Extent("1", "99"), kinds.Whole())
            case "first" | "last":
                return _item(base.kind)
            case "join":
                between = "" if first is None else first.says.long
                one = self._of_items(node, base.kind)
                return _Value(Extent(one.short, between.join([one.long] * _ROUNDS)), kinds.Text())
            case "sum":
                return _Value(self._of_items(node, base.kind))
            case _:
                return base

    def _of_items(self, node: nodes.Filter, kind: Kind | None) -> Extent:
        """What one item of a list says, or the field of it that is asked for."""
        item = kind.item if isinstance(kind, ListOf) else None
        for each in node.kwargs:
            if isinstance(each.value, nodes.Const) and isinstance(item, Record):
                item = item.field(str(each.value.value))
        return _of(item)


def _of(kind: Kind | None) -> Extent:
    match kind:
        case kinds.OneOf(values) if values:
            return Extent(min(values, key=len), max(values, key=len))
        case ListOf(item):
            one = _of(item)
            return Extent(one.short, ", ".join([one.long] * _ROUNDS))
        case None:
            return _ANY
        case _:
            return _BY_KIND.get(type(kind), _ANY)


def _item(kind: Kind | None) -> _Value:
    item = kind.item if isinstance(kind, ListOf) else None
    return _Value(_of(item), item)


def _cut(text: str, most: object) -> str:
    if not isinstance(most, int) or len(text) <= most:
        return text
    return text[: max(0, most - 1)] + "…"


def _joined(first: Extent, second: Extent) -> Extent:
    return Extent(first.short + second.short, first.long + second.long)


def _either(first: Extent, second: Extent) -> Extent:
    """One of the two is said, and nobody knows which."""
    return Extent(
        min(first.short, second.short, key=_weight), max(first.long, second.long, key=_weight)
    )


def _weight(text: str) -> tuple[bool, int]:
    measured = measure(text)
    return measured.encoding == "UCS-2", measured.length

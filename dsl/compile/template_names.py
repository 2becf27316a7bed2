"""What a text may say: its names, filters and tags, checked against what is known in its place.

The texts themselves are rendered by the channels, which refuse at run time whatever is refused
here; so that a mistake is found where it was written, and not by the people it is sent to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jinja2 import nodes

from dsl import kinds
from dsl.compile.template_guards import Path, known_if
from dsl.compile.template_roots import Part, Root, Seen, Unsure, is_open
from dsl.diagnostics import Diagnostic
from dsl.files.reading import error
from dsl.kinds import Kind
from dsl.message import TEMPLATE_FILTERS, TEMPLATE_TESTS
from dsl.source import Text
from dsl.spelling import did_you_mean
from dsl.templates import parse_text, place_of, word_at

__all__ = ["see_text"]

_WRONG = Part(wrong=True)
_WORDS_OUT = frozenset(
    {"capitalize", "join", "lower", "plural", "replace", "title", "trim", "truncate", "upper"}
)


def see_text(
    text: Text,
    roots: Mapping[str, Root],
    owner: str,
    found: list[Diagnostic],
    sure: frozenset[Path] = frozenset(),
) -> Seen | None:
    """What ``text`` uses, and a finding for whatever it must not. None if it cannot be read.

    ``owner`` is how findings call the place: ``a message``. ``sure`` are paths known there.
    """
    template = parse_text(text, found)
    if template is None:
        return None
    checker = _Checker(text, roots, owner, found)
    try:
        checker.body(template.body, {}, sure)
    except RecursionError:
        message = "This text is nested too deeply."
        found.append(error("M10", text.span(0, 1), message))
        return None
    return checker.seen


class _Checker:
    def __init__(
        self, text: Text, roots: Mapping[str, Root], owner: str, found: list[Diagnostic]
    ) -> None:
        self._text = text
        self._roots = roots
        self._owner = owner
        self._found = found
        self.seen = Seen({}, set(), [], [])

    # ------------------------------------------------------------------------- statements

    def body(
        self, body: Sequence[nodes.Node], own: Mapping[str, Part], sure: frozenset[Path]
    ) -> None:
        for node in body:
            match node:
                case nodes.Output():
                    for part in node.nodes:
                        if not isinstance(part, nodes.TemplateData):
                            self._said(part, self.value(part, own, sure))
                case nodes.If():
                    self._if(node, own, sure)
                case nodes.For(target=nodes.Name(name=name), recursive=False):
                    self.seen.tags.append(place_of(node))
                    items = self.value(node.iter, own, sure)
                    self._printed(items)
                    inside = {**own, name: Part(self._item(node, items)), "loop": Part()}
                    if node.test is not None:
                        self.value(node.test, inside, sure)
                    self.body(node.body, inside, sure)
                    self.body(node.else_, own, sure)
                case nodes.Assign(target=nodes.Name(name=name)):
                    self.seen.tags.append(place_of(node))
                    own = {**own, name: self.value(node.node, own, sure)}
                case _:
                    self._refuse(node, "This tag is not known in a text.")

    def _if(self, node: nodes.If, own: Mapping[str, Part], sure: frozenset[Path]) -> None:
        self.seen.tags.append(place_of(node))
        self.value(node.test, own, sure)
        self.body(node.body, own, sure | known_if(node.test))
        for other in node.elif_:
            self._if(other, own, sure)
        self.body(node.else_, own, sure | known_if(_not(node.test)))

    def _item(self, node: nodes.For, items: Part) -> Kind | None:
        if isinstance(items.kind, kinds.ListOf):
            return None if is_open(items.kind.item) else items.kind.item
        if items.kind is not None:
            self._refuse(node.iter, "Only a list can be gone through.", "M12")
        return None

    def _said(self, node: nodes.Node, value: Part) -> None:
        inner = value.kind.item if isinstance(value.kind, kinds.ListOf) else value.kind
        if isinstance(inner, kinds.Record) and inner.fields:
            name = ".".join(value.path) or "this"
            hint = f"Write one of its parts, for example: {{{{ {name}.{inner.fields[0][0]} }}}}"
            if inner is not value.kind:
                hint = f"Go through it: {{% for item in {name} %}} ... {{% endfor %}}"
            self._refuse(node, f'"{name}" has several parts.', "M12", hint)
        self._printed(value)

    def _printed(self, value: Part) -> None:
        if value.unsure is not None:
            self.seen.unsure.append(value.unsure)

    # -------------------------------------------------------------------------- expressions

    def value(self, node: nodes.Node, own: Mapping[str, Part], sure: frozenset[Path]) -> Part:
        def of(part: nodes.Node) -> Part:
            return self.value(part, own, sure)

        match node:
            case nodes.Name(name=name):
                return self._name(node, name, own, sure)
            case nodes.Const(value=constant):
                return Part(kinds.Text() if isinstance(constant, str) else kinds.Number())
            case nodes.TemplateData():
                return Part(kinds.Text())
            case nodes.Getattr(attr=name):
                return self._field(of(node.node), name, place_of(node), sure)
            case nodes.Getitem(arg=nodes.Const(value=str(name))):
                return self._field(of(node.node), name, place_of(node), sure)
            case nodes.Getitem(arg=nodes.Const() | nodes.Neg() | nodes.Slice()):
                inner = of(node.node)
                if inner.kind is not None and not isinstance(inner.kind, kinds.ListOf):
                    self._refuse(node, "Only a list has items with numbers.", "M12")
                if isinstance(inner.kind, kinds.ListOf) and not isinstance(node.arg, nodes.Slice):
                    return Part(inner.kind.item, inner.unsure)
                return Part(inner.kind, inner.unsure)
            case nodes.Filter():
                return self._filter(node, own, sure)
            case nodes.Test(name=name):
                of(node.node)
                if name not in TEMPLATE_TESTS or node.args:
                    hint = did_you_mean(name, TEMPLATE_TESTS)
                    hint = hint or f"Possible here: {', '.join(sorted(TEMPLATE_TESTS))}"
                    self._refuse(node, f'There is no test "is {name}" in a text.', "M12", hint)
                return Part(kinds.YesNo())
            case nodes.CondExpr():
                of(node.test)
                first = self.value(node.expr1, own, sure | known_if(node.test))
                if node.expr2 is None:
                    return first
                other = sure | known_if(_not(node.test))
                second = self.value(node.expr2, own, other)
                return Part(first.kind, first.unsure or second.unsure)
            case nodes.Or():
                first, second = of(node.left), of(node.right)
                return Part(first.kind or second.kind, second.unsure)
            case nodes.And():
                first = of(node.left)
                second = self.value(node.right, own, sure | known_if(node.left))
                return Part(second.kind, first.unsure or second.unsure)
            case nodes.Pow():
                self._refuse(node, "Powers are not calculated in a text.")
                return _WRONG
            case nodes.BinExpr():
                first, second = of(node.left), of(node.right)
                kind = first.kind if first.kind == second.kind else None
                return Part(kind, first.unsure or second.unsure)
            case nodes.Not():
                of(node.node)
                return Part(kinds.YesNo())
            case nodes.Neg() | nodes.Pos():
                return of(node.node)
            case nodes.Compare():
                for part in (node.expr, *(each.expr for each in node.ops)):
                    of(part)
                return Part(kinds.YesNo())
            case nodes.Concat():
                parts = [of(part) for part in node.nodes]
                return Part(kinds.Text(), next((p.unsure for p in parts if p.unsure), None))
            case nodes.List() | nodes.Tuple():
                items = [of(item) for item in node.items]
                kind = items[0].kind if items else None
                return Part(None if kind is None else kinds.ListOf(kind))
            case nodes.Call():
                self._call(node)
                return _WRONG
            case _:
                self._refuse(node, "This cannot stand in a text.")
                return _WRONG

    def _name(
        self, node: nodes.Node, name: str, own: Mapping[str, Part], sure: frozenset[Path]
    ) -> Part:
        if name in own:
            return own[name]
        start = place_of(node)
        end = start + len(name)
        root = self._roots.get(name)
        if name.startswith("_"):
            self._refuse(node, f'"{name}" cannot be used in a text.')
            return _WRONG
        if root is None:
            self._unknown(name, start)
            return _WRONG
        self.seen.names.add(name)
        self._refuse_withheld(root, name, start)
        if root.kind is not None and not is_open(root.kind):
            self.seen.kinds[name] = root.kind
        known = root.sure or (name,) in sure
        kind = None if is_open(root.kind) and not isinstance(root.kind, kinds.ListOf) else root.kind
        return Part(kind, None if known else Unsure(name, start, end), (name,))

    def _refuse_withheld(self, root: Root, name: str, start: int) -> None:
        refusal = None if root.withheld is None else root.withheld.refusal(name)
        if refusal is not None:
            code, message, hint = refusal
            span = self._text.span(start, start + len(name))
            self._found.append(error(code, span, message, hint))

    def _unknown(self, name: str, start: int) -> None:
        span = self._text.span(start, start + len(name))
        if name == "trigger":
            words = f'{self._owner.capitalize()} cannot use "trigger": it has no journey.'
            hint = None
            if self._owner in ("a message", "a module"):
                hint = "In a message add: uses: journey ...   A module gets it by an input."
            self._found.append(error("E143", span, words, hint))
            return
        hint_ = did_you_mean(name, self._roots)
        self._found.append(error("N01", span, f'I do not know "{name[:60]}".', hint_))

    def _field(self, base: Part, name: str, dot: int, sure: frozenset[Path]) -> Part:
        if base.wrong:
            return base
        start, end = word_at(self._text, dot)
        span = self._text.span(start, end)
        if name.startswith("_"):
            self._found.append(error("M11", span, f'"{name[:60]}" cannot be used in a text.'))
            return _WRONG
        path = (*base.path, name) if base.path else ()
        whole = ".".join(path) or name
        unsure = base.unsure
        if len(base.path) == 1 and base.path[0] in self._roots:
            root = self._roots[base.path[0]]
            if name in root.unsure_fields and path not in sure:
                unsure = Unsure(whole, start, end)
            self.seen.fields.add(path)
            self._refuse_withheld(root, name, start)
        if base.kind is None:
            return Part(None, unsure, path)
        field = base.kind.field(name) if isinstance(base.kind, kinds.Record) else None
        if field is None and not is_open(base.kind):
            said = f'"{".".join(base.path)}"' if base.path else "This"
            if base.path == ("profile",):
                words = f'I do not know the attribute "{name[:60]}".'
                code = "N01"
            else:
                words, code = f'{said} has no property called "{name[:60]}".', "N02"
            known = [each for each, _ in _fields(base.kind)]
            hint = did_you_mean(name, known)
            if isinstance(base.kind, kinds.ListOf):
                hint = f"It is a list. Take one: ({'.'.join(base.path) or 'list'} | first).{name}"
            self._found.append(error(code, span, words, hint))
            return _WRONG
        return Part(None if field is None or is_open(field) else field, unsure, path)

    def _filter(self, node: nodes.Filter, own: Mapping[str, Part], sure: frozenset[Path]) -> Part:
        name = node.name
        if node.node is None:
            self._refuse(node, "This tag is not known in a text.")
            return Part()
        base = self.value(node.node, own, sure)
        if name not in TEMPLATE_FILTERS:
            hint = did_you_mean(name, TEMPLATE_FILTERS)
            hint = hint or f"Possible here: {', '.join(sorted(TEMPLATE_FILTERS))}"
            self._refuse(node, f'There is no filter called "{name[:60]}".', "M12", hint)
            return Part()
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            self._refuse(node, "A filter cannot be called like this.")
            return Part()
        more = [self.value(each, own, sure) for each in node.args]
        if name == "plural" and not more:
            hint = '{{ points }} {{ points | plural("point", "points") }}'
            self._refuse(node, '"plural" takes the forms of a word.', "M12", f"For example: {hint}")
        for each in node.kwargs:
            self._argument(name, each, base, own, sure)
        match name:
            case "default" | "d":
                return Part(base.kind, more[0].unsure if more else None)
            case "first" | "last":
                item = base.kind.item if isinstance(base.kind, kinds.ListOf) else None
                return Part(None if is_open(item) else item, base.unsure)
            case "length" | "count":
                return Part(kinds.Whole(), base.unsure)
            case _ if name in _WORDS_OUT:
                return Part(kinds.Text(), base.unsure)
            case "sum":
                item = base.kind.item if isinstance(base.kind, kinds.ListOf) else None
                return Part(item if isinstance(item, kinds.Money) else None, base.unsure)
            case _:
                return Part(base.kind, base.unsure)

    def _argument(
        self,
        filter_: str,
        each: nodes.Pair | nodes.Keyword,
        base: Part,
        own: Mapping[str, Part],
        sure: frozenset[Path],
    ) -> None:
        if (filter_, each.key) not in {("join", "attribute"), ("sum", "attribute")}:
            self._refuse(each, f'"{each.key}" does not belong to "{filter_}".', "M12")
            return
        self.value(each.value, own, sure)
        item = base.kind.item if isinstance(base.kind, kinds.ListOf) else None
        name = each.value.value if isinstance(each.value, nodes.Const) else None
        fields = [field for field, _ in _fields(item)]
        if fields and name not in fields:
            words = f'The items have no property called "{str(name)[:60]}".'
            start = place_of(each.value)
            span = self._text.span(start, start + len(str(name)) + 2)
            self._found.append(error("N02", span, words, did_you_mean(str(name), fields)))

    def _call(self, node: nodes.Call) -> None:
        match node.node:
            case nodes.Getattr(attr=name) if name in TEMPLATE_FILTERS:
                hint = f"A filter does it: {{{{ ... | {name} }}}}"
            case _:
                hint = "Only filters: {{ first_name | upper }}"
        start = place_of(node)
        dot = place_of(node.node)
        start, end = (
            word_at(self._text, dot) if isinstance(node.node, nodes.Getattr) else (dot, start)
        )
        self._found.append(
            error(
                "M11",
                self._text.span(start, max(end, start + 1)),
                "A text cannot call anything.",
                hint,
            )
        )

    def _refuse(
        self, node: nodes.Node, words: str, code: str = "M11", hint: str | None = None
    ) -> None:
        start, end = word_at(self._text, place_of(node))
        self._found.append(error(code, self._text.span(start, end), words, hint))


def _not(test: nodes.Node) -> nodes.Node:
    assert isinstance(test, nodes.Expr)
    return nodes.Not(test)


def _fields(kind: Kind | None) -> tuple[tuple[str, Kind], ...]:
    return kind.fields if isinstance(kind, kinds.Record) else ()

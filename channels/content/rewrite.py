"""From an author's text to nodes that can do nothing but say it.

Every text is parsed on its own, so none can reach into what surrounds it, and only the nodes
listed here are let through. What is let through is bound to its place: names become fields of a
scope, printed values go through ``printing``, loops pay from the budget.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from jinja2 import Environment, nodes
from jinja2.exceptions import SecurityError
from markupsafe import escape

from channels.content.addresses import Piece, Run, Token, addresses, references
from channels.content.filters import FILTERS, TESTS, WRITERS
from channels.content.printing import ANCHOR_BEGIN, ANCHOR_END, ANCHOR_MIDDLE

__all__ = ["Manner", "Place", "address", "data", "rewrite"]

Manner: TypeAlias = Literal["text", "line", "html", "raw", "link", "parameter"]

PARAGRAPH = '</p><p style="margin:14px 0 0">'
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_DEEPEST = 30


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text stands: the variables of its scope, of the loops around it, of its writer; and
    what its links are called, None where nothing is done with links.
    """

    scope: str
    writer: str = "writer"
    items: Mapping[str, str] = field(default_factory=dict)  # name in texts -> variable
    link: str | None = None

    def with_item(self, name: str, variable: str) -> Place:
        """The same place inside a loop."""
        return replace(self, items={**self.items, name: variable})

    def in_language(self, writer: str) -> Place:
        """The same place, written by another writer."""
        return replace(self, writer=writer)

    def called(self, link: str) -> Place:
        """The same place, whose links have a name."""
        return replace(self, link=link)


def data(text: str) -> nodes.Output:
    """A text of our own, as it is."""
    return nodes.Output([nodes.TemplateData(text)])


def rewrite(text: str, environment: Environment, place: Place, manner: Manner) -> list[nodes.Node]:
    """The nodes that render ``text`` there.

    Raises ``SecurityError`` for what no text may contain and ``TemplateSyntaxError`` for what is
    no template; the compiler of messages has reported both before.
    """
    return _Rewriter(place, manner).statements(environment.parse(text).body, frozenset(), 0)


def address(
    made: list[nodes.Node], place: Place, put: str, app: list[nodes.Node] | None = None
) -> list[nodes.Node]:
    """The nodes of a text that is an address as a whole, as nodes that ``put`` it where it stands.
    ``app`` are those of the same place in an app.
    """
    before: list[nodes.Node] = []
    arguments: list[nodes.Expr] = [nodes.Const(place.link or ""), nodes.Name(place.writer, "load")]
    if app is not None:
        inside = _joined(app)
        if inside is None:
            before.append(nodes.AssignBlock(nodes.Name("in_app", "store"), None, app))
            inside = nodes.Name("in_app", "load")
        arguments.append(inside)
    whole = _joined(made)
    if whole is not None:
        return [
            *before,
            nodes.Output([nodes.Filter(whole, put, arguments, [], None, None)]),
        ]
    form = nodes.Filter(None, put, arguments, [], None, None)
    return [*before, nodes.FilterBlock(made, form)]


def _joined(made: Sequence[nodes.Node]) -> nodes.Expr | None:
    """One expression for nodes that only print; None if they do more."""
    pieces: list[nodes.Expr] = []
    for node in made:
        if not isinstance(node, nodes.Output):
            return None
        pieces += [
            nodes.Const(part.data) if isinstance(part, nodes.TemplateData) else part
            for part in node.nodes
        ]
    if len(pieces) == 1 and isinstance(pieces[0], nodes.Const):
        return pieces[0]
    return nodes.Filter(nodes.Tuple(pieces, "load"), "put joined", [], [], None, None)


class _Rewriter:
    def __init__(self, place: Place, manner: Manner) -> None:
        self._place = place
        self._manner = manner
        self._begun = False  # something has been printed, so a link has its beginning

    # ------------------------------------------------------------------------- statements

    def statements(
        self, body: Sequence[nodes.Node], known: frozenset[str], depth: int
    ) -> list[nodes.Node]:
        if depth > _DEEPEST:
            raise SecurityError("this text is nested too deeply")
        made: list[nodes.Node] = []
        for position, node in enumerate(body):
            match node:
                case nodes.Output():
                    last = depth == 0 and position == len(body) - 1
                    made.append(self._output(node, known, last))
                case nodes.If():
                    made.append(self._if(node, known, depth))
                case nodes.For():
                    made.append(self._for(node, known, depth))
                case nodes.Assign(target=nodes.Name(name=name)):
                    value = self.expression(node.node, known)
                    made.append(nodes.Assign(nodes.Name(f"own_{name}", "store"), value))
                    known |= {name}
                case _:
                    raise SecurityError(f"a text cannot contain this: {type(node).__name__}")
        return made

    def _if(self, node: nodes.If, known: frozenset[str], depth: int) -> nodes.If:
        test = self.expression(node.test, known)
        begun = self._begun
        body = self.statements(node.body, known, depth + 1)
        after = self._begun
        others: list[nodes.If] = []
        for other in node.elif_:
            self._begun = begun
            others.append(self._if(other, known, depth + 1))
        self._begun = begun
        otherwise = self.statements(node.else_, known, depth + 1)
        self._begun = self._begun or after
        return nodes.If(test, body, others, otherwise)

    def _for(self, node: nodes.For, known: frozenset[str], depth: int) -> nodes.For:
        if node.recursive or not isinstance(node.target, nodes.Name):
            raise SecurityError("a text cannot contain such a loop")
        name = node.target.name
        cost = 10 + sum(len(part.data) for part in node.find_all(nodes.TemplateData))
        items = self._inner("steps", self.expression(node.iter, known), nodes.Const(cost))
        inside = known | {name, "loop"}
        test = None if node.test is None else self.expression(node.test, known | {name})
        return nodes.For(
            nodes.Name(f"own_{name}", "store"),
            items,
            self.statements(node.body, inside, depth + 1),
            self.statements(node.else_, known, depth + 1),
            test,
            False,
        )

    # ---------------------------------------------------------------------------- printing

    def _output(self, node: nodes.Output, known: frozenset[str], last: bool) -> nodes.Output:
        tokens: list[Piece] = [
            _CONTROLS.sub("", part.data)
            if isinstance(part, nodes.TemplateData)
            else self.expression(part, known)
            for part in node.nodes
        ]
        parts: list[nodes.Expr] = []
        for token in self._runs(tokens, ends=last):
            if isinstance(token, str):
                parts.append(nodes.TemplateData(self._literal(token)))
            elif isinstance(token, Run):
                parts += self._run(token)
            else:
                parts.append(self._value(token))
            self._begun = True
        return nodes.Output(parts)

    def _runs(self, tokens: Sequence[Piece], *, ends: bool) -> Sequence[Token]:
        if self._manner == "raw":
            return references(tokens)
        return addresses(tokens, ends=ends) if self._has_links else tokens

    @property
    def _has_links(self) -> bool:
        return self._manner == "html" or (self._manner == "text" and self._place.link is not None)

    def _value(self, value: nodes.Expr) -> nodes.Expr:
        if self._manner == "link" and self._begun:
            return self._inner("put link part", value)
        if self._has_links:
            return self._inner(f"put {self._manner} or link", value, self._called)
        return self._inner(f"put {self._manner}", value)

    @property
    def _called(self) -> nodes.Const:
        return nodes.Const(self._place.link or "")

    def _run(self, run: Run) -> list[nodes.Expr]:
        """An address within a text, or what may turn out to be one."""
        link = self._called
        if not run.sure:
            joined = self._together(run.pieces, "put text")
            return [self._inner(f"put {self._manner} or link", joined, link)]
        if self._manner == "raw":
            return [self._inner("put address", self._together(run.pieces), link)]
        joined = self._together(run.pieces)
        leads = self._inner("put address", joined, link)
        if self._manner == "text":
            return [leads]
        words = (
            nodes.TemplateData(str(escape(joined.value)))
            if isinstance(joined, nodes.Const)
            else joined
        )
        return [
            nodes.TemplateData(ANCHOR_BEGIN),
            leads,
            nodes.TemplateData(ANCHOR_MIDDLE),
            words,
            nodes.TemplateData(ANCHOR_END),
        ]

    def _together(self, pieces: Sequence[Piece], put: str = "put link part") -> nodes.Expr:
        """One expression. A value that begins an address is not part of one yet."""
        if len(pieces) == 1 and isinstance(pieces[0], str):
            return nodes.Const(pieces[0])
        each = [
            nodes.Const(piece)
            if isinstance(piece, str)
            else self._inner(put if index else "put text", piece)
            for index, piece in enumerate(pieces)
        ]
        return nodes.Filter(nodes.Tuple(each, "load"), "put joined", [], [], None, None)

    def _literal(self, text: str) -> str:
        match self._manner:
            case "html":
                return _breaks(text)
            case "line":
                return " ".join(text.split("\n"))
            case "link":
                return "".join(text.split())
            case "text" | "raw" | "parameter":
                return text

    def _inner(self, name: str, value: nodes.Expr, *more: nodes.Expr) -> nodes.Filter:
        writer = nodes.Name(self._place.writer, "load")
        return nodes.Filter(value, name, [*more, writer], [], None, None)

    # -------------------------------------------------------------------------- expressions

    def expression(self, node: nodes.Node, known: frozenset[str]) -> nodes.Expr:
        def within(part: nodes.Node) -> nodes.Expr:
            return self.expression(part, known)

        match node:
            case nodes.Name(name=name):
                return self._name(name, known)
            case nodes.Const():
                return nodes.Const(node.value)
            case nodes.TemplateData():
                return nodes.Const(node.data)
            case nodes.Getattr(attr=name) if not name.startswith("_"):
                return nodes.Getattr(within(node.node), name, "load")
            case nodes.Getitem(arg=nodes.Const() | nodes.Slice() | nodes.Neg() as key):
                return nodes.Getitem(within(node.node), self._key(key), "load")
            case nodes.Filter(name=name) if name in FILTERS and node.node is not None:
                return self._filter(node, within(node.node), known)
            case nodes.Test(name=name) if name in TESTS and not node.args:
                return nodes.Test(within(node.node), name, [], [], None, None)
            case nodes.CondExpr():
                other = None if node.expr2 is None else within(node.expr2)
                return nodes.CondExpr(within(node.test), within(node.expr1), other)
            case nodes.BinExpr():
                return type(node)(within(node.left), within(node.right))
            case nodes.Not() | nodes.Neg() | nodes.Pos():
                return type(node)(within(node.node))
            case nodes.Compare():
                others = [nodes.Operand(each.op, within(each.expr)) for each in node.ops]
                return nodes.Compare(within(node.expr), others)
            case nodes.Concat():
                parts = nodes.Tuple([within(part) for part in node.nodes], "load")
                return self._writing_filter("concat", parts, [])
            case nodes.List() | nodes.Tuple():
                return nodes.Tuple([within(item) for item in node.items], "load")
            case _:
                raise SecurityError(f"a text cannot contain this: {type(node).__name__}")

    def _name(self, name: str, known: frozenset[str]) -> nodes.Expr:
        if name.startswith("_"):
            raise SecurityError("names do not begin with _")
        if name == "loop" and name in known:
            return nodes.Name("loop", "load")
        if name in known:
            return nodes.Name(f"own_{name}", "load")
        if name in self._place.items:
            return nodes.Name(self._place.items[name], "load")
        return nodes.Getitem(nodes.Name(self._place.scope, "load"), nodes.Const(name), "load")

    def _key(self, key: nodes.Expr) -> nodes.Expr:
        """``items[0]``, ``items[-1]``, ``items[:3]``, ``item["name"]``."""
        match key:
            case nodes.Const(value=str(name)) if not name.startswith("_"):
                return nodes.Const(name)
            case nodes.Const(value=int(number)):
                return nodes.Const(number)
            case nodes.Neg(node=nodes.Const(value=int(number))):
                return nodes.Const(-number)
            case nodes.Slice(start=start, stop=stop, step=None):
                first = None if start is None else self._key(start)
                return nodes.Slice(first, None if stop is None else self._key(stop), None)
            case _:
                raise SecurityError("a text cannot look up such an item")

    def _filter(self, node: nodes.Filter, value: nodes.Expr, known: frozenset[str]) -> nodes.Filter:
        named = [
            nodes.Keyword(each.key, self.expression(each.value, known)) for each in node.kwargs
        ]
        if node.dyn_args or node.dyn_kwargs or any(each.key == "writer" for each in named):
            raise SecurityError("a text cannot call a filter like this")
        arguments = [self.expression(each, known) for each in node.args]
        if node.name in WRITERS:
            return self._writing_filter(node.name, value, arguments, named)
        return nodes.Filter(value, node.name, arguments, named, None, None)

    def _writing_filter(
        self,
        name: str,
        value: nodes.Expr,
        arguments: list[nodes.Expr],
        named: Sequence[nodes.Keyword] = (),
    ) -> nodes.Filter:
        writer = nodes.Keyword("writer", nodes.Name(self._place.writer, "load"))
        return nodes.Filter(value, name, arguments, [*named, writer], None, None)


def _breaks(text: str) -> str:
    escaped = str(escape(text))
    return re.sub(r"\n", "<br>", re.sub(r"[ \t]*\n([ \t]*\n)+[ \t]*", PARAGRAPH, escaped))

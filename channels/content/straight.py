"""Texts that only print values, filled in without Jinja: most of what is sent to many people.

Jinja sets up a context for every text and asks it for everything by name, which takes several times
as long as the printing. A text without ``{% %}`` needs none of that: its pieces are prepared once,
and said one after the other. Both ways give the same characters and the same errors; whatever this
one does not know is left to Jinja.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from jinja2 import nodes
from markupsafe import escape

from channels.content.sandbox import Sandbox

__all__ = ["Saying", "filled", "straight"]

Saying: TypeAlias = Callable[[dict[str, Any]], str]
"""From the names of a template (``scope``, ``writer``, ...) to its text."""

_Value: TypeAlias = Callable[[Mapping[str, Any]], Any]


def filled(tree: nodes.Template, environment: Sandbox) -> Saying:
    """The quickest way to fill in a template."""
    quick = straight(tree, environment)
    if quick is not None:
        return quick
    tree.set_environment(environment)
    template = environment.from_string(tree)
    render, context = template.root_render_func, template.new_context

    def fill(names: dict[str, Any]) -> str:
        # as ``Template.render``, without its rewriting of tracebacks, which takes longer than all
        return "".join(render(context(names)))

    return fill


def straight(tree: nodes.Template, environment: Sandbox) -> Saying | None:
    """A template without Jinja; None if it does more than print."""
    pieces: list[str | _Value] = []
    for output in tree.body:
        if not isinstance(output, nodes.Output):
            return None
        for node in output.nodes:
            if isinstance(node, nodes.TemplateData):
                if pieces and isinstance(pieces[-1], str):
                    pieces[-1] += node.data
                else:
                    pieces.append(node.data)
                continue
            value = _value(node, environment)
            if value is None:
                return None
            pieces.append(_escaped(value) if environment.autoescape else value)
    return _said(pieces)


def _said(pieces: Iterable[str | _Value]) -> Saying:
    """The pieces one after the other; every other one is a value, and what is printed is a text."""
    words, values = [""], list[_Value]()
    for piece in pieces:
        if isinstance(piece, str):
            words[-1] += piece
        else:
            values.append(piece)
            words.append("")
    first, pairs = words[0], tuple(zip(values, words[1:], strict=True))

    def fill(names: dict[str, Any]) -> str:
        said = [first]
        for value, after in pairs:
            said += (value(names), after)
        return "".join(said)

    return fill


def _escaped(value: _Value) -> _Value:
    return lambda names: escape(value(names))


def _value(node: nodes.Expr, environment: Sandbox) -> _Value | None:
    """What an expression says; None if it is one for Jinja."""
    match node:
        case nodes.Const(value=constant):
            return lambda _: constant
        case nodes.Name(name=name):
            return lambda names: names[name]
        case nodes.Getitem(node=nodes.Name(name="scope"), arg=nodes.Const(value=str(name))):
            return lambda names: names["scope"].read(name)
        case nodes.Getitem(node=inner, arg=nodes.Const(value=key)):
            return _looked_up(inner, key, environment)
        case nodes.Getattr(node=inner, attr=key):
            return _looked_up(inner, key, environment)
        case nodes.Filter(dyn_args=None, dyn_kwargs=None):
            return _filtered(node, environment)
        case nodes.Tuple(items=items):
            parts = [part for each in items if (part := _value(each, environment)) is not None]
            if len(parts) < len(items):
                return None
            return lambda names: tuple([part(names) for part in parts])
        case _:
            return None


def _looked_up(inner: nodes.Expr, key: Any, environment: Sandbox) -> _Value | None:
    value, look = _value(inner, environment), environment.getitem
    return None if value is None else lambda names: look(value(names), key)


def _filtered(node: nodes.Filter, environment: Sandbox) -> _Value | None:
    function = environment.filters[node.name]
    if node.node is None:
        return None
    value = _value(node.node, environment)
    arguments = [_value(each, environment) for each in node.args]
    named = {str(each.key): _value(each.value, environment) for each in node.kwargs}
    if value is None or None in arguments or None in named.values():
        return None
    given = tuple(each for each in arguments if each is not None)
    keywords = {name: each for name, each in named.items() if each is not None}
    if len(given) == 1 and not keywords:
        return _printed(function, value, given[0])
    if len(given) == 2 and not keywords and isinstance(node.args[0], nodes.Const):
        return _named(function, value, node.args[0].value, given[1])
    return lambda names: function(
        value(names),
        *[each(names) for each in given],
        **{name: each(names) for name, each in keywords.items()},
    )


def _printed(function: Callable[..., Any], value: _Value, writer: _Value) -> _Value:
    """As any filter, for what prints: one argument, and often."""
    return lambda names: function(value(names), writer(names))


def _named(function: Callable[..., Any], value: _Value, name: str, writer: _Value) -> _Value:
    """The same for what may be a link, which has a name."""
    return lambda names: function(value(names), name, writer(names))

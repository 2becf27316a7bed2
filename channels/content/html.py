"""An e-mail's HTML: responsive tables by MJML, made once, with the author's texts put in afterwards.

MJML never sees a text. It gets marks, and once it is done each mark is replaced by the nodes of
what stands there; so nothing an author writes can disturb the tables, and nothing MJML does can
disturb a text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias, assert_never

from jinja2 import Environment, nodes
from markupsafe import escape
from mjml import mjml2html

from channels.content.inlining import HEADINGS, inlined
from channels.content.layout import Chosen, Laid, Loop, Part, Shown, Side, Used
from channels.content.rewrite import Manner, data
from dsl.message import Button, Divider, Html, Image, TextBlock

__all__ = ["call_use", "email_html", "inner_loop", "inner_test", "only_if", "with_picture"]

Nodes: TypeAlias = list[nodes.Node]
_MARK = re.compile(r"wl([tbe])(\d+)m")  # a text; the begin and the end of what surrounds others

_STYLE = """
<mj-attributes>
<mj-all font-family="-apple-system, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"/>
<mj-text font-size="16px" line-height="1.5" color="#27303a" padding="8px"/>
<mj-button font-size="16px" font-weight="600" background-color="#1f3a5f" color="#ffffff"
 align="left" border-radius="6px" inner-padding="12px 22px" padding="12px 8px"/>
<mj-divider border-width="1px" border-color="#e3e6ea" padding="16px 8px"/>
<mj-section padding="0 16px"/>
<mj-wrapper padding="20px 8px" border-radius="8px"/>
</mj-attributes>
"""
_OPENED = re.compile(r"<(?!html )([a-z][a-z0-9]*) (?=[a-z])")
_LEGAL = ' font-size="13px" color="#5b6570" line-height="1.5"'
_IMAGE = "display:block;max-width:{width};height:auto;border:0;border-radius:6px"


def email_html(
    tree: Sequence[Laid],
    subject: Chosen,
    preview: Chosen | None,
    language: str,
    environment: Environment,
) -> nodes.Template:
    """The nodes of the whole HTML document. Legal modules at its end stand below the sheet."""
    page = _Page(environment)
    title = page.text(subject, "line")
    hidden = "" if preview is None else f"<mj-preview>{page.text(preview, 'line')}</mj-preview>"
    end = len(tree)
    while end and _is_legal(tree[end - 1]):
        end -= 1
    inside, below = page.rows(tree[:end]), page.rows(tree[end:])
    sheet = f'<mj-wrapper background-color="#ffffff">{inside}</mj-wrapper>' if inside else ""
    notes = f'<mj-wrapper padding="4px 8px">{below}</mj-wrapper>' if below else ""
    source = (
        f'<mjml lang="{escape(language)}"><mj-head><mj-title>{title}</mj-title>{hidden}{_STYLE}'
        f"<mj-style>{HEADINGS}</mj-style></mj-head>"
        f'<mj-body width="600px" background-color="#f3f4f6">'
        f'<mj-section padding="12px 0"></mj-section>{sheet}{notes}'
        f'<mj-section padding="12px 0"></mj-section></mj-body></mjml>'
    )
    return page.document(_in_lines(mjml2html(source, disable_comments=True)))


def _in_lines(html: str) -> str:
    """The same with line ends inside tags, where they mean nothing: what has no long lines need not
    be encoded for its way, which would take longer than to render it.
    """
    return _OPENED.sub(r"<\1\n", html)


def _is_legal(laid: Laid) -> bool:
    return isinstance(laid, Used) and laid.legal


@dataclass(slots=True)
class _Page:
    """Turns the tree into MJML with marks, and MJML's HTML back into nodes."""

    environment: Environment
    texts: list[Callable[[], Nodes]] = field(default_factory=list)
    surroundings: list[Callable[[Nodes], nodes.Node]] = field(default_factory=list)

    # ------------------------------------------------------------------------------- marks

    def text(self, chosen: Chosen, manner: Manner) -> str:
        """The mark of a text. What is not HTML is escaped by the environment."""
        self.texts.append(lambda: _literals_escaped(chosen, self.environment, manner))
        return f"wlt{len(self.texts) - 1}m"

    def address(self, chosen: Chosen, app: Chosen | None = None) -> str:
        """The mark of where a button leads."""
        self.texts.append(lambda: _escaped(chosen.address(self.environment, app)))
        return f"wlt{len(self.texts) - 1}m"

    def around(self, make: Callable[[Nodes], nodes.Node], inside: str, *, raw: bool = True) -> str:
        """``inside`` between two marks, which become what ``make`` makes of it."""
        self.surroundings.append(make)
        number = len(self.surroundings) - 1
        begin, end = f"wlb{number}m", f"wle{number}m"
        if raw:
            begin, end = f"<mj-raw>{begin}</mj-raw>", f"<mj-raw>{end}</mj-raw>"
        return begin + inside + end

    def document(self, html: str) -> nodes.Template:
        """The finished HTML with its marks replaced."""
        pieces = _MARK.split(html)  # html, kind, number, html, kind, number, ..., html
        stack: list[Nodes] = [[data(pieces[0])]]
        for kind, number, after in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
            if kind == "t":
                stack[-1] += self.texts[int(number)]()
            elif kind == "b":
                stack.append([])
            else:
                inside = stack.pop()
                stack[-1].append(self.surroundings[int(number)](inside))
            stack[-1].append(data(after))
        assert len(stack) == 1
        return nodes.Template(stack[0])

    # ------------------------------------------------------------------------ rows, columns

    def rows(self, tree: Sequence[Laid]) -> str:
        """Sections. What has columns in it surrounds sections; all else stands in one column."""
        made: list[str] = []
        simple: list[Laid] = []

        def flush() -> None:
            if simple:
                made.append(f"<mj-section>{self.column(simple)}</mj-section>")
                simple.clear()

        for laid in tree:
            if not _has_columns(laid):
                simple.append(laid)
                continue
            flush()
            made.append(self._row(laid))
        flush()
        return "".join(made)

    def _row(self, laid: Laid) -> str:
        if isinstance(laid, Side):
            columns = "".join(self.column(column) for column in laid.columns)
            return f"<mj-section>{columns}</mj-section>"
        return self._nested(laid, self.rows)

    def column(self, tree: Sequence[Laid]) -> str:
        """Blocks one below the other."""
        return f"<mj-column>{self._stack(tree)}</mj-column>"

    def _stack(self, tree: Sequence[Laid]) -> str:
        return "".join(
            self._part(laid)
            if isinstance(laid, Part)
            else "".join(self._stack(column) for column in laid.columns)
            if isinstance(laid, Side)
            else self._nested(laid, self._stack)
            for laid in tree
        )

    def _nested(self, laid: Laid, inside: Callable[[Sequence[Laid]], str]) -> str:
        match laid:
            case Loop(number, variable, body):
                return self.around(lambda made: inner_loop(number, variable, made), inside(body))
            case Shown(number, body):
                return self.around(lambda made: inner_test(number, made), inside(body))
            case Used(number, bodies):
                made = [
                    self.around(only_if(body, len(bodies)), inside(blocks))
                    for body, blocks in bodies
                ]
                return self.around(lambda made: call_use(number, made), "".join(made))
            case Part() | Side():
                raise AssertionError("parts and columns surround nothing")
            case _:
                assert_never(laid)

    # ------------------------------------------------------------------------------- parts

    def _part(self, part: Part) -> str:
        legal = _LEGAL if part.legal else ""
        match part.block:
            case TextBlock():
                text = self.text(part.texts[0], "html")
                return f'<mj-text{legal}><p style="margin:0">{text}</p></mj-text>'
            case Image():
                source, alt = self.text(part.texts[0], "link"), self.text(part.texts[1], "line")
                style = _IMAGE.format(width="220px" if part.repeated else "100%")
                return (
                    f'<mj-text{legal}><img src="{source}" alt="{alt}" style="{style}" /></mj-text>'
                )
            case Button():
                label, link = self.text(part.texts[0], "line"), self.address(*part.texts[1:])
                return f'<mj-button href="{link}">{label}</mj-button>'
            case Divider():
                return "<mj-divider />"
            case Html():
                written = part.texts[0]
                written = replace(written, text=inlined(written.text))
                return f"<mj-text{legal}>{self.text(written, 'raw')}</mj-text>"
            case _:
                assert_never(part.block)


def _has_columns(laid: Laid) -> bool:
    match laid:
        case Part():
            return False
        case Side():
            return True
        case Loop(body=body) | Shown(body=body):
            return any(_has_columns(each) for each in body)
        case Used(bodies=bodies):
            return any(_has_columns(each) for _, body in bodies for each in body)
        case _:
            assert_never(laid)


def _literals_escaped(chosen: Chosen, environment: Environment, manner: Manner) -> Nodes:
    """Paragraphs and hand-written HTML are HTML; the author's words in all else are not."""
    made = chosen.nodes(environment, manner)
    return made if manner in {"html", "raw"} else _escaped(made)


def _escaped(made: Nodes) -> Nodes:
    for node in made:
        for literal in node.find_all(nodes.TemplateData):
            literal.data = str(escape(literal.data))
    return made


def with_picture(html: str, address: str) -> str:
    """The document with a picture that nobody sees, by which an opening is noticed."""
    before, body, after = html.rpartition("</body>")
    if not body:
        before, after = html, ""
    picture = f'<img src="{escape(address)}" width="1" height="1" alt="" style="display:block;border:0" />'
    return before + picture + body + after


def only_if(body: int, count: int) -> Callable[[Nodes], nodes.Node]:
    """One body of a use; the only one needs no test."""

    def make(inside: Nodes) -> nodes.Node:
        if count == 1:
            return nodes.Scope(inside)
        wanted = nodes.Compare(nodes.Name("body", "load"), [nodes.Operand("eq", nodes.Const(body))])
        return nodes.If(wanted, inside, [], [])

    return make


def inner_loop(number: int, variable: str, body: Nodes) -> nodes.Node:
    """``for each``."""
    items = nodes.Filter(
        nodes.Const(number), "items of", [nodes.Name("stage", "load")], [], None, None
    )
    return nodes.For(nodes.Name(variable, "store"), items, body, [], None, False)


def inner_test(number: int, body: Nodes) -> nodes.Node:
    """``if`` + ``show``."""
    test = nodes.Filter(nodes.Const(number), "holds", [nodes.Name("stage", "load")], [], None, None)
    return nodes.If(test, body, [], [])


def call_use(number: int, body: Nodes) -> nodes.Node:
    """A use: its bodies become a function that the stage calls with the one to render."""
    call = nodes.Call(nodes.Name("use", "load"), [nodes.Const(number)], [], None, None)
    names: list[nodes.Name] = [nodes.Name("body", "param"), nodes.Name(f"scope_{number}", "param")]
    return nodes.CallBlock(call, names, [], body)

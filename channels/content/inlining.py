"""Style sheets of hand-written HTML, moved to where they are needed: many mail programs look into no
``<style>``, and none at one in the middle of a letter.

It is done once, when a message is compiled. What ``{{ }}`` and ``{% %}`` say is not known then, so
they are put out of sight first, and HTML in which they are more than contents is left as it is.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

import css_inline

__all__ = ["HEADINGS", "inlined"]

HEADINGS = """
h1 { font-size: 26px; line-height: 1.25; font-weight: 600; color: #1f3a5f; margin: 8px 0 0; }
h2 { font-size: 19px; line-height: 1.3; font-weight: 600; margin: 8px 0 0; }
"""
"""How headings look, as long as their author says nothing else."""

_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_TAG = re.compile(r"<[a-zA-Z/](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
_STYLE = re.compile(r"<style\b[^>]*>(.*?)</style>", re.DOTALL | re.IGNORECASE)
_HEADING = re.compile(r"<h[12]\b", re.IGNORECASE)
_RULE_AT = re.compile(r"@[\w-]+[^{};]*(?:;|\{(?:[^{}]|\{[^{}]*\})*\})")
_HIDDEN = re.compile(r"<!--wl(\d+)-->|wl(\d+)lw")
_BODY = re.compile(r"</?tbody\b[^>]*>", re.IGNORECASE)
_EMPTY = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})


def inlined(html: str) -> str:
    """``html`` with every style at its element. Rules for some screens only stay together: nothing
    else can say them.
    """
    sheets = [found[1] for found in _STYLE.finditer(html)]
    if not sheets and _HEADING.search(html) is None:
        return html
    kept: list[str] = []
    hidden = _hidden(_STYLE.sub("", html), kept)
    if hidden is None or not _is_whole(hidden) or any(_JINJA.search(sheet) for sheet in sheets):
        return html
    css = "\n".join(sheets)
    special = " ".join(found[0].strip() for found in _RULE_AT.finditer(css))
    try:
        made = css_inline.inline_fragment(hidden, HEADINGS + _RULE_AT.sub("", css))
    except css_inline.InlineError:
        return html
    if _BODY.search(html) is None:  # HTML has it in every table, and a loop would have it open
        made = _BODY.sub("", made)
    if len(_HIDDEN.findall(made)) != len(kept):
        return html
    shown = _HIDDEN.sub(lambda found: kept[int(found[1] or found[2])], made)
    return f"<style>{special}</style>{shown}" if special else shown


def _hidden(html: str, kept: list[str]) -> str | None:
    """The HTML with marks in place of what Jinja says; None if it says what a tag is."""

    def keep(found: re.Match[str], form: str) -> str:
        kept.append(found[0])
        return form.format(len(kept) - 1)

    made: list[str] = []
    position = 0
    for tag in _tags(html):
        made.append(_JINJA.sub(lambda found: keep(found, _form(found[0])), html[position : tag[0]]))
        inside = html[tag[0] : tag[1]]
        if _JINJA.search(re.sub(r"\"[^\"]*\"|'[^']*'", "", inside)):
            return None
        made.append(_JINJA.sub(lambda found: keep(found, "wl{}lw"), inside))
        position = tag[1]
    made.append(_JINJA.sub(lambda found: keep(found, _form(found[0])), html[position:]))
    return "".join(made)


def _form(said: str) -> str:
    """A value is words; what decides over contents may stand where no words may."""
    return "wl{}lw" if said.startswith("{{") else "<!--wl{}-->"


def _tags(html: str) -> list[tuple[int, int]]:
    """Where tags stand. Quotation marks of Jinja's own do not end them."""
    blind = _JINJA.sub(lambda found: "{" * len(found[0]), html)
    return [found.span() for found in _TAG.finditer(blind)]


def _is_whole(html: str) -> bool:
    """Whether all that is opened is closed: what is not goes on in another block."""
    reader = _Balance()
    reader.feed(html)
    reader.close()
    return reader.whole and not reader.open


class _Balance(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.whole = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _EMPTY:
            return
        if not self.open or self.open.pop() != tag:
            self.whole = False

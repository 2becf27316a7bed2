"""The document as one page for people: no script, nothing from elsewhere, in the look of our others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

__all__ = ["docs_page"]

_STYLE = (
    "*{box-sizing:border-box}html{scroll-behavior:smooth}"
    "body{margin:0;background:#f6f6f4;color:#222;font:16px/1.55 system-ui,sans-serif}"
    "main{max-width:62rem;margin:2rem auto;padding:2rem;background:#fff;border-radius:8px}"
    "h1{margin:0 0 .5rem;font-size:1.6rem}h2{margin:2.5rem 0 .25rem;font-size:1.25rem}"
    "h3{margin:0;font-size:1rem;font-weight:600}p{margin:0 0 1rem}ul{padding-left:1.2rem}"
    "a{color:#22577a}code{font:.875em/1.4 ui-monospace,monospace;overflow-wrap:anywhere}"
    "nav{columns:2 18rem;margin:0 0 1rem;font-size:.925rem}"
    "nav a{display:block;padding:.1rem 0;text-decoration:none}nav a:hover{text-decoration:underline}"
    "nav section{break-inside:avoid}nav strong{display:block;padding-top:.5rem}"
    "details{border:1px solid #ddd;border-radius:6px;margin:.6rem 0;background:#fff}"
    "summary{display:flex;flex-wrap:wrap;gap:.25rem .75rem;align-items:baseline;padding:.6rem .8rem;"
    "cursor:pointer;list-style:none}summary::-webkit-details-marker{display:none}"
    "summary span{color:#555;flex:1 1 12rem}"
    ".method{font:600 .8rem/1 ui-monospace,monospace;padding:.3rem .45rem;border-radius:4px;color:#fff;"
    "background:#22577a}.POST{background:#2e6f40}.PATCH{background:#8a5a00}.DELETE{background:#9b2226}"
    ".inside{padding:.25rem .8rem .8rem;border-top:1px solid #eee}"
    ".wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9rem;margin:0 0 1rem}"
    "th,td{text-align:left;vertical-align:top;padding:.35rem .6rem .35rem 0;border-bottom:1px solid #eee}"
    "th{font-weight:600;color:#555}td:first-child{white-space:nowrap}"
    ".quiet{color:#555}"
    ":focus-visible{outline:3px solid #b35900;outline-offset:2px}"
    "@media(max-width:40rem){main{margin:0;padding:1rem;border-radius:0}td:first-child{white-space:normal}}"
)
_JSON = '<a href="/v1/openapi.json">openapi.json</a>'
_PROBLEMS = {
    400: "Something is wrong with the request. `errors` names all of it; the detail says the first.",
    401: "There is no key, or one that nobody knows, or one that is over.",
    403: "The key is good, but not for this: its scope is too small.",
    404: "There is nothing at this address, or nobody of this name.",
    405: "The address is right, and something else can be done there.",
    408: "The body did not arrive in time; send it again.",
    409: "It contradicts what was said before.",
    412: "It has changed since you read it (`If-Match`); read it again.",
    413: "The body is larger than is taken; the detail says how large it may be.",
    415: "The body is not JSON, or packed in a way that is not taken.",
    429: "Too much at once: come back after as many seconds as `Retry-After` says.",
    500: "Something is wrong on our side; it stands in the daemon's log.",
    503: "Not possible just now: come back after as many seconds as `Retry-After` says.",
}


def docs_page(document: Mapping[str, Any]) -> str:
    """The whole page."""
    info = document["info"]
    parts = [
        f"<h1>{escape(info['title'])} API</h1>",
        f'<p class="quiet">Version {escape(info["version"])}. The same for programs: {_JSON}.</p>',
        *_text(info["description"]),
        *_contents(document),
        *_operations(document),
        *_problems(),
        *_shapes(document),
    ]
    title = f"{escape(info['title'])} API"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{_STYLE}</style></head><body><main>{''.join(parts)}</main></body></html>"
    )


def _by_tag(document: Mapping[str, Any]) -> Iterator[tuple[str, str, list[tuple[str, str, Any]]]]:
    for tag in document["tags"]:
        found = [
            (method.upper(), path, operation)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
            if tag["name"] in operation["tags"]
        ]
        yield tag["name"], tag["description"], found


def _contents(document: Mapping[str, Any]) -> Iterator[str]:
    yield "<nav>"
    for name, _, operations in _by_tag(document):
        yield f"<section><strong>{escape(name)}</strong>"
        for _, _, each in operations:
            yield f'<a href="#{each["operationId"]}">{_inline(each["summary"])}</a>'
        yield "</section>"
    yield "</nav>"


def _operations(document: Mapping[str, Any]) -> Iterator[str]:
    for name, about, operations in _by_tag(document):
        yield f'<h2>{escape(name)}</h2><p class="quiet">{escape(about)}</p>'
        for method, path, each in operations:
            yield "<details><summary>"
            yield f'<b class="method {method}">{method}</b><h3><code>{escape(path)}</code></h3>'
            yield f"<span>{_inline(each['summary'])}</span></summary>"
            # What lies inside is opened by whoever follows a link to it.
            yield f'<div class="inside" id="{each["operationId"]}">'
            yield f"<p>{_inline(each['description'])}</p>"
            yield from _parameters(each["parameters"])
            yield from _body(each)
            yield from _answers(each["responses"])
            yield "</div></details>"


def _parameters(parameters: list[Any]) -> Iterator[str]:
    if parameters:
        rows = [
            (each["name"], f"{each['in']}, {_kind(each['schema'])}", each.get("description", ""))
            for each in parameters
        ]
        yield from _table(("Parameter", "", ""), rows)


def _body(operation: Mapping[str, Any]) -> Iterator[str]:
    body = operation.get("requestBody")
    if body is not None:
        yield f"<p>Body: {_shape(body['content']['application/json']['schema'])}</p>"


def _answers(responses: Mapping[str, Any]) -> Iterator[str]:
    yield '<div class="wide"><table><tr><th>Answer</th><th></th></tr>'
    for status, each in responses.items():
        content = each.get("content", {}).get("application/json")
        shape = f" {_shape(content['schema'])}" if content else ""
        yield f"<tr><td>{status}</td><td>{_inline(each['description'])}{shape}</td></tr>"
    yield "</table></div>"


def _problems() -> Iterator[str]:
    yield '<h2>Errors</h2><p class="quiet">What <code>type</code> of a problem leads to</p>'
    yield '<div class="wide"><table>'
    for status, text in _PROBLEMS.items():
        yield f'<tr id="problem-{status}"><td>{status}</td><td>{_inline(text)}</td></tr>'
    yield "</table></div>"


def _shapes(document: Mapping[str, Any]) -> Iterator[str]:
    yield '<h2>Shapes</h2><p class="quiet">What is sent and answered, field by field</p>'
    for name, schema in document["components"]["schemas"].items():
        about = _inline(schema.get("description", "").replace("\n", " "))
        yield f"<details><summary><h3><code>{name}</code></h3>"
        yield f'<span>{about}</span></summary><div class="inside" id="shape-{name}">'
        required = schema.get("required", ())
        rows = [
            (
                field,
                _kind(each) + ("" if field in required else ", optional"),
                each.get("description", ""),
            )
            for field, each in schema.get("properties", {}).items()
        ]
        yield from _table(("Field", "", ""), rows)
        yield "</div></details>"


def _table(heads: tuple[str, ...], rows: list[tuple[str, str, str]]) -> Iterator[str]:
    yield '<div class="wide"><table><tr>'
    yield "".join(f"<th>{head}</th>" for head in heads) + "</tr>"
    for name, kind, about in rows:
        yield f"<tr><td><code>{escape(name)}</code></td><td>{kind}</td><td>{_inline(about)}</td></tr>"
    yield "</table></div>"


def _shape(schema: Mapping[str, Any]) -> str:
    name = schema["$ref"].rpartition("/")[2]
    return f'<a href="#shape-{name}">{name}</a>'


def _kind(schema: Mapping[str, Any]) -> str:
    """What a value is, in a few words."""
    if "$ref" in schema:
        return _shape(schema)
    if "anyOf" in schema:
        return " or ".join(_kind(each) for each in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(
            f"<code>{escape(str(each) or '(empty)')}</code>" for each in schema["enum"]
        )
    match schema.get("type"):
        case "array":
            return f"list of {_kind(schema.get('items', {}))}"
        case "string":
            return {"date-time": "moment", "date": "day"}.get(schema.get("format", ""), "text")
        case "object":
            return "object"
        case "integer":
            return "whole number"
        case "boolean":
            return "yes or no"
        case "null":
            return "null"
        case "number":
            return "number"
        case _:
            return "anything"


def _text(written: str) -> Iterator[str]:
    """Paragraphs and lists, as the document writes them."""
    for paragraph in written.strip().split("\n\n"):
        if paragraph.startswith("- "):
            points = re.split(r"\n?^- ", paragraph, flags=re.MULTILINE)[1:]
            yield "<ul>" + "".join(f"<li>{_inline(each)}</li>" for each in points) + "</ul>"
        else:
            yield f"<p>{_inline(paragraph)}</p>"


def _inline(text: str) -> str:
    """Code and emphasis within a line; everything else as it is."""
    safe = escape(text, quote=False)
    safe = re.sub(r"(`+)([^`]+)\1", r"<code>\2</code>", safe)
    return re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", safe)

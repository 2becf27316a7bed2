"""Writes the Python client from the OpenAPI document, and from nothing else:

    wayline openapi | python clients/python/generate.py

Nothing in ``wayline_client`` is written by hand; ``make docs`` writes it anew, and a test compares.
``transport.txt`` is how a request is made, which the document does not say.
"""

from __future__ import annotations

import json
import keyword
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

__all__ = ["written"]

_HOME = Path(__file__).resolve().parent
_FOLDER = _HOME / "wayline_client"
_HEAD = "# Written by clients/python/generate.py from the OpenAPI document; do not edit.\n"
_WIDTH = 96
_SIMPLE = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}


def written(document: Mapping[str, Any]) -> dict[str, str]:
    """The files of the client, by name."""
    files = {
        "shapes.py": _shapes(document),
        "client.py": _client(document),
        "transport.py": _HEAD + (_HOME / "transport.txt").read_text(encoding="utf-8"),
        "__init__.py": _HEAD + _INIT,
        "py.typed": "",
    }
    return {
        name: _formatted(text) if name.endswith(".py") else text for name, text in files.items()
    }


def _formatted(text: str) -> str:
    ruff = [sys.executable, "-m", "ruff", "format", "--line-length", "100", "-"]
    done = subprocess.run(ruff, input=text, capture_output=True, text=True, check=True)  # noqa: S603
    return done.stdout


# ------------------------------------------------------------------------------------- kinds


def _kind(schema: Mapping[str, Any]) -> str:
    """What a value is, as Python says it."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        return f"Literal[{', '.join(repr(each) for each in schema['enum'])}]"
    if "const" in schema:
        return f"Literal[{schema['const']!r}]"
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_kind(each) for each in schema["anyOf"]))
    match schema.get("type"):
        case "array":
            return f"list[{_kind(schema.get('items', {}))}]"
        case "object":
            values = schema.get("additionalProperties")
            return f"dict[str, {_kind(values) if isinstance(values, dict) else 'Any'}]"
        case str(simple) if simple in _SIMPLE:
            return _SIMPLE[simple]
        case _:
            return "Any"


def _named(name: str) -> str:
    """A name that Python takes."""
    plain = name.lower().replace("-", "_")
    return f"{plain}_" if keyword.iskeyword(plain) else plain


def _docstring(text: str, indent: str) -> Iterator[str]:
    plain = " ".join(text.split()).replace("\\", "\\\\")
    lines = textwrap.wrap(plain, _WIDTH - len(indent) - 3) or [""]
    if len(lines) == 1:
        yield f'{indent}"""{lines[0]}"""'
        return
    yield f'{indent}"""{lines[0]}'
    for line in lines[1:]:
        yield indent + line
    yield f'{indent}"""'


# ------------------------------------------------------------------------------------ shapes


def _shapes(document: Mapping[str, Any]) -> str:
    """What is answered: dictionaries as they come, and what is in them."""
    schemas = {
        name: schema
        for name, schema in document["components"]["schemas"].items()
        if name in _answered(document)
    }
    lines = [
        _HEAD,
        '"""What the API answers: JSON objects, and what is in them. Moments are texts (RFC 3339)."""',
        "",
        "from __future__ import annotations",
        "",
        "from typing import Any, Literal, NotRequired, TypedDict",
        "",
        f"__all__ = {sorted(schemas)!r}",
    ]
    for name, schema in schemas.items():
        lines += ["", "", f"class {name}(TypedDict):"]
        lines += _docstring(schema.get("description", name), "    ")
        lines.append("")
        required = schema.get("required", ())
        for field, each in schema["properties"].items():
            kind = _kind(each)
            lines.append(f"    {field}: {kind if field in required else f'NotRequired[{kind}]'}")
    return "\n".join(lines) + "\n"


def _answered(document: Mapping[str, Any]) -> set[str]:
    """The shapes that answers are of, with those inside them."""
    schemas = document["components"]["schemas"]
    found: set[str] = set()
    waiting = [
        _kind(content["schema"])
        for methods in document["paths"].values()
        for operation in methods.values()
        for answer in operation["responses"].values()
        for content in answer.get("content", {}).values()
    ]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _referred(schemas[name])
    return found


def _referred(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield _kind(schema)
        for each in schema.values():
            yield from _referred(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from _referred(each)


# ------------------------------------------------------------------------------------ client


def _client(document: Mapping[str, Any]) -> str:
    used: set[str] = set()
    methods: list[str] = []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            methods += _method(document, path, method.upper(), operation, used)
    about = f"The {document['info']['title']} API, version {document['info']['version']}."
    return "\n".join(
        [
            _HEAD,
            f'"""{about}"""',
            "",
            "from __future__ import annotations",
            "",
            "from collections.abc import Iterator",
            "from typing import Any, Literal",
            "",
            "from wayline_client.shapes import (",
            *(f"    {name}," for name in sorted(used)),
            ")",
            "from wayline_client.transport import Transport, in_path",
            "",
            '__all__ = ["Client"]',
            "",
            "",
            "class Client(Transport):",
            *_docstring(f"{about} What is refused raises Refused.", "    "),
            *methods,
            "",
        ]
    )


def _method(
    document: Mapping[str, Any],
    path: str,
    method: str,
    operation: Mapping[str, Any],
    used: set[str],
) -> Iterator[str]:
    name = operation["operationId"]
    answer = _answer(operation)
    used.add(answer)
    where = [each for each in operation["parameters"] if each["in"] == "path"]
    query = [each for each in operation["parameters"] if each["in"] == "query"]
    headers = [each for each in operation["parameters"] if each["in"] == "header"]
    fields = _fields(document, operation)
    needed = [f"{_named(n)}: {_kind(s)}" for n, s, must in fields if must]
    optional = [f"{_named(n)}: {_or_none(_kind(s))} = None" for n, s, must in fields if not must]
    optional += [f"{_named(e['name'])}: {_or_none(_kind(e['schema']))} = None" for e in query]
    optional += [f"{_named(e['name'])}: str | None = None" for e in headers]
    named = [*needed, *optional]
    arguments = [
        "self",
        *(f"{_named(e['name'])}: str" for e in where),
        *(["*", *named] if named else ()),
    ]
    yield ""
    yield f"    def {name}({', '.join(arguments)}) -> {answer}:"
    yield from _docstring(f"{operation['summary']}. {operation['description']}", "        ")
    address = path
    for each in where:
        address = address.replace(f"{{{each['name']}}}", f"{{in_path({_named(each['name'])})}}")
    yield "        answer = self._ask("
    yield f'            "{method}",'
    yield f'            {"f" if where else ""}"{address}",'
    for what, names in (
        ("query", [e["name"] for e in query]),
        ("headers", [e["name"] for e in headers]),
    ):
        if names:
            yield f"            {what}={{{', '.join(f'{n!r}: {_named(n)}' for n in names)}}},"
    if fields:
        yield f"            body={{{', '.join(f'{n!r}: {_named(n)}' for n, _, _ in fields)}}},"
    yield "        )"
    yield f"        found: {answer} = answer"
    yield "        return found"
    yield from _all(document, name, answer, where, query, used)


def _all(
    document: Mapping[str, Any],
    name: str,
    answer: str,
    where: list[Any],
    query: list[Any],
    used: set[str],
) -> Iterator[str]:
    """For a list that comes in pages, everything in it, one after the other."""
    properties = document["components"]["schemas"][answer]["properties"]
    if not any(each["name"] == "cursor" for each in query) or "items" not in properties:
        return
    item = _kind(properties["items"]["items"])
    if item in document["components"]["schemas"]:
        used.add(item)
    others = [each for each in query if each["name"] != "cursor"]
    named = [f"{_named(e['name'])}: {_or_none(_kind(e['schema']))} = None" for e in others]
    arguments = ["self", *(f"{_named(e['name'])}: str" for e in where), "*", *named]
    given = [_named(e["name"]) for e in where] + [
        f"{_named(e['name'])}={_named(e['name'])}" for e in others
    ]
    yield ""
    yield f"    def all_{name.removeprefix('list_')}({', '.join(arguments)}) -> Iterator[{item}]:"
    yield f'        """All that ``{name}`` lists, asked for page by page as it is needed."""'
    yield "        cursor: str | None = None"
    yield "        while True:"
    yield f"            page = self.{name}({', '.join([*given, 'cursor=cursor'])})"
    yield '            yield from page["items"]'
    yield '            cursor = page["next"]'
    yield "            if cursor is None:"
    yield "                return"


def _answer(operation: Mapping[str, Any]) -> str:
    for status, each in operation["responses"].items():
        if status.startswith("2"):
            return _kind(each["content"]["application/json"]["schema"])
    raise ValueError(operation["operationId"])


def _fields(
    document: Mapping[str, Any], operation: Mapping[str, Any]
) -> list[tuple[str, Any, bool]]:
    body = operation.get("requestBody")
    if body is None:
        return []
    shape = _kind(body["content"]["application/json"]["schema"])
    schema = document["components"]["schemas"][shape]
    required = schema.get("required", ())
    return [(name, each, name in required) for name, each in schema["properties"].items()]


def _or_none(kind: str) -> str:
    return kind if "None" in kind.split(" | ") or kind == "Any" else f"{kind} | None"


_INIT = '''
"""A client for the API of Wayline."""

from wayline_client.client import Client
from wayline_client.transport import Refused

__all__ = ["Client", "Refused"]
'''


def _write() -> None:
    for name, text in written(json.load(sys.stdin)).items():
        (_FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    _write()

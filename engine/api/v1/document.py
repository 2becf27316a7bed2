"""The OpenAPI 3.1 document, made from the very operations that are served: it cannot say anything
else than what they do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import version as version_of
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from engine.api.v1.operation import Operation
from engine.api.v1.reading import LONGEST_KEY
from engine.core.keys import Scope

__all__ = ["PROBLEM", "document"]

PROBLEM = "application/problem+json"
_JSON = "application/json"
_REF = "#/components/schemas/{model}"
_ABOUT = """\
People, audiences and journeys, and why everything is as it is.

- **Keys** are the user name of basic authentication, or a bearer token. A key has
  scopes: `read`, `write`, or `admin` for everything; `wayline keys create` makes one.
- **Lists** come a page at a time: `next` of a page is the `cursor` for the one behind it. What is
  written meanwhile moves nothing, so no entry comes twice and none is missed.
- **Errors** are problems (RFC 9457): `title`, `status`, and in `detail` one sentence that says what
  to do.
- **Repeating** a POST with the same `Idempotency-Key` does nothing a second time; the answer says
  `repeated`. A key is of whoever asks, and of one address: another body under it is answered with 422,
  and nothing is done. It is known for as long as what came of it is kept.
- **Limits**: `RateLimit-Remaining` says how many requests are left at once; beyond that the answer
  is 429, and `Retry-After` says in how many seconds to come back.
- **Changing** is answered when it is durable, and shows as soon as it is processed.

Events come in by the Segment spec (`/v1/track`, `/v1/identify`, `/v1/batch` and so on), for which
there are clients already; they are not part of this document.
"""
_TAGS = {
    "People": "Who there is, and what is known of them",
    "Segments": "Who is in which audience, and why",
    "Journeys": "What journeys there are, and who is where in them",
    "Messages": "What was sent, what became of it, and why anything was not sent",
    "Consent": "What people said about being written to",
    "Privacy": "Handing out and forgetting",
    "Tracking plan": "What is sent and does not fit it",
    "Webhooks": "Being told of what happens",
}
_SCOPES = {
    Scope.READ: "Asks for a key with the scope `read`.",
    Scope.WRITE: "Asks for a key with the scope `write`.",
    Scope.ADMIN: "Asks for a key with the scope `admin`.",
}
_LEFT = {
    "ratelimit-limit": "How many requests may be made at once.",
    "ratelimit-remaining": "How many of them are left.",
    "ratelimit-reset": "In how many seconds all of them are there again.",
}


class _Wrong(BaseModel):
    """One thing that is wrong with a request."""

    at: str
    detail: str


class Problem(BaseModel):
    """Why a request is not done (RFC 9457)."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="Names the kind of problem; leads to where it is explained.")
    title: str
    status: int
    detail: str = Field(description="One sentence that says what is wrong and what to do.")
    errors: list[_Wrong] = Field(default=[], description="All that is wrong with the request.")


def document(operations: Iterable[Operation]) -> dict[str, Any]:
    """The document, ready to be written as JSON."""
    listed = sorted(operations, key=lambda each: each.path)
    schemas = _schemas(listed)
    paths: dict[str, dict[str, Any]] = {}
    for each in listed:
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each)
    used = {each.tag for each in listed}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Wayline",
            "version": version_of("wayline"),
            "summary": "Customer journeys, explained person by person",
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"basic": []}, {"bearer": []}],
        "tags": [{"name": k, "description": v} for k, v in _TAGS.items() if k in used],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "basic": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "The key as the user name, and no password.",
                },
                "bearer": {"type": "http", "scheme": "bearer", "description": "The key."},
            },
            "headers": {
                name: {"description": text, "schema": {"type": "integer"}}
                for name, text in _LEFT.items()
            },
        },
    }


def _schemas(operations: Iterable[Operation]) -> dict[str, Any]:
    wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {(Problem, "validation"): None}
    for each in operations:
        wanted[each.answer, "serialization"] = None
        if each.body is not None:
            wanted[each.body, "validation"] = None
    _, made = models_json_schema(list(wanted), ref_template=_REF)
    named: dict[str, Any] = made["$defs"]
    return {name: _untitled(named[name]) for name in sorted(named)}


def _untitled(schema: Any) -> Any:
    """Without the titles that only repeat the names of fields."""
    if isinstance(schema, list):
        return [_untitled(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: _untitled(each) for name, each in value.items()}
        if key in ("properties", "$defs")
        else _untitled(value)
        for key, value in schema.items()
        if not (key == "title" and isinstance(value, str))
    }


def _operation(each: Operation) -> dict[str, Any]:
    about = " ".join(filter(None, (each.about, _SCOPES[each.scope])))
    told: dict[str, Any] = {
        "operationId": each.name,
        "tags": [each.tag],
        "summary": each.summary,
        "description": about,
        "x-scope": each.scope.value,
        "parameters": [*_in_path(each), *_in_query(each), *_in_headers(each)],
    }
    if each.body is not None:
        schema = {"$ref": _REF.format(model=each.body.__name__)}
        told["requestBody"] = {"required": True, "content": {_JSON: {"schema": schema}}}
    told["responses"] = _responses(each)
    return told


def _in_path(each: Operation) -> list[dict[str, Any]]:
    schema = {"type": "string", "minLength": 1, "maxLength": 256}
    return [
        {"name": name, "in": "path", "required": True, "schema": schema} for name in each.parameters
    ]


def _in_query(each: Operation) -> list[dict[str, Any]]:
    if each.query is None:
        return []
    schema = each.query.model_json_schema()
    found = []
    for name, written in schema["properties"].items():
        plain = _untitled(_given(written))
        about = plain.pop("description", "")
        told = {"name": name, "in": "query", "required": False, "description": about}
        found.append({**told, "schema": plain})
    return found


def _given(written: Mapping[str, Any]) -> dict[str, Any]:
    """A parameter that may be left out: what it is if it is there."""
    choices = [one for one in written.get("anyOf", ()) if one != {"type": "null"}]
    if len(choices) != 1:
        return dict(written)
    rest = {key: value for key, value in written.items() if key not in ("anyOf", "default")}
    return {**rest, **choices[0]}


def _in_headers(each: Operation) -> list[dict[str, Any]]:
    found = []
    if each.does:
        about = "Names the request, so that a repetition of it does nothing. A UUID will do."
        schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!-~]+$"}
        told = {"name": "Idempotency-Key", "in": "header", "required": False}
        found.append({**told, "description": about, "schema": schema})
    for name, wanted, about in (
        ("If-None-Match", each.tagged, "The ETag of what one has already."),
        ("If-Match", each.conditional, "The ETag of what was read and is to be changed."),
    ):
        if wanted:
            told = {"name": name, "in": "header", "required": False, "description": about}
            found.append({**told, "schema": {"type": "string", "pattern": "^[!-~]+$"}})
    return found


def _responses(each: Operation) -> dict[str, Any]:
    headers: dict[str, Any] = {name: {"$ref": f"#/components/headers/{name}"} for name in _LEFT}
    if each.tagged:
        tag = {"description": "Tells this state from others.", "schema": {"type": "string"}}
        headers["etag"] = tag
    schema = {"$ref": _REF.format(model=each.answer.__name__)}
    answers: dict[str, Any] = {
        str(each.status): {
            "description": (each.answer.__doc__ or each.summary).strip().partition("\n\n")[0],
            "headers": headers,
            "content": {_JSON: {"schema": schema}},
        }
    }
    if each.tagged:
        answers["304"] = {"description": "It is what one has already."}
    for status, text in sorted(_refusals(each).items()):
        answers[str(status)] = {
            "description": text,
            "content": {PROBLEM: {"schema": {"$ref": _REF.format(model="Problem")}}},
        }
    return answers


def _refusals(each: Operation) -> dict[int, str]:
    """What every operation may say, and what this one may."""
    every = {
        400: "Something is wrong with the request; the detail says what.",
        401: "The key is missing, unknown or over.",
        403: "The key does not allow this.",
        429: "Too much at once; Retry-After says when to come back.",
        500: "Something is wrong on our side.",
        503: "Not possible just now; Retry-After says when to come back.",
    }
    if each.parameters:
        every[404] = "There is nothing of this name."
    if each.body is not None:
        every |= {
            408: "The body did not arrive in time.",
            413: "The body is too large.",
            415: "The body is not JSON.",
        }
        if each.does:
            every[422] = "The Idempotency-Key was used for another request."
    return {**every, **each.refusals}

"""Reading a request as an operation wants it. What is wrong is said in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

import orjson
from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from engine.api.body import read_json
from engine.api.problem import Problem
from engine.api.v1.operation import Input, Operation

__all__ = ["LONGEST_KEY", "idempotency_key", "read_body", "read_query"]

LARGEST = 64 * 1024
LONGEST_KEY = 200
_LONGEST_SHOWN = 60


def read_query(operation: Operation, request: Request) -> Input | None:
    """What stands behind the question mark."""
    given = request.query_params.multi_items()
    names = [name for name, _ in given]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise Problem(400, f'"{_shown(twice)}" is there twice; give it once.')
    wanted = operation.query or Input
    found = _read(wanted, dict(given), "parameter")
    return found if operation.query else None


async def read_body(operation: Operation, request: Request) -> Input | None:
    """The body, if the operation has one."""
    if operation.body is None:
        return None
    return _read(operation.body, await read_json(request, LARGEST), "field")


def idempotency_key(operation: Operation, request: Request) -> str:
    """What makes a repetition recognisable; empty, if the sender says nothing."""
    given = request.headers.get("idempotency-key", "")
    if not operation.does or not given:
        return ""
    if len(given) > LONGEST_KEY or not given.isprintable() or not given.isascii():
        detail = f"Idempotency-Key must be at most {LONGEST_KEY} plain characters, such as a UUID."
        raise Problem(400, detail, unread=True)
    return given


def _read(wanted: type[Input], given: Mapping[str, Any], what: str) -> Input:
    try:
        if what == "parameter":
            return wanted.model_validate_strings(given)
        return wanted.model_validate_json(orjson.dumps(given))
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=True, include_input=False)
        said = [_sentence(wanted, each, what) for each in found]
        more = {
            "errors": [
                {"at": _place(each), "detail": s} for each, s in zip(found, said, strict=True)
            ]
        }
        raise Problem(400, said[0], more=more) from None
    except (RecursionError, orjson.JSONEncodeError):
        raise Problem(400, "The body is nested too deeply.") from None


def _sentence(wanted: type[BaseModel], error: Any, what: str) -> str:
    """What is wrong with one value, and what to write instead."""
    place, context = _place(error), error.get("ctx", {})
    match error["type"]:
        case "extra_forbidden":
            known = list(wanted.model_fields)
            close = get_close_matches(place, known, 1)
            instead = f'Did you mean "{close[0]}"?' if close else f"There is {', '.join(known)}."
            hint = instead if known else "Leave it out: there are none here."
            return f'There is no {what} "{place}". {hint}'
        case "missing":
            return f'"{place}" is missing.'
        case "greater_than_equal":
            return f'"{place}" must be at least {context["ge"]}.'
        case "less_than_equal":
            return f'"{place}" must be at most {context["le"]}.'
        case "string_too_long":
            return f'"{place}" must have at most {context["max_length"]} characters.'
        case "string_too_short" | "too_short":
            return f'"{place}" must not be empty.'
        case "too_long":
            return f'"{place}" must have at most {context["max_length"]} entries.'
        case "literal_error" | "enum":
            return f'"{place}" must be {context["expected"]}.'
        case "string_type" | "string_sub_type":
            return f'"{place}" must be text.'
        case "int_type" | "int_parsing" | "int_from_float" | "int_parsing_size":
            return f'"{place}" must be a whole number.'
        case "bool_type" | "bool_parsing":
            return f'"{place}" must be true or false.'
        case "dict_type" | "model_type" | "model_attributes_type":
            return f'"{place}" must be a JSON object.'
        case "list_type" | "tuple_type":
            return f'"{place}" must be a list.'
        case "value_error":
            said = str(error["msg"]).removeprefix("Value error, ")
            return f'"{place}": {said}'
        case _:
            said = str(error["msg"])
            return f'"{place}": {said[0].lower()}{said[1:]}.'


def _place(error: Any) -> str:
    return _shown(".".join(str(step) for step in error["loc"]) or "body")


def _shown(text: str) -> str:
    text = text[:_LONGEST_SHOWN]
    return "".join(each if each.isprintable() else "?" for each in text)

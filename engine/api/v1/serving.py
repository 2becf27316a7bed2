"""Operations as routes: who asks, how often, what, and then the answer.

Paths are taken apart before they are decoded, so that a person whose name has a slash in it is one
person, and nobody's name leads into another address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from itertools import groupby
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope as Connection

from engine.access.trail import called, said_operator
from engine.api.keys import Keys
from engine.api.problem import Problem
from engine.api.v1.audit import ABOUT_NOBODY
from engine.api.v1.means import Means
from engine.api.v1.operation import Asked, Operation, Shape
from engine.api.v1.pacing import Pacing
from engine.api.v1.reading import idempotency_key, read_body, read_query
from engine.api.v1.shapes.people import PeoplePage, PeopleQuery
from engine.core.deeds import Deed

__all__ = ["Serving"]

_LONGEST_NAME = 256
_UNSEEN = re.compile(r"[\x00-\x1f\x7f]")
_NO_STORE = {"cache-control": "no-store"}


class Serving:
    """Answers requests for operations."""

    def __init__(self, means: Means, keys: Keys, pacing: Pacing) -> None:
        self._means = means
        self._keys = keys
        self._pacing = pacing

    def routes(self, operations: Iterable[Operation]) -> list[Route]:
        """One for each address, in the order in which they are listed."""
        by_path = groupby(sorted(operations, key=lambda each: each.path), lambda each: each.path)
        return [self._route(path, {each.method: each for each in group}) for path, group in by_path]

    def _route(self, path: str, operations: Mapping[str, Operation]) -> Route:
        async def endpoint(request: Request) -> Response:
            method = "GET" if request.method == "HEAD" else request.method
            return await self._answer(operations[method], request)

        return _Raw(path, endpoint, methods=list(operations))

    async def _answer(self, operation: Operation, request: Request) -> Response:
        key = await self._keys.require(request, operation.scope)
        caller = key.id or key.hash or _address(request)
        headers = {**_NO_STORE, **self._pacing.take(caller)}
        try:
            asked = await self._asked(operation, request, caller, called(key))
            if operation.method != "GET":
                await self._write_down(operation, asked)
            answer = await operation.handle(asked)
            if operation.method == "GET":
                await self._write_down(operation, asked, answer)
        except Problem as problem:
            problem.headers = {**headers, **problem.headers}
            raise
        if isinstance(answer, Response):
            answer.headers.update(headers)
            return answer
        body = answer.model_dump_json().encode()
        if operation.tagged:
            headers["etag"] = etag(answer)
            if request.headers.get("if-none-match", "") in (headers["etag"], "*"):
                return Response(status_code=304, headers=headers)
        return Response(body, operation.status, headers, "application/json")

    async def _asked(self, operation: Operation, request: Request, caller: str, who: str) -> Asked:
        path = {name: _name(name, value) for name, value in request.path_params.items()}
        query = read_query(operation, request)
        key = idempotency_key(operation, request)
        body = await read_body(operation, request)
        return Asked(request, self._means, path, query, body, caller, key, who)

    async def _write_down(
        self, operation: Operation, asked: Asked, answer: Shape | Response | None = None
    ) -> None:
        """Before anything is changed or leaves. Of what is only looked at, what was refused was not
        shown, and is not written down.
        """
        if operation.name in ABOUT_NOBODY:
            return
        named = (asked.path, asked.body, answer, asked.query)
        whom = next((found for each in named if (found := _person_in(each))), "")
        about = {name: value for name, value in asked.path.items() if name != "person"}
        if by := said_operator(asked.request.headers):
            about["by"] = by
        for each in _found_by(asked.query, answer) or [whom]:
            deed = Deed(self._means.now, asked.who, operation.name, each, about)
            await self._means.trail.add(deed)


def _person_in(part: object) -> str:
    """The one person that a part of a question or an answer names."""
    found = part.get("person") if isinstance(part, Mapping) else getattr(part, "person", None)
    return found if isinstance(found, str) else ""


def _found_by(query: object, answer: object) -> list[str]:
    """Who was found by an address: that they have it is what is told of them."""
    if isinstance(query, PeopleQuery) and isinstance(answer, PeoplePage) and query.is_of_address:
        return [each.id for each in answer.items]
    return []


def etag(answer: Shape) -> str:
    """What tells one state of something from another."""
    digest = blake2b(answer.model_dump_json().encode(), digest_size=12).hexdigest()
    return f'"{digest}"'


def _address(request: Request) -> str:
    """Who asks where nobody needs a key."""
    return request.client.host if request.client else ""


def _name(what: str, value: str) -> str:
    if not value.strip():
        raise Problem(404, "There is nothing at this address.")
    if len(value) > _LONGEST_NAME:
        raise Problem(400, f"The {what} in the address has more than {_LONGEST_NAME} characters.")
    if _UNSEEN.search(value):
        raise Problem(400, f"The {what} in the address has a sign in it that nobody can see.")
    return value.strip()


class _Raw(Route):
    """A route whose names may have slashes in them, if they are written as ``%2F``."""

    def matches(self, scope: Connection) -> tuple[Match, Connection]:
        raw = scope.get("raw_path")
        if not isinstance(raw, bytes):
            return super().matches(scope)
        path = raw.partition(b"?")[0].decode("latin-1")
        match, child = super().matches({**scope, "path": path})
        if match is Match.NONE:
            return match, child
        try:
            named = child["path_params"]
            child["path_params"] = {k: unquote(v, errors="strict") for k, v in named.items()}
        except UnicodeDecodeError:
            return Match.NONE, {}
        return match, child

"""What the API can be asked: one value for each operation, from which the route and the document are
made. Nothing about an operation is written down twice.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import Response

from dsl.spelling import did_you_mean
from engine.api.problem import Problem
from engine.api.v1.means import Means
from engine.core.keys import Scope

__all__ = ["Answer", "Asked", "Handle", "Input", "Method", "Operation", "Shape"]

Method: TypeAlias = Literal["GET", "POST", "PATCH", "DELETE"]
_T = TypeVar("_T")
_PARAMETER = re.compile(r"\{(\w+)\}")


class Shape(BaseModel):
    """What is answered. More may be added to it within a version, nothing changes or goes."""

    model_config = ConfigDict(frozen=True)


class Input(BaseModel):
    """What is asked. Anything that is not known is refused, because it was meant to do something."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Asked(NamedTuple):
    """A request that was read: what its path names, its query and body as the operation says, who
    asks, the idempotency key, if there is one, and who asks as the audit log calls them.
    """

    request: Request
    means: Means
    path: Mapping[str, str]
    query: Any
    body: Any
    caller: str
    key: str
    who: str

    def named(self, what: str, known: Mapping[str, _T]) -> _T:
        """The one of those which the path names; a problem with the nearest name, if there is none."""
        name = self.path[what]
        found = known.get(name)
        if found is None:
            hint = did_you_mean(name, known)
            raise Problem(404, f'There is no {what} "{name[:60]}". {hint or ""}'.rstrip())
        return found


Answer: TypeAlias = Shape | Response
Handle: TypeAlias = Callable[[Asked], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked. ``name`` is what clients call it. ``tagged``: the answer has an
    ETag, and is not sent again to who has it. ``refusals`` are statuses with a sentence, beside
    those that every operation may answer.
    """

    name: str
    method: Method
    path: str
    tag: str
    summary: str
    handle: Handle
    answer: type[Shape]
    scope: Scope = Scope.READ
    query: type[Input] | None = None
    body: type[Input] | None = None
    status: int = 200
    about: str = ""
    tagged: bool = False
    conditional: bool = False
    refusals: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def parameters(self) -> tuple[str, ...]:
        """What the path names."""
        return tuple(_PARAMETER.findall(self.path))

    @property
    def does(self) -> bool:
        """Whether something comes of it, so that repeating it has to be recognised."""
        return self.method == "POST"

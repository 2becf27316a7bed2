"""The audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from engine.api.v1.cursor import Paged
from engine.api.v1.operation import Shape

__all__ = ["Deed", "DeedPage", "DeedQuery"]


class DeedQuery(Paged):
    """Everything, or what was done about one person."""

    person: str | None = Field(
        None,
        min_length=1,
        max_length=256,
        description="Only what was about this person, also from before they were forgotten.",
    )


class Deed(Shape):
    """Something that was done with what is known of people."""

    at: datetime
    who: str = Field(
        description='"key NAME", "operator NAME", "person by link", or "anybody" where no key is needed.'
    )
    what: str = Field(description="The operation, or the command of wayline.")
    whom: str | None = Field(
        description='The id of the person; of somebody forgotten "person:" and a name that tells'
        " nothing."
    )
    about: dict[str, Any]


class DeedPage(Shape):
    """The newest first."""

    items: list[Deed]
    next: str | None = Field(description="The cursor of what follows; null at the end.")

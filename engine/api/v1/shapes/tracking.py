"""What does not fit the tracking plan."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from engine.api.v1.operation import Input, Shape

__all__ = ["Oddities", "OdditiesQuery", "OddityOfDay"]


class OdditiesQuery(Input):
    """The last days."""

    days: int = Field(2, ge=1, le=30, description="How many days (of UTC), today included.")


class OddityOfDay(Shape):
    """Something that was sent on a day and does not fit the tracking plan."""

    day: date
    event: str = Field(
        description='Its name in the plan, or as it came; "identify" for attributes.'
    )
    property: str | None = Field(description="The property or attribute, if it is about one.")
    what: str = Field(
        description="As what it came where the plan wants something else; or that it was missing,"
        " or is not in the plan."
    )
    times: int
    example: str | None = Field(description="How it looked once; hidden where it is personal.")


class Oddities(Shape):
    """Day by day, the most frequent first."""

    items: list[OddityOfDay]
    kept_aside: int = Field(description="Calls that wait for the plan to be mended.")

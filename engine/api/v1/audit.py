"""The audit log: who read or changed what of whom. Whoever asks is written down as well."""

from __future__ import annotations

from engine.api.v1.cursor import open_cursor, seal
from engine.api.v1.operation import Asked
from engine.api.v1.shapes import audit as shapes
from engine.api.v1.shapes.moments import moment

__all__ = ["ABOUT_NOBODY", "log"]

ABOUT_NOBODY = frozenset(
    {
        *("list_journeys", "get_journey", "list_segments", "get_segment", "get_segment_size"),
        *("list_webhooks", "get_webhook", "list_oddities"),
    }
)
"""The operations that tell nothing of people. All others are written down."""


async def log(asked: Asked) -> shapes.DeedPage:
    """The newest first."""
    return await asked.means.read(_log, asked, open_cursor(asked))


def _log(asked: Asked, before: int | None) -> shapes.DeedPage:
    limit = asked.query.limit
    found = asked.means.store.deeds.read(before, limit + 1, asked.query.person)
    shown = found[:limit]
    after = seal(asked, shown[-1][0]) if len(found) > limit else None
    items = [
        shapes.Deed(
            at=moment(deed.at),
            who=deed.who,
            what=deed.what,
            whom=deed.whom or None,
            about=dict(deed.about),
        )
        for _, deed in shown
    ]
    return shapes.DeedPage(items=items, next=after)

"""What was sent and why: deliveries, receipts, decisions, and the story in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.api.problem import Problem
from engine.api.v1.cursor import open_cursor, seal
from engine.api.v1.means import Means
from engine.api.v1.operation import Asked
from engine.api.v1.people import NOBODY, known, whoever
from engine.api.v1.shapes import messages as shapes
from engine.api.v1.shapes.moments import moment, moment_or_none
from engine.core.decision import Decision
from engine.core.effects import Delivery
from engine.why import Names, as_data, as_text, tell
from engine.why.reasons import left_words, not_entered_words, not_sent_words

__all__ = ["decisions", "deliveries", "delivery", "receipts", "story"]

_MOST_RECEIPTS = 200
_MOST_LINES = 1_000
_NOT_SENT = ("passed over", "dropped", "stopped")


async def deliveries(asked: Asked) -> shapes.DeliveryPage:
    """Messages of somebody, newest first."""
    return await asked.means.read(_deliveries, asked, open_cursor(asked))


def _deliveries(asked: Asked, before: int | None) -> shapes.DeliveryPage:
    limit, pages = asked.query.limit, asked.means.store.pages
    found = whoever(asked, lambda person: pages.deliveries(person, before, limit + 1))
    shown = found[:limit]
    after = seal(asked, shown[-1][0]) if len(found) > limit else None
    return shapes.DeliveryPage(items=[_delivery(each) for _, each in shown], next=after)


async def delivery(asked: Asked) -> shapes.Delivery:
    """One message."""
    return _delivery(await asked.means.read(_found, asked.means, asked.path["delivery"]))


def _found(means: Means, name: str) -> Delivery:
    found = means.store.deliveries([name]).get(name)
    if found is None:
        raise Problem(404, "There is no delivery of this id.")
    return found


def _delivery(each: Delivery) -> shapes.Delivery:
    return shapes.Delivery(
        id=each.id,
        person=each.person,
        journey=each.journey,
        run=each.run,
        step=each.step,
        channel=each.channel,
        category=each.category,
        message=each.message,
        address=each.address,
        status=each.status,
        decided=moment(each.decided),
        due=moment(each.due),
        expires=moment_or_none(each.expires),
        attempts=each.attempts,
        provider_id=each.provider_id,
        parts=dict(each.parts),
    )


async def receipts(asked: Asked) -> shapes.ReceiptList:
    """What was told about one message."""
    return await asked.means.read(_receipts, asked.means, asked.path["delivery"])


def _receipts(means: Means, name: str) -> shapes.ReceiptList:
    told = means.store.pages.receipts(_found(means, name).person, name, _MOST_RECEIPTS)
    return shapes.ReceiptList(
        delivery=name,
        items=[
            shapes.Receipt(
                what=each.what,
                reason=each.reason,
                occurred=moment(each.occurred),
                received=moment(each.received),
                failure=each.failure,
                by=each.by,
                rule=each.rule,
            )
            for each in told
        ],
    )


async def decisions(asked: Asked) -> shapes.DecisionPage:
    """Decisions about somebody, newest first."""
    return await asked.means.read(_decisions, asked, open_cursor(asked))


def _decisions(asked: Asked, before: int | None) -> shapes.DecisionPage:
    limit, pages = asked.query.limit, asked.means.store.pages
    found = whoever(asked, lambda person: pages.decisions(person, before, limit + 1))
    shown = found[:limit]
    after = seal(asked, shown[-1][0]) if len(found) > limit else None
    items = []
    for _, each in shown:
        told = {**each._asdict(), "at": moment(each.at), "words": _words(each)}
        items.append(shapes.Decision.model_validate(told))
    return shapes.DecisionPage(items=items, next=after)


def _words(decision: Decision) -> str:
    match decision.what:
        case "not entered" | "held out":
            return not_entered_words(decision.reason)
        case "left":
            return left_words(decision.reason)
        case what if what in _NOT_SENT:
            return not_sent_words(decision.reason)
        case _:
            return decision.reason.replace("_", " ")


async def story(asked: Asked) -> shapes.Story:
    """What ``wayline why`` tells."""
    return await asked.means.read(_story, asked.means, asked.path["person"])


def _story(means: Means, person: str) -> shapes.Story:
    program = means.deployed.program
    project = program.project
    names = Names.of(project.plan, program.zone, project.segments, project.policy.categories)
    told = tell(means.store, known(means, person).profile.id, names)
    if told is None:
        raise Problem(404, NOBODY)
    data = as_data(told)
    text = [line for _, line in as_text(told)]
    days, earlier = _newest(data["days"])
    return shapes.Story.model_validate(
        {
            **data,
            "days": days,
            "earlier": earlier,
            "text": "\n".join(text if not earlier else [*text[:1], *text[-_MOST_LINES:]]) + "\n",
        }
    )


def _newest(days: Sequence[Mapping[str, Any]]) -> tuple[list[dict[str, Any]], int]:
    """The days of the newest lines, and how many older ones there are."""
    left, shown, earlier = _MOST_LINES, list[dict[str, Any]](), 0
    for day in reversed(days):
        lines = day["lines"]
        kept = lines[-left:] if left else []
        earlier += len(lines) - len(kept)
        left -= len(kept)
        if kept:
            told = [{"consent": None, **line} for line in kept]
            shown.insert(0, {"day": day["day"], "lines": told})
    return shown, earlier

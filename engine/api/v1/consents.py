"""Consent: the ledger as of a moment, and one more word with its proof; forgetting and handing out."""

from __future__ import annotations

from starlette.responses import Response, StreamingResponse

from dsl.calendar import from_datetime
from engine.api.problem import Problem
from engine.api.v1.means import Means
from engine.api.v1.operation import Asked
from engine.api.v1.people import NOBODY, accepted, identity_of, known, once, taken
from engine.api.v1.shapes import people as shapes
from engine.core.signals import Erased
from engine.deploy import deployed_project
from engine.operator import OperatorError
from engine.people.dossier import written
from engine.people.ledger import as_data, consents_in

__all__ = ["erase", "erasure", "export", "ledger", "record"]

_WORDS = {
    "granted": "consent_granted",
    "withdrawn": "consent_withdrawn",
    "requested": "consent_requested",
}
_PROOFS = ("category", "channel", "method", "source", "wording", "actor", "basis", "sale")


async def ledger(asked: Asked) -> shapes.Consents:
    """What somebody said, and what follows."""
    means, query = asked.means, asked.query
    person = await means.read(_now, means, asked.path["person"])
    try:
        found = await means.read(
            consents_in, means.store, person, means.now, query.at, query.known_at
        )
    except OperatorError as mistake:
        raise Problem(400, str(mistake)) from None
    if found is None:
        raise Problem(404, NOBODY)
    return shapes.Consents.model_validate(as_data(found))


def _now(means: Means, name: str) -> str:
    """Who somebody is now."""
    return known(means, name).profile.id


async def record(asked: Asked) -> shapes.Accepted:
    """One more word, by the same door as everybody's."""
    said = asked.body
    proofs = {name: getattr(said, name) for name in _PROOFS}
    call = {
        "type": "track",
        "userId": asked.path["person"],
        "event": _WORDS[said.word],
        "properties": {name: value for name, value in proofs.items() if value is not None},
    }
    if said.occurred is not None:
        if said.occurred.tzinfo is None:
            raise Problem(400, '"occurred" has no time zone; write it like 2026-03-01T09:00:00Z.')
        if from_datetime(said.occurred) > asked.means.now:
            raise Problem(400, '"occurred" is in the future.')
        call["timestamp"] = said.occurred.isoformat()
    return await once(asked, taken(asked, call, "property"))


async def export(asked: Asked) -> Response:
    """All that is known of somebody. It is read at one moment, and only then handed out: a slow
    reader holds nothing up.
    """
    means = asked.means
    person = await means.read(_now, means, asked.path["person"])
    dossier = await means.read(means.store.dossier, person)
    if dossier is None:
        raise Problem(404, NOBODY)
    project = await means.read(deployed_project, means.store)
    return StreamingResponse(written(dossier, project, means.now), media_type="application/json")


async def erase(asked: Asked) -> shapes.Accepted:
    """Has somebody forgotten. Nobody is kept from that, however much waits."""
    asking = Erased(identity_of(), asked.path["person"], asked.means.now, 0)
    appended = await asked.means.inbox.add([asking])
    return accepted([asking], appended)


async def erasure(asked: Asked) -> shapes.Erasure:
    """How far that is."""
    return await asked.means.read(_erasure, asked.means, asked.path["person"])


def _erasure(means: Means, person: str) -> shapes.Erasure:
    if "erasure" in means.store.pages.waiting(person):
        return shapes.Erasure(person=person, state="waiting")
    is_known = person in means.store.people([person], ())
    return shapes.Erasure(person=person, state="known" if is_known else "nobody")

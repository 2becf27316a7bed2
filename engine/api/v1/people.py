"""People: who there is, what is known of them, what they did, and changing it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, TypeVar

from dsl.calendar import Instant
from dsl.expr.context import Happened
from dsl.policy import EVERY
from engine.api.problem import Problem
from engine.api.v1.cursor import open_cursor, seal
from engine.api.v1.means import Deployed, Means
from engine.api.v1.operation import Asked
from engine.api.v1.serving import etag
from engine.api.v1.shapes import people as shapes
from engine.api.v1.shapes.moments import moment, moment_or_none, plain_values
from engine.core.changes import Merge
from engine.core.consent import place_of
from engine.core.numbers import found_in, mailbox_in, number_in
from engine.core.origins import apart, with_computed
from engine.core.profile import Profile, Trouble
from engine.core.signals import Arrival, EventArrived, StartAsked
from engine.core.standing import Standing
from engine.core.zones import recipient_zone
from engine.ingest import NAMING
from engine.store.called import who_has
from engine.store.protocol import Appended, PersonView

__all__ = [
    "EXAMINED",
    "USED",
    "accepted",
    "change",
    "events",
    "everybody",
    "identity",
    "known",
    "once",
    "one",
    "origins",
    "suppressions",
    "taken",
    "whoever",
]

_T = TypeVar("_T")

EXAMINED = 2_000
"""How many people one page looks at, at most."""

_AT_A_TIME = 500
USED = "This Idempotency-Key was used for another request; take a fresh one for each."
_A_NUMBER = "a telephone number with its country, such as +49 30 901820"
NOBODY = "Nobody of this id has ever been heard of."


async def everybody(asked: Asked) -> shapes.PeoplePage:
    """People in the order of first hearing of them, or those who have an address."""
    store, read = asked.means.store, asked.means.read
    address = _address(asked)
    if address is not None:
        start, most = open_cursor(asked) or 0, asked.query.limit
        names = (await read(who_has, store, address))[start:]
        on = seal(asked, start + most) if len(names) > most else None
        items = [shapes.PersonName(id=name) for name in names[:most]]
        return shapes.PeoplePage(items=items, next=on)
    limit = asked.query.limit
    found = await read(store.pages.people, open_cursor(asked) or 0, limit + 1)
    shown = found[:limit]
    after = seal(asked, shown[-1][0]) if len(found) > limit else None
    views = await read(store.people, [name for _, name in shown], ())
    whole = [name for _, name in shown if name not in views or _is_whole(views[name])]
    return shapes.PeoplePage(items=[shapes.PersonName(id=name) for name in whole], next=after)


def _address(asked: Asked) -> str | None:
    """The address that is asked for, as all who have it are known by it."""
    query = asked.query
    given = [(n, v) for n in ("email", "phone", "address") if (v := getattr(query, n)) is not None]
    if not given:
        return None
    if len(given) > 1:
        raise Problem(400, 'Ask by one of "email", "phone" and "address".')
    ((name, value),) = given
    found = {"email": mailbox_in, "phone": number_in, "address": found_in}[name](value)
    if found is None:
        kinds = {"email": "an e-mail address", "phone": _A_NUMBER}
        what = kinds.get(name, f"an e-mail address or {_A_NUMBER}")
        raise Problem(400, f'"{name}" is not {what}.')
    return found


async def one(asked: Asked) -> shapes.Person:
    """All that is presently known of somebody."""
    return await asked.means.read(_person, asked.means, asked.path["person"])


def _person(means: Means, name: str) -> shapes.Person:
    deployed = means.deployed
    view = known(means, name, deployed.program.read_by_policy)
    return _shown(view, means.store.names(view.profile.id), deployed, means.now)


def _shown(
    view: PersonView, names: Sequence[Merge], deployed: Deployed, now: Instant
) -> shapes.Person:
    profile, program = view.profile, deployed.program
    live = {run.id: run for run in view.runs if run.status == "live"}
    standing = Standing(program, profile, live, view.history)
    context = standing.context(now)
    reachable = [name for name in program.policy.channels if standing.reachable(name, context)]
    language = context.language
    standing.part()
    return shapes.Person(
        id=profile.id,
        attributes=plain_values(profile.attributes, program.project.plan.attributes),
        addresses={k: v for k, v in profile.addresses.items() if v},
        reachable=sorted(reachable),
        time_zone=recipient_zone(profile.attributes, program.zone).key,
        language=language,
        consents=[_consent(key, at) for key, at in sorted(profile.consents.items())],
        suppressions=_suppressions(profile),
        preferences=_preferences(profile),
        last_contacts=[
            shapes.Contact(
                delivery=each.delivery,
                channel=each.channel,
                category=each.category,
                journey=each.journey,
                decided=moment(each.decided),
                sent=moment_or_none(each.sent),
            )
            for each in profile.contacts
        ],
        set_aside=None if view.aside is None else view.aside.reason,
        names=sorted({each.person for each in names}),
    )


def known(means: Means, name: str, events: Sequence[str] | frozenset[str] = ()) -> PersonView:
    """Somebody with their history of ``events``; a problem, if nobody has heard of them. Of a name
    that has gone into another it is whoever they are now.
    """
    view = means.store.people([name], events).get(name)
    while view is not None and (into := view.profile.identity.merged):
        view = means.store.people([into], events).get(into)
    if view is None:
        raise Problem(404, NOBODY)
    if not view.readable:
        detail = "Something of this person is damaged; wayline set-aside says what."
        raise Problem(500, detail)
    return view


def whoever(asked: Asked, of: Callable[[str], list[_T]]) -> list[_T]:
    """What there is of the person asked for, or of whom they are now; a problem, if nobody has ever
    heard of them.
    """
    name = asked.path["person"]
    found = of(name)
    if found:
        return found
    now = known(asked.means, name).profile.id
    return found if now == name else of(now)


def _consent(key: str, at: Instant) -> shapes.Consent:
    category, channel, basis = place_of(key)
    return shapes.Consent(
        category=None if category == EVERY else category,
        channel=None if channel == EVERY else channel,
        granted=at > 0,
        at=moment(abs(at)),
        basis=basis,
    )


def _preferences(profile: Profile) -> shapes.Preferences | None:
    at_most, paused_until, said = profile.preferences
    if not said:
        return None
    paused = moment_or_none(paused_until)
    return shapes.Preferences(at_most_per_week=at_most, paused_until=paused, said=moment(said))


def _suppressions(profile: Profile) -> list[shapes.Suppression]:
    found = []
    for place in sorted(profile.suppressed):
        channel, blank, address = place.partition(" ")
        why = profile.trouble.get(place, Trouble())
        found.append(
            shapes.Suppression(
                person=profile.id,
                channel=channel if blank else "",
                address=address if blank else place,
                since=moment(why.since) if why.since else None,
                cause=why.cause,
                rule=why.rule,
            )
        )
    return found


async def suppressions(asked: Asked) -> shapes.SuppressionPage:
    """Addresses that are not written to any more, person by person."""
    start = open_cursor(asked) or 0
    limit = asked.query.limit
    return await asked.means.read(_suppressed, asked, start, limit)


def _suppressed(asked: Asked, after: int, limit: int) -> shapes.SuppressionPage:
    """Of one person all or nothing, so a page may be a little longer than was asked for."""
    found: list[shapes.Suppression] = []
    for views, place in people_in_turn(asked.means, after, ()):
        for at, view in views:
            found += _suppressions(view.profile)
            if len(found) >= limit:
                return shapes.SuppressionPage(items=found, next=seal(asked, at))
        after = place
    more = asked.means.store.pages.people(after, 1)
    return shapes.SuppressionPage(items=found, next=seal(asked, after) if more else None)


def people_in_turn(means: Means, after: int, events: Sequence[str] | frozenset[str]) -> Any:
    """People behind a place with their places, some at a time, and as many as one page looks at."""
    for _ in range(EXAMINED // _AT_A_TIME):
        found = means.store.pages.people(after, _AT_A_TIME)
        if not found:
            return
        after = found[-1][0]
        views = means.store.people([name for _, name in found], events)
        yield (
            [(at, views[name]) for at, name in found if name in views and _is_whole(views[name])],
            after,
        )


def _is_whole(view: PersonView) -> bool:
    """Somebody who can be read, and not a name that has gone into another."""
    return view.readable and not view.profile.identity.merged


async def events(asked: Asked) -> shapes.EventPage:
    """What somebody did, newest first."""
    return await asked.means.read(_events, asked, open_cursor(asked))


def _events(asked: Asked, before: int | None) -> shapes.EventPage:
    limit, name = asked.query.limit, asked.query.name
    names = () if name is None else (name,)

    def of(person: str) -> list[EventArrived]:
        return asked.means.store.pages.events(person, before, limit + 1, names)

    found = whoever(asked, of)
    front = asked.means.front()
    plan = front.program.project.plan.events if front and front.program else {}
    shown = found[:limit]
    items = []
    for identity, _, event in shown:
        of_event = plan.get(event.name)
        kinds = {} if of_event is None else of_event.properties
        items.append(
            shapes.Event(
                id=identity,
                name=event.name,
                occurred=moment(event.occurred),
                received=moment(event.received),
                properties=plain_values(event.properties, kinds),
            )
        )
    after = seal(asked, shown[-1].event.number) if len(found) > limit else None
    return shapes.EventPage(items=items, next=after)


async def origins(asked: Asked) -> shapes.Origins:
    """Where everything that is known of somebody comes from."""
    return await asked.means.read(_origins, asked.means, asked.path["person"])


def _origins(means: Means, name: str) -> shapes.Origins:
    profile, plan = known(means, name).profile, means.deployed.program.project.plan
    found = with_computed(means.store.pages.origins(profile.id), profile.attributes, plan)
    attributes, addresses = (
        {
            each: shapes.Origin(at=moment_or_none(at or None), origin=o)
            for each, (at, o) in part.items()
        }
        for part in apart(found)
    )
    return shapes.Origins(attributes=attributes, addresses=addresses)


async def change(asked: Asked) -> shapes.Accepted:
    """Sets attributes, by the same door as everybody else's traits."""
    person, attributes = asked.path["person"], asked.body.attributes
    wanted = asked.request.headers.get("if-match")
    if wanted is not None:
        shown = await asked.means.read(_person, asked.means, person)
        if wanted not in ("*", etag(shown)):
            detail = "The person has changed since; read them again, and decide again."
            raise Problem(412, detail)
    call = {"type": "identify", "userId": person, "traits": attributes}
    arrivals = taken(asked, call, "attribute")
    appended = await asked.means.add(arrivals)
    return accepted(arrivals, appended)


def taken(asked: Asked, call: Mapping[str, Any], what: str) -> list[Arrival]:
    """A call in the Segment spec, read as one of those is; a problem, if it is wrong."""
    intake = asked.means.deployed.front.intake
    named = {**call, "messageId": identity(asked)}
    found = intake.take([named], asked.means.now, identity_of, sender=NAMING)
    if found.refused:
        raise Problem(400, found.refused[0].error)
    if found.ignored:
        unknown = next(iter(found.ignored))
        raise Problem(400, f'The tracking plan has no {what} "{unknown}".')
    return list(found.arrivals)


def identity(asked: Asked) -> str:
    """The id of what comes of a request: the same for a repetition with the same key, by the same
    caller at the same address.
    """
    if not asked.key:
        return identity_of()
    route = getattr(asked.request.scope.get("route"), "path", "")
    parts = [asked.caller, asked.request.method, route, *sorted(asked.path.values()), asked.key]
    return "api/" + blake2b("\x1f".join(parts).encode(), digest_size=16).hexdigest()


def identity_of() -> str:
    """A fresh one."""
    return str(uuid.uuid4())


def accepted(arrivals: Sequence[Arrival], appended: Appended) -> shapes.Accepted:
    """That it is durable. What is said beside of who somebody is comes first, and may be an old
    story.
    """
    last = len(arrivals) - 1
    return shapes.Accepted(id=arrivals[last].id, repeated=last in appended.repeats)


async def once(asked: Asked, arrivals: Sequence[Arrival]) -> shapes.Accepted:
    """Has something arrive. A problem, if something else has under the same key."""
    appended = await asked.means.add(arrivals)
    told = accepted(arrivals, appended)
    if told.repeated and asked.key:
        before = await asked.means.read(asked.means.store.pages.arrival, told.id)
        if before is not None and not _is_same(before, arrivals[-1]):
            raise Problem(422, USED)
    return told


def _is_same(before: Arrival, after: Arrival) -> bool:
    match before, after:
        case EventArrived(event=was), EventArrived(event=now):
            then = (was.name, was.properties, _said_time(was))
            return then == (now.name, now.properties, _said_time(now))
        case StartAsked(journey=was, properties=gave), StartAsked(journey=now, properties=gives):
            return (was, gave) == (now, gives)
        case _:
            return False


def _said_time(event: Happened) -> Instant | None:
    """When it happened, if that was said: else it is when it was heard of."""
    return None if event.occurred == event.received else event.occurred

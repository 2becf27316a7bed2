"""Subscriptions to what happens: made, changed, given a new secret, tried, and taken away."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from engine.api.problem import Problem
from engine.api.v1.operation import Asked
from engine.api.v1.people import USED, identity
from engine.api.v1.shapes import webhooks as shapes
from engine.api.v1.shapes.moments import moment
from engine.core.hooks import Hook
from engine.hooks import NO_KEY, Hooks, Signing
from engine.hooks.managing import OFF, ON, fresh_id

__all__ = ["change", "everything", "make", "one", "remove", "rotate", "try_out"]

_SETTLED = "It comes from wayline.toml: change it there."


async def everything(asked: Asked) -> shapes.WebhookList:
    """All subscriptions."""
    known = await asked.means.read(asked.means.store.hooks.known)
    return shapes.WebhookList(items=[shapes.Webhook(**_shown(each)) for each in known])


async def one(asked: Asked) -> shapes.Webhook:
    """One subscription."""
    return shapes.Webhook(**_shown(await _named(asked)))


async def make(asked: Asked) -> shapes.WebhookSecret:
    """A new one. The same request, repeated with its key, gives the same one and its secret."""
    hooks, signing = _signing(asked)
    body = asked.body
    _check(hooks.managing.wrong(body.url, body.events))
    name = "hook_" + identity(asked).rpartition("/")[2] if asked.key else fresh_id()
    said = blake2b(body.model_dump_json().encode(), digest_size=16).hexdigest() if asked.key else ""
    made = await asked.means.read(
        hooks.managing.make, name, body.url, body.events, body.about, asked.means.now, said
    )
    if made is None:
        raise Problem(409, "There are too many webhooks; take one away that nobody needs.")
    if asked.key and made.asked not in ("", said):
        raise Problem(422, USED)
    return shapes.WebhookSecret(**_shown(made), secret=signing.secret(made))


async def change(asked: Asked) -> shapes.Webhook:
    """Another address, other things to tell, off or on again."""
    hook, (hooks, _), body = await _own(asked), _signing(asked), asked.body
    _check(hooks.managing.wrong(body.url, body.events))
    changes: dict[str, Any] = {}
    if body.url is not None:
        changes |= {"url": body.url, "due": 0}
    if body.events is not None:
        changes["sorts"] = tuple(dict.fromkeys(body.events))
    if body.about is not None:
        changes["about"] = body.about
    if body.active is True:
        changes |= ON
    if body.active is False:
        changes["disabled"] = hook.disabled or OFF
    return shapes.Webhook(**_shown(await _changed(asked, hooks, hook, changes)))


async def rotate(asked: Asked) -> shapes.WebhookSecret:
    """A new secret; the one before signs as well for a day."""
    hook, (hooks, signing) = await _named(asked), _signing(asked)
    turned = identity(asked) if asked.key else ""
    rotated = await asked.means.read(hooks.managing.rotate, hook.id, asked.means.now, turned)
    if rotated is None:
        raise _nothing()
    return shapes.WebhookSecret(**_shown(rotated), secret=signing.secret(rotated))


async def try_out(asked: Asked) -> shapes.Trial:
    """Sends a message at once. Repeated with its key, it has the same id for the receiver."""
    hook, (hooks, _) = await _named(asked), _signing(asked)
    if hooks.relay is None:
        raise Problem(503, "This process hands nothing over; ask one with the role dispatch.")
    reason = await hooks.relay.try_out(hook, asked.means.now, identity(asked))
    return shapes.Trial(taken=not reason, reason=reason)


async def remove(asked: Asked) -> shapes.Webhook:
    """One less."""
    hook = await _own(asked)
    await asked.means.read(asked.means.store.hooks.remove, hook.id)
    return shapes.Webhook(**_shown(hook))


async def _named(asked: Asked) -> Hook:
    name = asked.path["webhook"]
    for each in await asked.means.read(asked.means.store.hooks.known):
        if each.id == name:
            return each
    raise _nothing()


async def _own(asked: Asked) -> Hook:
    """One that may be changed here."""
    hook = await _named(asked)
    if hook.settled:
        raise Problem(409, _SETTLED)
    return hook


async def _changed(asked: Asked, hooks: Hooks, hook: Hook, changes: dict[str, Any]) -> Hook:
    def change() -> Hook | None:
        return hooks.managing.change(hook.id, **changes)

    found = await asked.means.read(change)
    if found is None:
        raise _nothing()
    return found


def _signing(asked: Asked) -> tuple[Hooks, Signing]:
    hooks = asked.means.hooks
    if hooks is None or hooks.managing.signing is None:
        raise Problem(503, NO_KEY)
    return hooks, hooks.managing.signing


def _check(wrong: str) -> None:
    if wrong:
        raise Problem(400, wrong, guest="inside" if wrong.startswith('"url"') else None)


def _nothing() -> Problem:
    return Problem(404, "There is no webhook of this id.")


def _shown(hook: Hook) -> dict[str, Any]:
    waits = hook.failing and not hook.disabled
    return {
        "id": hook.id,
        "url": hook.url,
        "events": list(hook.sorts),
        "about": hook.about,
        "created": moment(hook.created),
        "active": not hook.disabled,
        "disabled": hook.disabled,
        "failing_since": moment(hook.failing) if hook.failing else None,
        "reason": hook.reason,
        "next_attempt": moment(hook.due) if waits else None,
        "told": hook.told,
        "last_taken": moment(hook.last) if hook.last else None,
        "settled": hook.settled,
    }

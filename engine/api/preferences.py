"""``/preferences/TOKEN``: GET shows what somebody may choose, POST says what they chose.

Nothing is kept between the two, no cookie and no session: the link is the proof, and the form tells
what it showed. Looking changes nothing, because scanners look, too.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Final
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response

from engine.access.trail import BY_LINK, Trail
from engine.api.body import read_bytes
from engine.api.front import Front
from engine.api.preference_page import Said, Shown, apology, centre, version_of
from engine.api.preference_words import PreferenceWords, preference_words_for
from engine.api.problem import Problem
from engine.api.recipients import Recipients, html, wrong_link
from engine.clock import Clock
from engine.core.deeds import Deed
from engine.core.effects import Delivery
from engine.core.knowing import SAID
from engine.core.signals import EventArrived
from engine.ingest.inbox import Inbox, InboxFullError
from engine.people.centre import PAUSES, Choice, Form, Offer, Place, offer_of, said_by
from engine.store.protocol import StoreUnavailableError

__all__ = ["PreferenceCentre", "read_form"]

_LARGEST_FORM = 16 * 1024
_MOST_FIELDS = 500
_SOURCE: Final = "/preferences"
_NUMBER = re.compile(r"\d{1,3}", re.ASCII)
_FORM_TYPE = "application/x-www-form-urlencoded"


class PreferenceCentre:
    """The page and what its buttons do."""

    def __init__(
        self,
        recipients: Recipients,
        inbox: Inbox,
        front: Callable[[], Front | None],
        clock: Clock,
        trail: Trail,
    ) -> None:
        self._recipients = recipients
        self._inbox = inbox
        self._front = front
        self._clock = clock
        self._trail = trail

    async def page(self, request: Request) -> Response:
        """Answers GET (and HEAD) with the form, and POST with the way back to it."""
        front = self._front()
        program = None if front is None else front.program
        events = (*SAID, *(() if program is None else program.read_by_policy))
        try:
            found = await self._recipients.find(request.path_params["token"], front, events)
        except StoreUnavailableError:
            return _busy(preference_words_for(front.languages if front else ()))
        if found is None:
            return wrong_link(request, front)
        words = preference_words_for(found.languages)
        if front is None or program is None:
            return _busy(words)
        shown = Shown(words, front.name, front.languages)
        view = found.view
        offer = offer_of(program, view.profile, view.history, self._clock.now())
        if request.method != "POST":
            return html(centre(shown, offer, _said(request)))
        return await self._take(request, found.delivery, shown, offer)

    async def _take(
        self, request: Request, delivery: Delivery, shown: Shown, offer: Offer
    ) -> Response:
        words, kind = shown.words, request.headers.get("content-type", "")
        refusal = apology(words, words.not_read, words.not_read_hint)
        try:
            form = read_form(kind, await read_bytes(request, _LARGEST_FORM))
        except Problem as problem:
            return html(refusal, problem.status, unread=problem.unread)
        if form is None:
            return html(refusal, 400)
        try:
            await self._say(form, delivery, offer, version_of(shown, offer))
        except (InboxFullError, StoreUnavailableError):
            return _busy(words)
        # Relative, because a proxy may have put something before our path.
        back = "?said=left" if form.everything else "?said=saved"
        return html("", 303, {"location": back})

    async def _say(self, form: Form, delivery: Delivery, offer: Offer, wording: str) -> None:
        """All of it at once, or nothing. Fresh ids, because somebody may say the same again."""
        stem = f"preferences/{delivery.id}/{uuid.uuid4()}"
        said = [
            EventArrived(f"{stem}/{number}", delivery.person, event)
            for number, event in enumerate(said_by(form, offer, _SOURCE, wording))
        ]
        if said:
            await self._inbox.add(said)
            await self._trail.add(Deed(offer.now, BY_LINK, "preferences", delivery.person))


def _said(request: Request) -> Said:
    match request.query_params.get("said"):
        case "saved":
            return "saved"
        case "left":
            return "left"
        case _:
            return ""


def _busy(words: PreferenceWords) -> Response:
    page = apology(words, words.busy, words.busy_hint)
    return html(page, 503, {"retry-after": "60"})


def read_form(kind: str, body: bytes) -> Form | None:
    """What a form of ours says; None for anything else."""
    if kind.partition(";")[0].strip().lower() != _FORM_TYPE:
        return None
    try:
        fields = parse_qs(
            body.decode(),
            keep_blank_values=True,
            strict_parsing=True,
            max_num_fields=_MOST_FIELDS,
            errors="strict",
        )
        return _form(fields)
    except ValueError:
        return None


def _form(fields: Mapping[str, Sequence[str]]) -> Form:
    """Raises ``ValueError`` if it is none of ours."""
    if fields.get("everything") == ["1"]:
        return Form(everything=True)
    (pause,) = fields.get("pause", ())
    if pause not in ("keep", "none", *PAUSES):
        raise ValueError(pause)
    shown, limit = _limit(fields, "limit_was"), _limit(fields, "limit")
    was, ticked = _places(fields.get("was", ())), _places(fields.get("on", ()))
    return Form(was, ticked, shown, Choice(limit, pause))


def _limit(fields: Mapping[str, Sequence[str]], name: str) -> int | None:
    (written,) = fields.get(name, ())
    if written and not _NUMBER.fullmatch(written):
        raise ValueError(written)
    return int(written) if written else None


def _places(written: Sequence[str]) -> frozenset[Place]:
    """Those of an older page may not be there any more; then nobody asks for them."""
    return frozenset((each.partition("/")[0], each.partition("/")[2]) for each in written)

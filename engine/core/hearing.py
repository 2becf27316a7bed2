"""From what somebody wrote to what arrives because of it: the reply itself, and what STOP, START and
HELP in it do. Pure; whoever calls it makes all of it durable at once, one message of a number after
the other.

An episode begins with a STOP where consent stood and ends with START, or with consent that is given
in any other way. Whoever writes STOP again in it has said it before, and hears nothing more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

from channels.replies import Reply, Wish, Word
from dsl.calendar import MINUTE, Instant
from dsl.policy import EVERY
from engine.core.consent import place_of
from engine.core.ids import reply_id, word_id
from engine.core.numbers import Said
from engine.core.obeying import withdrawal
from engine.core.profile import Profile
from engine.core.replying import Answer, Writer, happened_at, writer_of, written
from engine.core.signals import Arrival, EventArrived, WordSaid

__all__ = ["Heard", "Meaning", "hear"]

Meaning: TypeAlias = Word | Literal["yes"] | None

_HELP_AGAIN = MINUTE  # two machines that ask each other for help would never stop


class Heard(NamedTuple):
    """What has been said from the number now, what arrives, and as what it is counted."""

    said: Said
    arrivals: Sequence[Arrival]
    counted: str


def hear(
    told: Reply | Wish,
    meaning: Meaning,
    writers: Sequence[Writer],
    said: Said,
    now: Instant,
    *,
    everywhere: bool = False,
) -> Heard:
    """``writers`` are all who have the number. ``everywhere``: STOP counts for every channel."""
    if said.has_heard(told.key):
        return Heard(said, (), "repeated")
    at = happened_at(told.occurred, now)
    answer = writer_of(writers, told.quoted if isinstance(told, Reply) else "")
    word = _word(told, meaning, said, answer)
    heard = _Hearing(told, writers, answer, said, at, now)
    arrivals: list[Arrival] = []
    after = said.hearing(told.key)
    match word:
        case "stop":
            everywhere = everywhere and isinstance(told, Reply)
            arrivals = heard.stopped(EVERY if everywhere else told.channel)
            after = after._replace(stopped=max(said.stopped, at))
        case "start":
            arrivals = heard.started()
            after = after._replace(started=max(said.started, at))
        case "help" if at - said.helped >= _HELP_AGAIN:
            arrivals = heard.word("help", at, answers=True)
            after = after._replace(helped=at)
        case _:
            pass
    if isinstance(told, Reply) and answer is not None:
        arrivals.append(written(told, answer, now))
    plain = "replied" if answer is not None else "from nobody we know"
    return Heard(after, arrivals, word or plain)


def _word(told: Reply | Wish, meaning: Meaning, said: Said, answer: Answer | None) -> Word | None:
    """YES is START if there was a STOP and nothing has been sent since that it could be about."""
    if isinstance(told, Wish):
        return "stop" if told.stop else "start"
    if meaning != "yes":
        return meaning
    last = None if answer is None else answer.delivery
    undone = said.is_stopped and (last is None or last.decided <= said.stopped)
    return "start" if undone else None


class _Hearing(NamedTuple):
    """One message, and those whom it may be from."""

    told: Reply | Wish
    writers: Sequence[Writer]
    answer: Answer | None
    said: Said
    at: Instant
    now: Instant

    def stopped(self, channel: str) -> list[Arrival]:
        """Everybody who has the number has withdrawn. If START was said later, and only came in
        before, it holds.
        """
        said, at = self.said, self.at
        arrivals: list[Arrival] = [
            EventArrived(
                word_id(self._name(each.profile), each.profile.id, "consent_withdrawn"),
                each.profile.id,
                withdrawal(channel, self.told.sender, at, self.now),
            )
            for each in self.writers
        ]
        if said.started > at:
            return arrivals + self.word("start", said.started, stopped=at)
        begins = not said.is_stopped or any(
            _agreed_since(each.profile, self.told.channel, said.stopped) for each in self.writers
        )
        return arrivals + (self.word("stop", at, answers=True) if begins else [])

    def started(self) -> list[Arrival]:
        """What STOP took is given back to everybody, if STOP was the last word. Where we have heard
        none, the provider may have, and told us of it by refusing: the ledger knows.
        """
        if not self.said.is_stopped:
            return self.word("start", self.at)
        if self.at <= self.said.stopped:
            return []
        return self.word("start", self.at, answers=True, stopped=self.said.stopped)

    def word(
        self, word: Word, at: Instant, *, answers: bool = False, stopped: Instant = 0
    ) -> list[Arrival]:
        """The word for everybody it concerns: for the one who is answered, and, if something is
        given back, for all.
        """
        told = self.told
        answers = answers and isinstance(told, Reply) and not told.answered
        named = None if self.answer is None else self.answer.person
        return [
            WordSaid(
                word_id(self._name(each.profile), each.profile.id, word),
                each.profile.id,
                self.now,
                0,
                at,
                word,
                told.channel,
                told.sender,
                answers and each.profile.id == named,
                stopped,
            )
            for each in self.writers
            if word == "start" or (answers and each.profile.id == named)
        ]

    def _name(self, profile: Profile) -> str:
        return reply_id(self.told.channel, self.told.key, profile.id)


def _agreed_since(profile: Profile, channel: str, then: Instant) -> bool:
    """Whether they have agreed in another way, to anything that goes there."""
    return any(
        at > then and place_of(key)[1] in (channel, EVERY) for key, at in profile.consents.items()
    )

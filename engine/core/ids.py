"""Names made by hashing, so that doing a thing again gives it the same name."""

from __future__ import annotations

from hashlib import blake2b

from dsl.calendar import SECOND, Instant

__all__ = [
    "answer_id",
    "assignment_id",
    "call_id",
    "delivery_id",
    "ejection_id",
    "emitted_id",
    "membership_id",
    "merge_id",
    "receipt_id",
    "reply_id",
    "run_id",
    "word_id",
]


_TIME = 8  # hex digits: seconds, good until 2106 and merely less tidy after that


def run_id(person: str, journey: str, key: str, signal: str, entered: Instant) -> str:
    """The run that ``signal`` (the id of the triggering event) starts at ``entered``.

    It begins with the time, and everything a run makes begins like it: what is made together
    stands together in the indexes of a store, instead of all over them. Behind the time, a name
    depends on nothing but what is named.
    """
    time = f"{entered // SECOND:0{_TIME}x}"[-_TIME:]
    return time + _digest("run", person, journey, key, signal)


def delivery_id(run: str, step: str, rounds: str, channel: str) -> str:
    """The one delivery of a step of a run on a channel, in one round of its loops."""
    return run[:_TIME] + _digest("delivery", run[_TIME:], step, rounds, channel)


def emitted_id(run: str, step: str, rounds: str) -> str:
    """The event that an ``emit`` step of a run makes."""
    return run[:_TIME] + _digest("emit", run[_TIME:], step, rounds)


def membership_id(person: str, name: str, cause: str, nth: int, at: Instant) -> str:
    """A segment entered or left because of a signal (its id, or that of a timer), noticed when the
    segments were asked for the ``nth`` time.
    """
    time = f"{at // SECOND:0{_TIME}x}"[-_TIME:]
    return time + _digest("member", person, name, cause, str(nth))


def assignment_id(run: str, step: str, rounds: str) -> str:
    """That a run was given a path by a split that learns."""
    return run[:_TIME] + _digest("assignment", run[_TIME:], step, rounds)


def call_id(run: str, step: str, rounds: str, service: str) -> str:
    """The one question that a ``webhook`` step of a run asks in one round of its loops, and asks
    of another service if the step is edited.
    """
    return run[:_TIME] + _digest("call", run[_TIME:], step, rounds, service)


def answer_id(call: str) -> str:
    """The one answer to a question, however often it was asked."""
    return call[:_TIME] + _digest("answer", call[_TIME:])


def receipt_id(delivery: str, what: str, attempt: int) -> str:
    """What was learnt of a delivery at one attempt."""
    return delivery[:_TIME] + _digest("receipt", delivery[_TIME:], what, str(attempt))


def reply_id(channel: str, key: str, person: str) -> str:
    """A message that somebody wrote, which the provider calls ``key``; of each whom it may be from.
    Whoever tells it again need not tell it at the same time, so there is no time in it.
    """
    return _digest("reply", channel, key, person)


def word_id(reply: str, person: str, what: str) -> str:
    """What comes of a word that a person wrote: of each thing, one. As long as the others, because
    what answers it has a trace of its own.
    """
    return _digest("when", reply)[:_TIME] + _digest("word", reply, person, what)


def merge_id(person: str, into: str, by: str) -> str:
    """That somebody asked for two people to be one: whoever asks again asks under the same id."""
    return _digest("merge", person, into, by)


def ejection_id(run: str) -> str:
    """That somebody was taken out of a run: once, whoever asks again."""
    return run[:_TIME] + _digest("ejection", run[_TIME:])


def _digest(*parts: str) -> str:
    return blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()

"""Names made by hashing, so that doing a thing again gives it the same name."""

from __future__ import annotations

from hashlib import blake2b

__all__ = ["delivery_id", "emitted_id", "receipt_id", "run_id"]


def run_id(person: str, journey: str, key: str, signal: str) -> str:
    """The run that ``signal`` (the id of the triggering event) starts."""
    return _digest("run", person, journey, key, signal)


def delivery_id(run: str, step: str, rounds: str, channel: str) -> str:
    """The one delivery of a step of a run on a channel, in one round of its loops."""
    return _digest("delivery", run, step, rounds, channel)


def emitted_id(run: str, step: str, rounds: str) -> str:
    """The event that an ``emit`` step of a run makes."""
    return _digest("emit", run, step, rounds)


def receipt_id(delivery: str, what: str, attempt: int) -> str:
    """What was learnt of a delivery at one attempt."""
    return _digest("receipt", delivery, what, str(attempt))


def _digest(*parts: str) -> str:
    return blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()

"""Ways out: through which adapter a delivery leaves, and what stands at its gates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from channels.adapter import Adapter, SendsMany
from channels.limits import Limit
from channels.outcome import Scope
from engine.core.effects import Delivery
from engine.core.reputation import name_of
from engine.dispatcher.carriers import Carrier

__all__ = ["Way", "asking", "sorting", "ways_of"]

_QUESTIONS = 64  # messages that ask the same web services, at a time
_SORTED = 256  # at a time
_LONGEST_CALL = 100.0  # seconds
_WHOLE: tuple[Scope, ...] = ("account", "sender", "day")


@dataclass(slots=True)
class Way:
    """One way out. ``out`` are the calls that are out just now, ``many`` is how many messages one of
    them may carry; ``rests`` says that it was left alone when it was last looked at.
    """

    name: str
    concurrency: int
    adapter: Adapter | None = None
    limits: Mapping[Scope, Limit] = field(default_factory=dict)
    account: str = ""
    deduplicates: bool = False
    seconds: float = 0.0  # that one call may last
    many: int = 1
    out: int = 0
    rests: bool = False
    domain: str = ""  # that people see its messages come from, where receivers judge by that

    @property
    def kept(self) -> int:
        """How many of its calls are kept for what is urgent."""
        return max(1, self.concurrency // 8) if self.concurrency > 1 else 0

    @property
    def gates(self) -> list[str]:
        """The names of what stands before everything that leaves this way."""
        names = [self.rest, *(self.gate(scope) for scope in _WHOLE)]
        return [*names, self.marks] if self.adapter else []

    @property
    def judged(self) -> list[str]:
        """The name of what says how its domain is judged, if it has one."""
        return [name_of(self.domain)] if self.domain else []

    @property
    def rest(self) -> str:
        """The gate that is shut while the adapter does not work."""
        return f"{self.name}/rest"

    @property
    def marks(self) -> str:
        """The gate that is shut while some recipients or campaigns are."""
        return f"{self.name}/some"

    def gate(self, scope: Scope, delivery: Delivery | None = None) -> str:
        """The name of the gate of a limit; ``delivery`` says of which recipient or campaign."""
        match scope:
            case "account":
                return f"{self.account or self.name}/account"
            case "sender" | "day":
                return f"{self.name}/{scope}"
            case "campaign":
                return f"{self.name}/campaign/{delivery.journey if delivery else ''}"
            case "people":
                return f"{self.account or self.name}/people"
            case "recipient":
                return f"{self.name}/recipient/{_digest(delivery)}"

    def counted(self, delivery: Delivery) -> str:
        """The name of the gate that knows whether somebody counts among ``people`` already."""
        return f"{self.gate('people')}/{_digest(delivery)}"

    @property
    def whole(self) -> list[Limit]:
        """The limits that everything counts for that leaves this way."""
        return [limit for scope, limit in self.limits.items() if scope in _WHOLE]

    @property
    def single(self) -> list[Limit]:
        """The limits of single recipients and campaigns."""
        return [limit for scope, limit in self.limits.items() if scope not in _WHOLE]


def _digest(delivery: Delivery | None) -> str:
    address = delivery.address if delivery else ""
    return blake2b(address.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def ways_of(adapters: Mapping[str, Adapter | Sequence[Carrier]]) -> dict[str, list[Way]]:
    """The ways of each channel, the one to be taken first at the front. Channels that share an
    adapter share its way.
    """
    made: dict[int, Way] = {}
    ways: dict[str, list[Way]] = {}
    for channel, given in adapters.items():
        carriers: Iterable[Carrier] = (
            given if isinstance(given, Sequence) else [Carrier(channel, given)]
        )
        ways[channel] = []
        for carrier in carriers:
            can = carrier.adapter.capabilities
            limits = {limit.scope: limit for limit in (*can.limits, *carrier.limits)}
            way = Way(
                carrier.name,
                carrier.concurrency or can.concurrency,
                carrier.adapter,
                limits,
                can.account,
                can.deduplicates,
                min(can.seconds, _LONGEST_CALL),
                can.many if isinstance(carrier.adapter, SendsMany) else 1,
                domain=can.domain,
            )
            ways[channel].append(made.setdefault(id(carrier.adapter), way))
    return ways


def asking(asks: Sequence[str]) -> Way:
    """The way of messages that ask web services first."""
    return Way(f"asks {', '.join(asks)}", _QUESTIONS)


def sorting() -> Way:
    """The way of those in no lane, or in one of a channel that nobody carries."""
    return Way("sorting", _SORTED)

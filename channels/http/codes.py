"""What a provider's codes mean: a table, in a text file beside the adapter.

Each line is a code, a verdict and the provider's own meaning, divided by tabs, so that it can be
reviewed by somebody who has read the provider's pages and no Python. Lines that begin with ``#``
say where it is from. A verdict is a class of failure (``permanent_recipient``), with ``alone`` behind
it if it is about this message or its recipient and the provider works all the same, and behind that
``withdraws WHAT METHOD`` if the person has told the provider to be left alone; or

- ``limited SCOPE SECONDS``: not processed, slow down;
- ``unknown``: it may have been taken all the same.

A line ``# as of: 2026-05`` says how old the table is: every suppression names the line it is due
to, and that.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from importlib.resources.abc import Traversable
from pathlib import PurePath
from typing import Any, NamedTuple, TypeAlias, cast, get_args

from channels.outcome import (
    FailureClass,
    Outcome,
    RateLimited,
    Rejected,
    Scope,
    Unknown,
    Withdrawal,
)

__all__ = ["CodeTable", "Limited", "Verdict", "read_codes"]


_ALONE = " alone"
_WITHDRAWS = re.compile(
    r" withdraws (category|channel) (one-click|reply|preference centre|complaint)$"
)
_AS_OF = re.compile(r"# as of: (\d{4}(?:-\d{2}){0,2})$")


class Limited(NamedTuple):
    """Slow down: who, and for how many seconds at least."""

    scope: Scope
    after: float


class _Unsure(NamedTuple):
    """It may have been taken."""


Verdict: TypeAlias = FailureClass | Limited | _Unsure


class CodeTable:
    """The codes of one provider, under the ``name`` of its table."""

    def __init__(
        self,
        verdicts: Mapping[str, Verdict],
        meanings: Mapping[str, str],
        alone: Collection[str],
        withdrawals: Mapping[str, Withdrawal],
        name: str,
    ) -> None:
        self._verdicts = verdicts
        self._meanings = meanings
        self._alone = alone
        self._withdrawals = withdrawals
        self.name = name

    def __iter__(self) -> Iterator[str]:
        return iter(self._verdicts)

    def __contains__(self, code: str) -> bool:
        return code in self._verdicts

    def verdict(self, code: str) -> Verdict:
        """What the table says. Raises ``KeyError`` for what is not in it."""
        return self._verdicts[code]

    def failure(self, code: str) -> FailureClass | None:
        """The class of a message that was not delivered; None if the code says nothing of it."""
        found = self._verdicts.get(code)
        return found if isinstance(found, FailureClass) else None

    def withdrawal(self, code: str) -> Withdrawal | None:
        """What the person has said no to, if the code says that they did."""
        return self._withdrawals.get(code)

    def rule(self, code: str) -> str:
        """The line of this code, as what follows from it is put down to it; empty if there is none."""
        return f"{self.name}: {code}" if code in self._verdicts else ""

    def outcome(self, code: str, reason: str = "", after: float | None = None) -> Outcome | None:
        """What a refusal with this code is; None if the table does not have it. ``reason`` is what
        the provider said this time, ``after`` how many seconds it asked us to wait.
        """
        said = " ".join((reason or self._meanings.get(code, "")).split())
        match self._verdicts.get(code):
            case None:
                return None
            case Limited(scope, seconds):
                return RateLimited(scope, max(after or 0, seconds), f"{code} {said}".strip())
            case _Unsure():
                return Unknown(f"{code} {said}".strip())
            case failure:
                return Rejected(
                    failure,
                    code,
                    said,
                    code in self._alone,
                    self.withdrawal(code),
                    self.rule(code),
                )


def read_codes(file: Traversable) -> CodeTable:
    """Reads a table. Raises ``ValueError`` with the line that is wrong."""
    verdicts: dict[str, Verdict] = {}
    meanings: dict[str, str] = {}
    alone: set[str] = set()
    withdrawals: dict[str, Withdrawal] = {}
    path = PurePath(str(file))
    provider, kind = path.parent.name, path.stem
    name = f"{provider} {kind}"
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if found := _AS_OF.match(line):
            name = f"{provider} {kind} as of {found[1]}"
        if not line.strip() or line.startswith("#"):
            continue
        code, verdict, meaning = line.split("\t")
        if said := _WITHDRAWS.search(verdict):
            verdict = verdict[: said.start()]
            withdrawals[code] = Withdrawal(
                cast("Any", said[1]), cast("Any", said[2]), f"{provider} {code}"
            )
        if code in verdicts:
            raise ValueError(f"{file}:{number}: {code} is there twice")
        verdicts[code] = _verdict(verdict.removesuffix(_ALONE))
        meanings[code] = meaning
        if verdict.endswith(_ALONE):
            alone.add(code)
    return CodeTable(verdicts, meanings, alone, withdrawals, name)


def _verdict(text: str) -> Verdict:
    match text.split():
        case ["unknown"]:
            return _Unsure()
        case ["limited", scope, seconds] if scope in get_args(Scope):
            return Limited(cast("Scope", scope), float(seconds))
        case [failure]:
            return FailureClass(failure)
        case _:
            raise ValueError(f"{text!r} is not a verdict")

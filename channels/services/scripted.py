"""Services that nobody runs: they keep what they were asked and answer as they were told."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from typing import TypeAlias

from channels.services.port import Answer, NoAnswer, Question

__all__ = ["ScriptedServices", "say_nothing"]

_Reply: TypeAlias = Answer | NoAnswer


def say_nothing(_: Question) -> Answer:
    """Answers at once, and with nothing."""
    return Answer({})


class ScriptedServices:
    """``questions`` are all that were asked, in order. A service's script comes first; when it is
    used up, ``answer`` decides.
    """

    def __init__(self, answer: Callable[[Question], _Reply] = say_nothing) -> None:
        self.questions: list[Question] = []
        self._answer = answer
        self._scripts: defaultdict[str, deque[_Reply]] = defaultdict(deque)
        self._closed = False

    def script(self, service: str, *replies: _Reply) -> None:
        """Answers the next questions to ``service`` with these, one each."""
        self._scripts[service].extend(replies)

    async def ask(self, question: Question, timeout_seconds: float) -> _Reply:
        del timeout_seconds
        return self.ask_now(question)

    def ask_now(self, question: Question) -> _Reply:
        """As ``ask``, without an event loop: for a simulation that has none."""
        if self._closed:
            raise RuntimeError("these services are closed")
        self.questions.append(question)
        script = self._scripts[question.service.name]
        return script.popleft() if script else self._answer(question)

    async def close(self) -> None:
        self._closed = True

"""Texts that are values of steps: ``with: {title: "Hello {{ first_name }}"}``.

They are filled in as messages are, in the same sandbox, but always in the recipient's own
language, because nobody has written them in another one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from jinja2 import TemplateError, nodes

from channels.content.languages import tidy
from channels.content.layout import wraps_of
from channels.content.rewrite import Place, rewrite
from channels.content.sandbox import Sandbox
from channels.content.stage import Scope
from channels.content.straight import Saying, filled
from channels.content.writing import Budget, Formats, Writer
from channels.content.written import Fields, Wrap, absent
from dsl.calendar import local
from dsl.expr.context import Context, StepRecord, Wording
from dsl.message import Template

__all__ = ["Sayings"]

_BUDGET = 20_000  # characters of values in one text
_PLACE: Final = Place("scope")


class _Said(NamedTuple):
    """A text ready to be filled in."""

    fill: Saying
    wraps: Mapping[str, Wrap]


class Sayings:
    """The texts of one project, each compiled when it is first needed."""

    def __init__(self, environment: Sandbox, formats: Formats) -> None:
        self._environment = environment
        self._formats = formats
        self._made: dict[Wording, _Said] = {}

    def say(self, wording: Wording, context: Context) -> str | None:
        """The text for one person; None if a value is missing, or the sandbox refuses it."""
        try:
            said = self._fill(wording, context)
        except (TemplateError, TypeError, ValueError, ArithmeticError):
            return None
        return said if said.strip() else None

    def _fill(self, wording: Wording, context: Context) -> str:
        saying = self._made.get(wording)
        if saying is None:
            saying = self._made[wording] = self._compile(wording)
        fill, wraps = saying
        names = {
            "scope": _Names(wording, wraps, context),
            "writer": Writer(self._formats, tidy(context.language), Budget(_BUDGET)),
            "use": None,
        }
        return fill(names)

    def _compile(self, wording: Wording) -> _Said:
        made = rewrite(wording.text.strip(), self._environment, _PLACE, "text")
        names = Template(wording.text, wording.place, wording.kinds)
        return _Said(filled(nodes.Template(made), self._environment), wraps_of({}, [names]))


class _Names(Scope):
    """The names of a step's text: those of a message, and the steps before it."""

    __slots__ = ("wording",)

    def __init__(self, wording: Wording, wraps: Mapping[str, Wrap], context: Context) -> None:
        super().__init__(context, {}, context.variables, wraps, str, "")
        self.wording = wording

    def read(self, name: str) -> Any:
        if name in self.wording.variables:
            return Fields.read(self, name)
        if name in self.wording.steps:
            record = self.context.steps.get(self.wording.steps[name])
            return absent(name) if record is None else self._record(name, _left(record))
        if name == "entry":
            entry = self.context.entry
            return absent(name) if entry is None else local(entry, self.zone)
        return super().read(name)


def _left(record: StepRecord) -> dict[str, Any]:
    """What a step left behind, by the names rules know it by."""
    return {
        "time": record.time,
        "channel": record.channel,
        "path": record.path,
        "round": record.round,
        **(record.values or {}),
    }

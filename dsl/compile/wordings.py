"""Texts with ``{{ }}`` that are values: ``with: {title: "Hello {{ first_name }}"}``.

They may say what a rule in the same place may ask for: variables, steps before this one, the
trigger, attributes of the person. Filled in they are texts, so only a text is made of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from dsl import kinds
from dsl.compile.template_names import see_text
from dsl.compile.template_roots import Root, Seen
from dsl.compile.texts import kinds_of
from dsl.diagnostics import Diagnostic
from dsl.expr.context import Context, Wording
from dsl.expr.scope import Scope, parts_of
from dsl.files.reading import error, warning
from dsl.kinds import Kind, Record
from dsl.machine import Formula, Reads
from dsl.mismatch import Mismatch, wanted
from dsl.source import Text

__all__ = ["compile_wording"]


def compile_wording(
    text: Text, expect: Kind | None, scope: Scope, found: list[Diagnostic]
) -> Formula | None:
    """The text as a formula; None with a finding. Without an expectation it is a text too."""
    if not isinstance(expect, kinds.Text | kinds.Code | None):
        mismatch = Mismatch(wanted(expect), "a text with {{ }}")
        hint = 'A formula starts with "=".'
        found.append(error("T11", text.span(), f"This {mismatch}.", hint))
        return None
    before = len(found)
    seen = see_text(text, _roots(scope), scope.owner[:1].lower() + scope.owner[1:], found)
    if seen is None or len(found) > before:
        return None
    for unsure in seen.unsure:
        message = f'"{unsure.name}" can be missing, and then this value is missing too.'
        hint = f'Give a fallback: {{{{ {unsure.name} | default("...") }}}}'
        found.append(warning("W103", text.span(unsure.start, unsure.end), message, hint))
    wording = Wording(
        str(text),
        text.place,
        kinds_of(seen),
        frozenset(scope.variables),
        MappingProxyType({name: step.key or name for name, step in scope.steps.items()}),
    )

    def value(context: Context) -> str | None:
        return context.facts.said(wording, context)

    kind = kinds.Text() if expect is None else expect
    return Formula(f'"{text}"', text.place, kind, _reads(seen, scope), value)


def _roots(scope: Scope) -> Mapping[str, Root]:
    """The names that a text may begin with here (language reference, section 2.4)."""
    attributes, withheld = scope.plan.attributes.values(), scope.withheld or None
    profile = Record(tuple((each.name, each.kind) for each in attributes))
    unsure = frozenset(each.name for each in attributes if not each.required)
    roots = {each.name: Root(each.kind, each.required, withheld=withheld) for each in attributes}
    roots["profile"] = Root(profile, unsure_fields=unsure, withheld=withheld)
    if scope.trigger is not None:
        roots["trigger"] = Root(_with(scope.trigger, [("time", kinds.Instant())]))
    if scope.trigger is not None or scope.entry:
        roots["entry"] = Root(kinds.Instant())
    for name, step in scope.steps.items():
        roots[name] = Root(_with(step.record or Record(()), parts_of(step).items()))
    roots.update({name: Root(kind) for name, kind in scope.variables.items()})
    return roots


def _with(record: Record, more: Iterable[tuple[str, Kind]]) -> Record:
    """The record with further fields; its own go first."""
    added = ((name, kind) for name, kind in more if record.field(name) is None)
    return Record((*record.fields, *added))


def _reads(seen: Seen, scope: Scope) -> Reads:
    """What a runtime has to load for the text."""
    asked = {path[1] for path in seen.fields if path[0] == "profile"}
    steps = {name for name in seen.names if name in scope.steps}
    asked |= seen.names & scope.plan.attributes.keys() - scope.variables.keys() - steps
    return Reads(
        attributes=frozenset(asked),
        steps=frozenset(scope.steps[name].key or name for name in steps),
        trigger="trigger" in seen.names,
    )

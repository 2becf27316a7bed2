"""What stops a deploy because of the people inside, with the lines to add."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dsl.changes import (
    Fate,
    Lost,
    OtherKind,
    consent_text_changed,
    fate_of,
    kind_changed,
    step_removed,
)
from dsl.changes.steps import meaning, named_steps
from dsl.compiler import Compiled
from dsl.diagnostics import Diagnostic, Span
from dsl.machine import Machine, Policy, Project

__all__ = ["refusals", "unfit_steps"]


def refusals(
    inside: Mapping[str, Mapping[str, tuple[int, Fate]]],
    compiled: Compiled,
    before: Project | None,
) -> list[Diagnostic]:
    """The people of each journey and step, whose fate may be that there is none."""
    project = compiled.project
    assert project is not None
    found = [] if before is None else [*_consent_texts(before.policy, compiled)]
    for name, steps in inside.items():
        after = project.machines.get(name)
        if after is None:
            continue
        path = compiled.heads[name].path
        old = None if before is None else before.machines.get(name)
        for step, (people, fate) in steps.items():
            match fate:
                case Lost():
                    onward = _onward(step, old, after)
                    twin = _twin(step, old, after)
                    found.append(step_removed(path, step, people, onward, twin))
                case OtherKind(was, now):
                    found.append(kind_changed(path, step, people, was, now))
                case _:
                    pass
    return found


def _consent_texts(before: Policy, compiled: Compiled) -> Iterator[Diagnostic]:
    """What people may have agreed to stays as it was."""
    assert compiled.project is not None
    texts = compiled.project.policy.consent_texts
    for name, text in before.consent_texts.items():
        if texts.get(name) != text:
            yield consent_text_changed(_policy_file(compiled), name, gone=name not in texts)


def _policy_file(compiled: Compiled) -> Span:
    """The file of the policy, at the texts if they are still there."""
    for path, text in compiled.sources.items():
        lines = text.splitlines()
        if any(line.startswith("policy:") for line in lines):
            places = (n for n, line in enumerate(lines, 1) if line.startswith("consent texts:"))
            return Span(path, next(places, 1), 1)
    return Span("policy.yaml", 1, 1)


def unfit_steps(after: Machine, old: Machine) -> Iterator[str]:
    """The steps of a version in which people could rest, and not after the edit."""
    for step in old.index:
        if isinstance(fate_of(after, old, step), Lost | OtherKind):
            yield step


def _onward(step: str, old: Machine | None, after: Machine) -> str | None:
    """The next step that is still there; or the first that is, if they all stand before it."""
    still = set(after.index)
    names = [] if old is None else [*named_steps(old)]
    behind = names[names.index(step) + 1 :] if step in names else []
    renamed = dict(after.renamed)
    known = (renamed.get(name, name) for name in behind)
    return next((name for name in known if name in still), next(iter(after.index), None))


def _twin(step: str, old: Machine | None, after: Machine) -> str:
    """A new step that does the very same: it may only have got another name."""
    if old is None:
        return ""
    before, now = named_steps(old), named_steps(after)
    if step not in before:
        return ""
    same = meaning(old, before[step])
    return next(
        (name for name, one in now.items() if name not in before and meaning(after, one) == same),
        "",
    )

"""The steps of a journey by their ids, and what of them can differ between two versions."""

from __future__ import annotations

from typing import Any

from dsl.machine import (
    Again,
    Branch,
    Call,
    Emit,
    End,
    Instruction,
    Jump,
    Let,
    Listen,
    Loop,
    Machine,
    Send,
    SetProfile,
    Split,
    StartJourney,
    Stop,
    Timer,
    Until,
    canonical,
)

__all__ = ["awaited", "kind_of", "meaning", "named_steps", "unnamed_steps"]

_TARGETS = frozenset({"then", "otherwise", "past", "to", "id", "failed"})
_KINDS: tuple[tuple[type[Any], str], ...] = (
    (Timer, "wait"),
    (Until, "wait until"),
    (Listen, "wait for"),
    (Send, "send"),
    (Split, "split"),
    (Loop, "repeat"),
    (Let, "let"),
    (SetProfile, "set profile"),
    (Emit, "emit"),
    (Call, "webhook"),
    (Stop, "stop"),
)


def kind_of(step: Instruction) -> str:
    """The kind of a step, as the language calls it."""
    match step:
        case StartJourney(leaves=leaves):
            return "go to journey" if leaves else "start journey"
        case Branch(cases=cases):
            return "if" if len(cases) == 1 else "choose"
        case _:
            found = next((word for kind, word in _KINDS if isinstance(step, kind)), None)
            return found or type(step).__name__.lower()


def named_steps(machine: Machine) -> dict[str, Instruction]:
    """The steps with an id, from top to bottom; without those of "on goal" and "on exit"."""
    return {name: step for step in _steps(machine) if (name := _name(step))}


def unnamed_steps(machine: Machine) -> list[Instruction]:
    """The steps that people never rest in and nobody calls by name."""
    return [
        step
        for step in _steps(machine)
        if not _name(step) and not isinstance(step, Again | Jump | End)
    ]


def _steps(machine: Machine) -> tuple[Instruction, ...]:
    ends = [at for at in (machine.on_goal, machine.on_exit) if at is not None]
    return machine.code[: min(ends, default=None)]


def _name(step: Instruction) -> str:
    return getattr(step, "id", None) or ""


def meaning(machine: Machine, step: Instruction) -> Any:
    """What a step does, wherever it stands and whatever it is called. Comparable."""
    own = _without_targets(canonical(step))
    match step:
        case Until(past=past, then=then):
            return own, "stop" if past is None else "continue" if past == then else "skip"
        case Call(failed=failed):
            return own, "stop" if failed is None else "continue"
        case Loop(id=name):
            ends = [
                _without_targets(canonical(one))
                for one in machine.code
                if isinstance(one, Again) and one.loop == name
            ]
            return own, ends
        case _:
            return own


def _without_targets(value: Any) -> Any:
    match value:
        case dict():
            return {
                key: _without_targets(part) for key, part in value.items() if key not in _TARGETS
            }
        case list():
            return [_without_targets(part) for part in value]
        case _:
            return value


def awaited(step: Instruction) -> Any:
    """What of a wait says when people go on by themselves. Comparable; None for other steps."""
    match step:
        case Timer():
            return canonical(step.length)
        case Until():
            return canonical((step.target, step.after, step.at_most))
        case Listen():
            return canonical(step.at_most)
        case Call():
            return canonical((step.service, step.at_most))
        case _:
            return None

"""One journey of a project on disk, by its name."""

from __future__ import annotations

from pathlib import Path

import click

from dsl.compiler import compile_project
from dsl.machine import Machine, Project
from dsl.spelling import did_you_mean
from engine.cli.check import print_findings
from engine.folder import project_folder

__all__ = ["chosen_machine"]


def chosen_machine(ctx: click.Context, folder: Path, name: str) -> tuple[Project, Machine]:
    """The project and the journey. Leaves with code 1 if there are mistakes in the project."""
    compiled = compile_project(*project_folder(folder))
    if compiled.project is None:
        print_findings(compiled)
        ctx.exit(1)
    machine = compiled.project.machines.get(name)
    if machine is None:
        known = ", ".join(sorted(compiled.project.machines)) or "none"
        hint = did_you_mean(name, compiled.project.machines) or f"Journeys here: {known}."
        raise click.UsageError(f'There is no journey called "{name}". {hint}')
    return compiled.project, machine

"""The web services of a project: whether their secrets are set. Nobody is asked anything."""

from __future__ import annotations

from dsl.machine import Project
from engine.config import Settings
from engine.doctor.finding import Finding, problem, well
from engine.services.opening import unset_secrets

__all__ = ["askable"]


def askable(settings: Settings, project: Project) -> list[Finding]:
    """One finding for each secret that is missing, or one that all is well."""
    found: list[Finding] = []
    for sentence in unset_secrets(project, settings.secrets):
        says, _, fix = sentence.partition(": ")
        found.append(problem("settings", f"{says}.", fix[0].upper() + fix[1:]))
    count = len(project.policy.services)
    if not found and count:
        named = "The web service has" if count == 1 else f"All {count} web services have"
        found.append(well("settings", f"{named} what is needed to be asked."))
    return found

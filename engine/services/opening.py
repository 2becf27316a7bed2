"""The web services of a project, with the secrets they need."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydantic import SecretStr

from channels.services.http import HttpServices
from dsl.machine import Project
from engine.config import FILE_NAME
from engine.operator import OperatorError

__all__ = ["open_services", "unset_secrets"]

_HEADER = re.compile(r"[!-~]([ -~]*[!-~])?")  # what can stand in a header as it is


def open_services(secrets: Mapping[str, SecretStr]) -> HttpServices:
    """Ready to ask; it connects when it first has to. Raises ``OperatorError``."""
    plain = {name: secret.get_secret_value() for name, secret in secrets.items()}
    for name, secret in plain.items():
        if not _HEADER.fullmatch(secret):
            raise OperatorError(
                f"The secret {name} is empty, or has a sign in it that cannot be sent: give it"
                " again, in one line."
            )
    return HttpServices(plain)


def unset_secrets(project: Project, secrets: Mapping[str, SecretStr]) -> list[str]:
    """What is missing for web services to be asked, a sentence for each."""
    return [
        f'The web service "{service.name}" needs the secret {service.secret}, which is not set:'
        f" set WAYLINE_SECRETS_{service.secret}, or write"
        f' {service.secret} = {{ env = "NAME" }} or {{ file = "PATH" }} under [secrets] in'
        f" {FILE_NAME}."
        for service in project.policy.services.values()
        if service.secret and service.secret not in secrets
    ]

"""Tells systemd how far a daemon is: ``Type=notify`` in its unit.

The protocol is that of ``sd_notify(3)``: a datagram of lines to the socket that the environment
names. A name that begins with @ is one of the abstract name space.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Mapping

__all__ = ["READY", "STOPPING", "notify"]

READY = "READY=1"
STOPPING = "STOPPING=1"
_VARIABLE = "NOTIFY_SOCKET"


def notify(state: str, environment: Mapping[str, str]) -> None:
    """Says it, if somebody asked to be told. Nothing depends on whether it was heard."""
    name = environment.get(_VARIABLE, "")
    if not name.startswith(("/", "@")):
        return
    address = "\0" + name[1:] if name.startswith("@") else name
    with (
        contextlib.suppress(OSError),
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as telling,
    ):
        telling.sendto(state.encode(), address)

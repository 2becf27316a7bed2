"""What holds for every test: no network but loopback, no settings from outside, no deadline."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pytest
from hypothesis import settings

from dsl.compose import compose
from dsl.diagnostics import Diagnostic
from dsl.source import Source
from dsl.yaml import Node
from tests.postgres import postgres, postgres_server

__all__ = ["postgres", "postgres_server"]

# Two shared cores are no place for deadlines. In CI the same examples are drawn every time, so
# that what was green stays green; at home every run looks further.
settings.register_profile("house", deadline=None, print_blob=True, derandomize="CI" in os.environ)
settings.load_profile("house")

_LONG = 10_000  # characters: longer texts are read anew, and not kept


def _is_near(address: Any) -> bool:
    """Whether a connection stays on this machine (paths of Unix sockets do)."""
    if not isinstance(address, tuple):
        return True
    host = str(address[0])
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@pytest.fixture(autouse=True, scope="session")
def _stay_at_home() -> Iterator[None]:
    """A test that reaches for the network fails, and says what it reached for."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def guarded(self: socket.socket, address: Any) -> None:
        if not _is_near(address):
            pytest.fail(f"a test tried to reach {address!r}")
        connect(self, address)

    def guarded_ex(self: socket.socket, address: Any) -> int:
        if not _is_near(address):
            pytest.fail(f"a test tried to reach {address!r}")
        return connect_ex(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        patch.setattr(socket.socket, "connect_ex", guarded_ex)
        yield


@pytest.fixture(autouse=True, scope="session")
def _no_settings_from_outside() -> Iterator[None]:
    """Whoever runs the tests may have Wayline set up for real."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("WAYLINE_") and not name.startswith("WAYLINE_TEST_"):
                patch.delenv(name)
        yield


@pytest.fixture(autouse=True, scope="session")
def _read_every_text_once() -> Iterator[None]:
    """Thousands of tests compile a shop of which all files but one are the same: what stands in a
    text is found out for the first of them. Nodes are frozen, so nobody can spoil them for others.
    """

    @lru_cache(maxsize=300)
    def read(path: str, text: str) -> tuple[Node | None, tuple[Diagnostic, ...]]:
        found: list[Diagnostic] = []
        return compose(Source(path, text), found), tuple(found)

    def composed(source: Source, found: list[Diagnostic]) -> Node | None:
        if len(source.text) > _LONG:
            return compose(source, found)
        node, findings = read(source.path, source.text)
        found.extend(findings)
        return node

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dsl.project.compose", composed)
        yield

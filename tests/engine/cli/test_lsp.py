"""``wayline lsp`` without the library that it needs."""

from __future__ import annotations

import sys

import pytest
from click.testing import CliRunner

from engine.cli.main import wayline


def test_it_says_how_the_library_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("engine.lsp")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "lsprotocol", None)
    monkeypatch.setitem(sys.modules, "pygls", None)

    result = CliRunner().invoke(wayline, ["lsp"])

    assert result.exit_code == 2
    assert 'pip install "wayline[lsp]"' in result.output

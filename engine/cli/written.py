"""Files of a project written anew: whole or not at all, and as text was before."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from engine.operator import OperatorError

__all__ = ["write_files"]


def write_files(folder: Path, texts: Mapping[str, str]) -> None:
    """Writes the texts into the files at these paths below ``folder``.

    Raises ``OperatorError`` for a file that cannot be written to.
    """
    for name, text in texts.items():
        path = Path(os.path.realpath(folder / name))
        beside = path.with_name(f".{path.name}.new")
        try:
            beside.write_bytes(text.encode())
            beside.chmod(path.stat().st_mode & 0o7777)
            beside.replace(path)
        except OSError as error:
            beside.unlink(missing_ok=True)
            raise OperatorError(f"{path} cannot be written to: {error.strerror}.") from None

"""The command line: ``wayline``."""

from engine.cli.main import main

__all__ = ["main"]

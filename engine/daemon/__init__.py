"""The daemon: everything is plugged together here, and nowhere else, and kept going."""

from engine.daemon.daemon import Daemon, Told

__all__ = ["Daemon", "Told"]

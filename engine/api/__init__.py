"""The HTTP API: events in, health and figures out, and the pages on which people say what they want."""

from engine.api.app import create_app
from engine.api.front import ApiSettings, Front

__all__ = ["ApiSettings", "Front", "create_app"]

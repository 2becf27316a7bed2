"""The HTTP API: events in, health and figures out, and the page to unsubscribe on."""

from engine.api.app import create_app
from engine.api.front import ApiSettings, Front

__all__ = ["ApiSettings", "Front", "create_app"]

"""Version 1 of the HTTP API for programs: people, segments, journeys, and why things are as they are."""

from engine.api.v1.document import document
from engine.api.v1.operations import OPERATIONS
from engine.api.v1.serving import Serving

__all__ = ["OPERATIONS", "Serving", "document"]

"""Web services that are asked: one question, one answer, at once.

The port is ``Services``; ``http.HttpServices`` asks over the network, ``ScriptedServices`` answers
as it was told. Whatever a service does comes back as a value.
"""

from channels.services.port import Answer, NoAnswer, Question, Services
from channels.services.scripted import ScriptedServices

__all__ = ["Answer", "NoAnswer", "Question", "ScriptedServices", "Services"]

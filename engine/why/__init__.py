"""One person's story in words: what they did, what was sent, what was not, and why."""

from __future__ import annotations

from engine.why.story import Memory, Names, Story, as_data, as_text, tell

__all__ = ["Memory", "Names", "Story", "as_data", "as_text", "tell"]

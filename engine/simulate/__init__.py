"""Replays a time that has been, or might have been, with the production code."""

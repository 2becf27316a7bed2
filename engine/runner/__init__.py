"""The runner: a batch of people, one transaction. The only writer of runs."""

from engine.runner.runner import Ran, Runner

__all__ = ["Ran", "Runner"]

"""A tracking plan drafted from what people already send: a beginning to be read and corrected."""

from dsl.drafting.draft import Draft, Drafter

__all__ = ["Draft", "Drafter"]

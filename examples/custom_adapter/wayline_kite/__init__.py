"""Text messages through Kite, a provider that does not exist."""

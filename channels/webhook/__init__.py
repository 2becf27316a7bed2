"""Any channel, to whoever takes a signed request."""

"""Speaking to providers over HTTP: the wire, and what all dialects share."""

"""What the engine remembers: one protocol, several stores, one suite."""

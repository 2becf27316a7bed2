"""The report of a simulation, for people."""

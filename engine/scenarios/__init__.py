"""Scenarios: the production runner and dispatcher play a script, and what comes of it is compared."""

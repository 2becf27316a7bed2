"""The rule language: grammar, names and kinds, and compiled rules."""

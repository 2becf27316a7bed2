"""The language server: what editors ask about a project's files, and what they are told."""

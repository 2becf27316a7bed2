"""The language: text in; machines or diagnostics out. Imports nothing else of Wayline."""

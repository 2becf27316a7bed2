"""The library of journeys, and new projects that are made from it.

One rule: a project gets what its journeys use and nothing else, with the comments that explain it.
"""

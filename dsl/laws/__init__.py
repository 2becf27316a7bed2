"""Rules of law and of providers about marketing messages, as data that a lawyer can review.

One file for each country in ``data``; where telephone numbers are stands in ``data/numbers.tsv``.
"""

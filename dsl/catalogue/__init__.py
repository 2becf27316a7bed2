"""The catalogue of findings: a page for every code, as data beside this file.

A page says what a code means, why it matters, and shows the mistake and what is right. Its
examples are compiled by the tests: the wrong one gives exactly its code, the right one does not.
"""

from __future__ import annotations

from dsl.catalogue.page import Page
from dsl.catalogue.reading import codes, page, pages
from dsl.catalogue.shop import completed

__all__ = ["Page", "codes", "completed", "page", "pages"]

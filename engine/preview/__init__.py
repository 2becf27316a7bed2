"""Messages as people will see them, before anybody does: on every channel, in every language."""

from __future__ import annotations

from engine.preview.building import Preview, Sheet, preview
from engine.preview.page import html_preview
from engine.preview.people import Reader, from_document, from_store, sample_readers
from engine.preview.told import told_preview

__all__ = [
    "Preview",
    "Reader",
    "Sheet",
    "from_document",
    "from_store",
    "html_preview",
    "preview",
    "sample_readers",
    "told_preview",
]

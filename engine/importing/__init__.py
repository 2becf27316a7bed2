"""People, and what they did before we knew them, from files of other programs."""

from __future__ import annotations

from engine.importing.columns import Columns, What, columns_of
from engine.importing.importer import Importer, Plan, Report
from engine.importing.rejected import RejectedFile
from engine.importing.rows import head_of
from engine.importing.survey import Survey, survey

__all__ = [
    "Columns",
    "Importer",
    "Plan",
    "RejectedFile",
    "Report",
    "Survey",
    "What",
    "columns_of",
    "head_of",
    "survey",
]

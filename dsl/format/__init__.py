"""One way to write a file, whatever way it was written: keys, ids, quotation marks, order, columns.

Only the text between the meanings is touched. Every step is held against the nodes of the file it
began with, and is left out where it would change what the file says.
"""

from __future__ import annotations

from dsl.format.fixes import fixed, with_fixes
from dsl.format.project import Formatted, format_project
from dsl.format.writing import format_text

__all__ = ["Formatted", "fixed", "format_project", "format_text", "with_fixes"]

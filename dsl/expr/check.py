"""The checker: a syntax tree and a scope in, a typed tree or diagnostics out."""

from __future__ import annotations

from dsl.expr.check_history import History, by_people, properties_of
from dsl.expr.check_tests import Tests
from dsl.expr.check_values import Values
from dsl.expr.ground import Row

__all__ = ["Checker", "Row", "by_people", "properties_of"]


class Checker(Values, Tests, History):
    """All parts of the checker together. One check, one checker."""

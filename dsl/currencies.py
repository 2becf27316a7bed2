"""How many digits each currency has after the point (ISO 4217, minor units).

Two is the rule; the table holds the exceptions among the codes in circulation.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["MINOR_UNITS", "minor_units"]

_TWO = 2

_EXCEPTIONS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}

MINOR_UNITS: Mapping[str, int] = MappingProxyType(
    {code: digits for digits, codes in _EXCEPTIONS.items() for code in codes.split()}
)
"""The currencies that do not have two digits after the point."""


def minor_units(currency: str) -> int:
    """The digits after the point of ``currency``: 2 for EUR, 0 for JPY, 3 for KWD."""
    return MINOR_UNITS.get(currency, _TWO)

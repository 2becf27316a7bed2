"""The policy and segments that rules are asked in, and how a rule is compiled."""

from __future__ import annotations

from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any

from dsl.diagnostics import Diagnostic
from dsl.expr.compile import compile_rule
from dsl.machine import (
    Category,
    ChannelPolicy,
    ConsentNotNeeded,
    ConsentRequired,
    ConsentRule,
    Rule,
    Segment,
)
from dsl.source import Text as Source
from dsl.sql import Setting
from tests.dsl.sql.shop import SCOPE

__all__ = ["HOLIDAYS", "SETTING", "compiled"]

HOLIDAYS = frozenset({date(2026, 1, 1), date(2026, 4, 3), date(2026, 4, 6), date(2026, 12, 25)})


def compiled(rule: str) -> Rule:
    """The rule, which must be right."""
    found: list[Diagnostic] = []
    made = compile_rule(Source.of(rule), SCOPE, found)
    assert made is not None, (rule, found)
    return made


@cache
def _setting() -> Setting:
    """A shop with two channels, three kinds of consent, and segments that use each other."""
    vip = Segment("vip", "VIP", compiled('tier is "gold" or count of purchase >= 2'))
    active = Segment(
        "active", "Active", compiled("did visit in the last 30 days or in segment vip")
    )
    none = frozenset[Any]()
    return Setting(
        HOLIDAYS,
        MappingProxyType(
            {
                "email": ChannelPolicy("email", None, None),
                "push": ChannelPolicy("push", compiled("did login in the last 1 month"), None),
            }
        ),
        MappingProxyType(
            {
                "promotional": Category("promotional", ConsentRequired(), none, "hold"),
                "service": Category("service", ConsentNotNeeded(), none, "hold"),
                "offers": Category("offers", ConsentRequired(), none, "hold", True),
                "letters": Category("letters", ConsentRule(compiled("is_member")), none, "hold"),
            }
        ),
        MappingProxyType({"vip": vip, "active": active}),
    )


SETTING = _setting

"""What is different between two versions of a project, and what becomes of the people inside."""

from __future__ import annotations

from dsl.changes.findings import (
    consent_text_changed,
    kind_changed,
    single_channel,
    step_removed,
    type_changed,
)
from dsl.changes.inside import (
    Continues,
    Ends,
    Fate,
    Finishes,
    Leaves,
    Lost,
    OtherKind,
    Stays,
    WaitsAnew,
    fate_of,
)
from dsl.changes.journey import Change, journey_changes
from dsl.changes.project import house_changes
from dsl.changes.retyped import with_changed_types

__all__ = [
    "Change",
    "Continues",
    "Ends",
    "Fate",
    "Finishes",
    "Leaves",
    "Lost",
    "OtherKind",
    "Stays",
    "WaitsAnew",
    "consent_text_changed",
    "fate_of",
    "house_changes",
    "journey_changes",
    "kind_changed",
    "single_channel",
    "step_removed",
    "type_changed",
    "with_changed_types",
]

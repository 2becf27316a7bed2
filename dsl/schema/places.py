"""What stands behind each key: a sentence of the rule language, a name, steps, further keys.

The key tables say which keys there are and what they mean; this says what their values are made of,
so that an editor can be told. A key that is not named here is what its shape says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias, assert_never

from dsl.files.fragments import FragmentFile
from dsl.files.journey import EventStart, JourneyFile, OtherStart
from dsl.files.messages import (
    BLOCKS,
    ForEachBlock,
    LinkPart,
    MessageFile,
    MessagePart,
    MessagesFile,
    ModulePart,
    ModulesFile,
    PushPart,
    UsePart,
    WhatsAppPart,
)
from dsl.files.policy import (
    ApprovedPart,
    CategoryPart,
    ChannelPart,
    LinksPart,
    PolicyFile,
    UtmPart,
    WebhookPart,
)
from dsl.files.scenarios import (
    SCRIPT,
    GivenPart,
    PastPart,
    ScenarioPart,
    ScenariosFile,
)
from dsl.files.segments import RfmPart, SegmentPart, SegmentsFile
from dsl.files.shape import Shape, Written
from dsl.files.steps import STEPS, CaseItem, ListenItem
from dsl.files.tracking_plan import EventPart, TrackingPlanFile
from dsl.plan import IDENTIFIERS

__all__ = [
    "KINDS",
    "Chosen",
    "Either",
    "Entries",
    "Fields",
    "Leaf",
    "ListOf",
    "Place",
    "named_places",
    "place_of",
]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One text. ``sort`` is a start symbol of the rule grammar, or what the text names.

    ``words`` are possible values; with ``only`` nothing else is. ``several``: a list will do too.
    """

    sort: str
    words: tuple[str, ...] = ()
    several: bool = False
    only: bool = False


@dataclass(frozen=True, slots=True)
class Fields:
    """Keys of one table, or of any of several."""

    tables: tuple[type[Written], ...]
    empty: bool = False  # nothing at all may stand there


@dataclass(frozen=True, slots=True)
class Chosen:
    """Keys of the table that one of the keys says: a step, a block."""

    what: str
    tables: Mapping[str, type[Written]]


@dataclass(frozen=True, slots=True)
class Entries:
    """Names that the author chooses, each with the same behind it."""

    each: Place
    what: str = "name"


@dataclass(frozen=True, slots=True)
class ListOf:
    """Items of one form."""

    each: Place


@dataclass(frozen=True, slots=True)
class Either:
    """One of several forms."""

    ways: tuple[Place, ...]


Place: TypeAlias = Leaf | Fields | Chosen | Entries | ListOf | Either

KINDS: Mapping[str, type[Written]] = MappingProxyType(
    {
        "tracking plan": TrackingPlanFile,
        "policy": PolicyFile,
        "segments": SegmentsFile,
        "journey": JourneyFile,
        "fragment": FragmentFile,
        "message": MessageFile,
        "messages": MessagesFile,
        "modules": ModulesFile,
        "tests of": ScenariosFile,
    }
)
"""The table of each kind of file, by its first key."""

_ANY = Leaf("any")
_STEPS = ListOf(Chosen("step", STEPS))
_BLOCK = Chosen("block", BLOCKS)
_BLOCKS = ListOf(_BLOCK)
_TEXT = Either((Leaf("text"), Entries(Leaf("text"), "language")))
_SAID = Either((Leaf("words"), Entries(Leaf("words"), "language")))
_VALUES = Entries(Leaf("value"))
_TYPES = Entries(Leaf("type"))
_LINK = Either((*_TEXT.ways, Fields((LinkPart,))))
_MEASURES = Leaf("words", ("clicks", "opens", "nothing"), several=True)
_START = Fields((EventStart, OtherStart))
_BLOCKED = Leaf("blocked", ("next channel", "wait up to 12 hours", "wait", "skip"))

_SENTENCES = {
    "rule": ("eligible_if", "exclude_if", "goal", "exit_if", "if_", "when", "while_", "until",
             "who", "show_if", "reachable_when", "optimise_for"),
    "where": ("where",),
    "formula": ("one_per",),
    "moment": ("wait_until",),
    "length": ("wait", "at_most", "after", "expires_after", "escalate_after", "goal_within",
               "looking_back", "accept_older", "collect_for", "accept_for_waits",
               "ignore_for_starts", "gives_up_after", "good_for", "free_text_window",
               "spread_after_quiet"),
    "schedule": ("schedule",),
    "channel_choice": ("to", "to_first_of", "to_all_of"),
    "cap": ("frequency_caps",),
    "span": ("from_",),
    "message": ("send", "expect_sent"),
    "event": ("event", "emit", "expect_emitted"),
    "category": ("category", "about"),
    "channel": ("on", "required_in"),
    "journey": ("start_journey", "go_to_journey", "tests_of", "together_with", "by"),
    "segment": ("enters_segment", "leaves_segment", "for_"),
    "service": ("webhook", "fetch", "expect_called"),
    "number": ("priority", "reshuffle"),
    "share": ("holdout", "rollout", "keep_exploring", "share"),
    "time of day": ("at",),
    "name": ("id", "journey", "fragment", "message", "policy", "tracking_plan"),
}  # fmt: skip

_BY_FIELD: Mapping[str, Place] = MappingProxyType(
    {
        **{field: Leaf(sort) for sort, fields in _SENTENCES.items() for field in fields},
        **dict.fromkeys(("steps", "then", "else_", "otherwise", "do"), _STEPS),
        **dict.fromkeys(("on_goal", "on_exit"), _STEPS),
        **dict.fromkeys(("title", "body", "link", "image", "subject", "preview"), _TEXT),
        **dict.fromkeys(("text", "alt", "button", "html"), _TEXT),
        **dict.fromkeys(("to_stop", "to_start", "to_help"), _SAID),
        **dict.fromkeys(("blocks", "show"), _BLOCKS),
        **dict.fromkeys(("when_capped", "when_quiet", "when_unreachable"), _BLOCKED),
        **dict.fromkeys(("let", "with_", "set_profile"), _VALUES),
        **dict.fromkeys(("inputs", "has", "returns"), _TYPES),
        "re_enter": Leaf("reentry", ("never", "any time", "after 7 days")),
        "repeat": Leaf("repeat", ("up to 3 times",)),
        "unless": Leaf("words", ("delivered", "opened", "clicked", "answered"), only=True),
        "choose": ListOf(Fields((CaseItem,))),
        "split": Entries(_STEPS, "path"),
        "wait_for": Either((Leaf("event"), ListOf(Fields((ListenItem,))))),
        "columns": ListOf(Either((_BLOCK, _BLOCKS))),
        "trigger": Either((_START, ListOf(_START), Leaf("words", ("other journeys",)))),
        "if_missing": Either(
            (Leaf("words", ("leave out", "do not send"), only=True), Fields((UsePart,)))
        ),
        "renamed_steps": Entries(Leaf("step"), "old id"),
        "removed_steps": Entries(Leaf("removal", ("leave",)), "old id"),
        "divider": _ANY,
        "expect_nothing": _ANY,
        "pretend": _ANY,
    }
)

_BY_TABLE: Mapping[tuple[type[Written], str], Place] = MappingProxyType(
    {
        (JourneyFile, "title"): Leaf("words"),
        (MessagePart, "title"): Leaf("words"),
        (WhatsAppPart, "header"): _TEXT,
        (SegmentPart, "title"): Leaf("words"),
        (STEPS["use"], "use"): Leaf("fragment"),
        (UsePart, "use"): Leaf("module"),
        (MessagePart, "uses"): Leaf("uses"),
        (EventPart, "from_"): Leaf("words"),
        (ForEachBlock, "at_most"): Leaf("words"),
        (CategoryPart, "consent"): Leaf("rule", ("required", "not needed")),
        (CategoryPart, "measure"): _MEASURES,
        (LinksPart, "measure"): _MEASURES,
        (LinksPart, "utm"): Either((Leaf("words", ("yes", "no"), only=True), Fields((UtmPart,)))),
        (BLOCKS["button"], "link"): _LINK,
        (PushPart, "link"): _LINK,
        (LinkPart, "web"): _TEXT,
        (LinkPart, "app"): _TEXT,
        **{
            (UtmPart, tag): Leaf(
                "words", ("channel", "category", "journey", "message", "link", "nothing")
            )
            for tag in ("source", "medium", "campaign", "content")
        },
        (CategoryPart, "ignores"): Leaf(
            "words", ("frequency caps", "quiet hours", "holdout", "arbitration"), several=True
        ),
        (OtherStart, "date"): Leaf("moment"),
        (PolicyFile, "channels"): Entries(Fields((ChannelPart,), empty=True), "channel"),
        (ChannelPart, "approved_templates"): Entries(Fields((ApprovedPart,)), "template"),
        (ApprovedPart, "category"): Leaf("words"),
        (ApprovedPart, "button"): Leaf("words"),
        (ApprovedPart, "body"): Entries(Leaf("words"), "language"),
        (PolicyFile, "categories"): Entries(Fields((CategoryPart,), empty=True), "category"),
        (PolicyFile, "webhooks"): Entries(Fields((WebhookPart,)), "web service"),
        (PolicyFile, "consent_texts"): Entries(_TEXT, "consent text"),
        (TrackingPlanFile, "identifiers"): Leaf("words", IDENTIFIERS, several=True),
        (TrackingPlanFile, "profile"): Entries(Leaf("type"), "attribute"),
        (TrackingPlanFile, "events"): Entries(Fields((EventPart,), empty=True), "event"),
        (SegmentsFile, "segments"): Entries(Fields((SegmentPart,)), "segment"),
        (SegmentsFile, "lifecycle"): Entries(Leaf("rule", several=True), "stage"),
        (RfmPart, "recency"): Leaf("formula"),
        (RfmPart, "frequency"): Leaf("formula"),
        (RfmPart, "monetary"): Leaf("formula"),
        (RfmPart, "every"): Leaf("schedule"),
        (MessagesFile, "messages"): Entries(Fields((MessagePart,)), "message"),
        (ModulesFile, "modules"): Entries(Fields((ModulePart,)), "module"),
        (ModulePart, "requires"): Leaf("formula"),
        (ModulePart, "otherwise"): Fields((UsePart,)),
        (ScenariosFile, "given"): Fields((GivenPart,)),
        (ScenariosFile, "scenarios"): ListOf(Fields((ScenarioPart,))),
        (ScenarioPart, "given"): Fields((GivenPart,)),
        (ScenarioPart, "script"): ListOf(Chosen("line", SCRIPT)),
        (ScenarioPart, "examples"): ListOf(Entries(_ANY)),
        (GivenPart, "history"): Either((Leaf("words", ("none",)), ListOf(Fields((PastPart,))))),
        (GivenPart, "profile"): Entries(Leaf("fact")),
        (GivenPart, "channels"): Leaf("channel", ("none",)),
        (PastPart, "with_"): Entries(Leaf("fact")),
        (SCRIPT["profile"], "profile"): Entries(Leaf("fact")),
        (SCRIPT["event"], "id"): Leaf("words"),
        (SCRIPT["event"], "with_"): Entries(Leaf("fact")),
        (SCRIPT["start"], "with_"): Entries(Leaf("fact")),
        (SCRIPT["expect emitted"], "with_"): Entries(Leaf("fact")),
        (SCRIPT["pass"], "pass_"): Leaf("span of time"),
        (SCRIPT["until"], "until"): Leaf("clock"),
        (SCRIPT["start"], "start"): Leaf("journey"),
        (SCRIPT["expect sent"], "text_contains"): Leaf("words"),
    }
)


def place_of(table: type[Written], key: str) -> Place:
    """What stands behind a key of the table, however it is spelt. Raises ``KeyError``."""
    row = table.row(key)
    if row is None:
        raise KeyError(key)
    inner = row.table
    place = _named(table, row.name)
    match row.shape:
        case Shape.MODEL | Shape.MODELS:
            assert inner is not None
            return ListOf(Fields((inner,))) if row.shape is Shape.MODELS else Fields((inner,))
        case Shape.TEXT | Shape.TEXTS | Shape.COMMAS:
            leaf = place if isinstance(place, Leaf) else Leaf("words")
            several = row.shape is not Shape.TEXT
            return Leaf(leaf.sort, row.words or leaf.words, several, bool(row.words))
        case Shape.MAP:
            return place if isinstance(place, Entries | Fields) else Entries(_ANY)
        case Shape.LIST:
            return place if isinstance(place, ListOf) else ListOf(_ANY)
        case Shape.ANY:
            return place or _ANY
        case _:
            assert_never(row.shape)


def named_places() -> list[tuple[type[Written], str]]:
    """The rows that are named here, so that a test can look them up."""
    return list(_BY_TABLE)


def _named(table: type[Written], name: str) -> Place | None:
    for base in table.__mro__:
        if issubclass(base, Written) and (base, name) in _BY_TABLE:
            return _BY_TABLE[base, name]
    return _BY_FIELD.get(name)

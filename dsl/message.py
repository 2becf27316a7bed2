"""Compiled messages and modules: what the channels render (language reference, section 3.6).

Texts are Jinja2; conditions and formulas are the rule language. A template lists the names it
uses with their kinds, so that amounts, dates and times can be written for the recipient.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeAlias

from dsl.approved import Approved
from dsl.expr.context import Context
from dsl.kinds import Kind, Record
from dsl.machine import Formula, Reads, Rule
from dsl.plan import Field

__all__ = [
    "OWN_LINKS",
    "TEMPLATE_FILTERS",
    "TEMPLATE_TESTS",
    "Block",
    "Button",
    "ChannelForm",
    "Columns",
    "Divider",
    "EmailForm",
    "Fetch",
    "ForEach",
    "Html",
    "IfMissing",
    "Image",
    "Kept",
    "LocalText",
    "Message",
    "Module",
    "PushForm",
    "Show",
    "SmsForm",
    "Template",
    "TextBlock",
    "Use",
    "WhatsAppForm",
]


OWN_LINKS = frozenset({"preferences_link", "unsubscribe_link"})
"""What a text calls the pages on which the recipient says what they want. Nobody counts who goes
there.
"""

TEMPLATE_FILTERS = frozenset(
    {
        "abs",
        "capitalize",
        "count",
        "d",
        "default",
        "first",
        "join",
        "last",
        "length",
        "lower",
        "plural",
        "replace",
        "round",
        "sum",
        "title",
        "trim",
        "truncate",
        "upper",
    }
)
"""What may follow a ``|`` in a text. The channels implement exactly these."""

TEMPLATE_TESTS = frozenset({"defined", "even", "none", "odd", "undefined"})
"""What may follow ``is`` in a text."""


@dataclass(frozen=True, slots=True)
class Template:
    """One Jinja2 text in one language. ``kinds`` are the kinds of the root names it uses."""

    text: str
    place: str
    kinds: Mapping[str, Kind] = field(default_factory=lambda: MappingProxyType({}))


LocalText: TypeAlias = Mapping[str, Template]
"""A text by language code. ``""`` is the key of a text that is the same in all languages."""


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A paragraph. Blank lines separate paragraphs."""

    text: LocalText


@dataclass(frozen=True, slots=True)
class Image:
    """A picture with the words that stand in for it."""

    source: LocalText
    alt: LocalText


@dataclass(frozen=True, slots=True)
class Button:
    """A link that looks like a button. ``app`` is where the same is in an app."""

    label: LocalText
    link: LocalText
    app: LocalText | None = None


@dataclass(frozen=True, slots=True)
class Divider:
    """A horizontal line."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Blocks side by side, one below the other on a phone."""

    columns: tuple[tuple[Block, ...], ...]


@dataclass(frozen=True, slots=True)
class ForEach:
    """The blocks once for each item; ``item`` is the name they call it."""

    item: str
    items: Formula
    at_most: int | None
    show: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Show:
    """``if`` + ``show``: the blocks, if the rule holds."""

    when: Rule
    show: tuple[Block, ...]


IfMissing: TypeAlias = Literal["leave out", "do not send"]


@dataclass(frozen=True, slots=True)
class Use:
    """A module, with its inputs. ``instead`` is the module of ``if missing: use: ...``."""

    module: str
    values: tuple[tuple[str, Formula], ...]
    if_missing: IfMissing
    instead: Use | None = None


@dataclass(frozen=True, slots=True)
class Html:
    """Hand-written HTML."""

    html: LocalText


Block: TypeAlias = TextBlock | Image | Button | Divider | Columns | ForEach | Show | Use | Html


@dataclass(frozen=True, slots=True)
class Fetch:
    """What a module asks a web service just before the message is handed over. The answer is
    known in the module by the name of the service; no answer is a missing value.
    """

    service: str
    values: tuple[tuple[str, Formula], ...]
    answer: Record


@dataclass(frozen=True, slots=True)
class Module:
    """A building block of messages. ``otherwise`` is the fallback module."""

    name: str
    inputs: Mapping[str, Field]
    requires: tuple[Formula, ...]
    show_if: Rule | None
    otherwise: Use | None
    required_in: frozenset[str]
    blocks: tuple[Block, ...]
    fetch: Fetch | None = None
    promotional: bool = False  # advertising


@dataclass(frozen=True, slots=True)
class PushForm:
    """A notification. ``link`` is a page of the web if there is also an ``app`` link."""

    title: LocalText
    body: LocalText
    link: LocalText | None
    image: LocalText | None
    app: LocalText | None = None


@dataclass(frozen=True, slots=True)
class EmailForm:
    """An e-mail made of blocks."""

    subject: LocalText
    preview: LocalText | None
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class SmsForm:
    """A text message. ``most_parts`` is how many parts it may take; ``plain``, whether typographic
    signs become plain ones where that saves room.
    """

    text: LocalText
    most_parts: int | None = None
    plain: bool = True


@dataclass(frozen=True, slots=True)
class WhatsAppForm:
    """Free text, or an approved template whose parameters are the ``{{ }}`` of ``text``, of the
    ``header`` above it and of the end of the link of its ``button``. ``approved`` is what has been
    approved under that name, if it is declared.
    """

    text: LocalText
    approved_template: str | None
    language: str | None  # of the approved template; None: same as recipient
    header: LocalText | None = None
    image: LocalText | None = None  # in the place of the header
    button: LocalText | None = None  # where it leads, as a whole
    approved: Approved | None = None


ChannelForm: TypeAlias = PushForm | EmailForm | SmsForm | WhatsAppForm


@dataclass(frozen=True, slots=True)
class Kept:
    """What of a person must be kept from the decision to the hand-over, so that a message which
    fetches something can be finished as it was decided. ``asks`` are all questions about facts.
    """

    reads: Reads
    asks: tuple[Callable[[Context], bool], ...]


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be said, by channel. ``modules`` are all modules its e-mail can use, by name.

    ``kept`` is None if nothing is fetched.
    """

    name: str
    title: str
    journey: str | None  # "uses: journey ...": trigger.* is known
    inputs: Mapping[str, Field]
    forms: Mapping[str, ChannelForm]
    modules: Mapping[str, Module]
    kept: Kept | None = field(default=None, compare=False, repr=False)
    our_address: str = ""  # where the company is, as the policy says

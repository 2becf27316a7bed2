"""The key tables of messages and modules (language reference, section 3.6)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dsl.files.shape import AnyNode, Commas, Listed, Named, Texts, Words, Written, key

__all__ = [
    "BLOCKS",
    "ButtonBlock",
    "ColumnsBlock",
    "DividerBlock",
    "EmailPart",
    "ForEachBlock",
    "HtmlBlock",
    "ImageBlock",
    "LinkPart",
    "MessageFile",
    "MessagePart",
    "MessagesFile",
    "ModulePart",
    "ModulesFile",
    "PushPart",
    "ShowBlock",
    "SmsPart",
    "TextBlockPart",
    "UseBlock",
    "UsePart",
    "WhatsAppPart",
]

_LANGUAGES = "one text, or a text for each language"


class LinkPart(Written):
    """Where something leads: a page of the web, and the same place in an app."""

    web: AnyNode | None = key("The page, for those without the app: https://...", needed=True)
    app: AnyNode | None = key("The place in the app: shop://... or https://...", needed=True)


class PushPart(Written):
    """A notification."""

    title: AnyNode | None = key(f"The first line: {_LANGUAGES}", needed=True)
    body: AnyNode | None = key(f"The words below it: {_LANGUAGES}", needed=True)
    link: AnyNode | None = key("Where a tap leads, or web: and app: for both")
    image: AnyNode | None = key("The address of a picture")


class EmailPart(Written):
    """An e-mail, made of blocks."""

    subject: AnyNode | None = key(f"The subject: {_LANGUAGES}", needed=True)
    preview: AnyNode | None = key("What the inbox shows after the subject")
    blocks: Listed | None = key("What it is made of, from top to bottom", needed=True)


class SmsPart(Written):
    """A text message."""

    text: AnyNode | None = key(f"The words: {_LANGUAGES}", needed=True)
    at_most: Words | None = key("In how many parts, each of which is paid for: 2 parts")
    characters: Words | None = key(
        "Whether typographic signs become plain ones where that saves room",
        words=("plain", "as written"),
    )


class WhatsAppPart(Written):
    """Free text, or our copy of the wording that was approved."""

    approved_template: Words | None = key("Its name at the provider")
    language: Words | None = key("Of the approved template: same as recipient, or a code")
    header: AnyNode | None = key("What stands above the words of an approved template")
    image: AnyNode | None = key("The address of the picture that stands above them")
    text: AnyNode | None = key(f"The words: {_LANGUAGES}", needed=True)
    button: AnyNode | None = key("Where the button of an approved template leads")


class MessagePart(Written):
    """A message: what is said, by channel."""

    title: Words | None = key("What people call it")
    uses: Words | None = key("journey NAME: what started it is known here as trigger")
    inputs: Named | None = key("Values that the journey gives, with their types")
    push: PushPart | None = key("The notification")
    email: EmailPart | None = key("The e-mail")
    sms: SmsPart | None = key("The text message")
    whatsapp: WhatsAppPart | None = key("The WhatsApp message")


class MessageFile(MessagePart):
    """One message in a file of its own."""

    message: Words | None = key("Its name", needed=True)


class MessagesFile(Written):
    """Several messages in one file."""

    messages: Named | None = key("Messages by name", needed=True)


class UsePart(Written):
    """A module that stands in for another one."""

    use: Words | None = key("The module", needed=True)
    with_: Named | None = key("Values for its inputs")
    if_missing: AnyNode | None = key("leave out, do not send, or use: another module")


class ModulePart(Written):
    """A building block of messages."""

    inputs: Named | None = key("Values that a message gives, with their types")
    requires: Texts = key("Values that must be known", default=())
    show_if: Words | None = key("Only if this holds")
    otherwise: UsePart | None = key("The module that stands in for it")
    promotional: Words | None = key(
        "Whether it is advertising, which does not belong in what needs no consent",
        words=("yes", "no"),
    )
    required_in: Commas = key("Channels where nothing promotional goes without it", default=())
    fetch: Words | None = key("A web service that is asked just before sending")
    with_: Named | None = key("What the web service is told")
    blocks: Listed | None = key("What it is made of, from top to bottom", needed=True)


class ModulesFile(Written):
    """Modules by name."""

    modules: Named | None = key("Modules by name", needed=True)


class TextBlockPart(Written):
    """A paragraph."""

    text: AnyNode | None = key(f"The words: {_LANGUAGES}", needed=True)


class ImageBlock(Written):
    """A picture."""

    image: AnyNode | None = key("Its address", needed=True)
    alt: AnyNode | None = key("The words that stand in for it", needed=True)


class ButtonBlock(Written):
    """A link that looks like a button."""

    button: AnyNode | None = key(f"Its words: {_LANGUAGES}", needed=True)
    link: AnyNode | None = key("Where it leads, or web: and app: for both", needed=True)


class DividerBlock(Written):
    """A horizontal line."""

    divider: AnyNode | None = key("A line between two parts", needed=True)


class ColumnsBlock(Written):
    """Blocks side by side."""

    columns: Listed | None = key("The columns, each a block or a list of blocks", needed=True)


class ForEachBlock(Written):
    """The same blocks for every item of a list."""

    for_each: Words | None = key("item in items", needed=True)
    at_most: Words | None = key("No more than so many")
    show: Listed | None = key("The blocks for each of them", needed=True)


class ShowBlock(Written):
    """Blocks under a condition."""

    if_: Words | None = key("A rule", needed=True)
    show: Listed | None = key("The blocks if it holds", needed=True)


class UseBlock(UsePart):
    """A module."""


class HtmlBlock(Written):
    """Hand-written HTML."""

    html: AnyNode | None = key("The HTML", needed=True)


BLOCKS: Mapping[str, type[Written]] = MappingProxyType(
    {
        "text": TextBlockPart,
        "image": ImageBlock,
        "button": ButtonBlock,
        "divider": DividerBlock,
        "columns": ColumnsBlock,
        "for each": ForEachBlock,
        "if": ShowBlock,
        "use": UseBlock,
        "html": HtmlBlock,
    }
)
"""The table of each block, by the key that says which block it is."""

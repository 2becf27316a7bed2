"""Blocks, compiled: what e-mails and modules are made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from dsl.compile.links import compile_link
from dsl.compile.naming import check_free, check_root
from dsl.compile.template_roots import is_open
from dsl.compile.texts import Setting, compile_text
from dsl.compile.values import compile_value
from dsl.diagnostics import Span
from dsl.expr.compile import compile_formula, compile_rule
from dsl.files.messages import (
    BLOCKS,
    ButtonBlock,
    ColumnsBlock,
    DividerBlock,
    ForEachBlock,
    HtmlBlock,
    ImageBlock,
    ShowBlock,
    TextBlockPart,
    UsePart,
)
from dsl.files.reading import error, listed, read, warning
from dsl.files.shape import Written
from dsl.kinds import Kind, ListOf
from dsl.machine import Formula
from dsl.message import (
    Block,
    Button,
    Columns,
    Divider,
    ForEach,
    Html,
    IfMissing,
    Image,
    LocalText,
    Show,
    TextBlock,
    Use,
)
from dsl.plan import Field
from dsl.source import Text
from dsl.spelling import did_you_mean
from dsl.yaml import Entry, Items, Map, Node, same_key

__all__ = ["Declared", "Instance", "compile_blocks", "compile_use"]

Declared: TypeAlias = Mapping[str, Mapping[str, Field]]
"""The inputs of every module, by its name."""

Instance: TypeAlias = Callable[[Text, Mapping[str, Kind]], str]
"""The module of this name for inputs of these kinds; gives the name it is used by."""

_LOOP = re.compile(r"\s*(\w+)\s+in\s+(?=\S)", re.IGNORECASE)
_DEEPEST = 20


class _Blocks:
    """The compiler of the blocks of one message or module."""

    def __init__(self, modules: Declared, instance: Instance) -> None:
        self._modules = modules
        self._instance = instance

    def all(self, node: Node | None, setting: Setting, depth: int = 0) -> tuple[Block, ...]:
        if node is None:
            return ()
        if depth > _DEEPEST:
            message = "There are too many blocks inside one another here."
            hint = "Put the inner ones into a module, and use that."
            setting.found.append(error("S15", node.span(), message, hint))
            return ()
        made = []
        for item in listed(node, "blocks", setting.found):
            block = self._one(item, setting, depth)
            if block is not None:
                made.append(block)
        return tuple(made)

    def _one(self, node: Node, setting: Setting, depth: int) -> Block | None:
        if isinstance(node, Text) and same_key(node) == "divider":
            return Divider()
        name, at = _kind_of(node, setting)
        if name is None or at is None:
            return None
        table = BLOCKS[name]
        part = read(table, node, f'"{name}"', setting.found)
        match part:
            case TextBlockPart():
                return TextBlock(compile_text(part.text, "text", setting, at))
            case ImageBlock():
                source = compile_text(part.image, "image", setting, at)
                return Image(source, self._further(part, "alt", part.alt, setting))
            case ButtonBlock():
                label = compile_text(part.button, "button", setting, at)
                return Button(label, *compile_link(part.link, "link", setting, part.key_of("link")))
            case HtmlBlock():
                return Html(compile_text(part.html, "html", setting, at))
            case DividerBlock():
                return Divider()
            case ColumnsBlock():
                columns = part.columns or ()
                return Columns(tuple(self._column(each, setting, depth) for each in columns))
            case ForEachBlock():
                return self._for_each(part, setting, depth)
            case ShowBlock(if_=Text() as rule):
                when = compile_rule(rule, setting.scope, setting.found)
                show = self.all(part.show, setting.where(rule), depth + 1)
                return None if when is None else Show(when, show)
            case UsePart():
                return self.use(part, setting)
            case _:
                return None

    def _further(self, part: Written, key: str, node: Node | None, setting: Setting) -> LocalText:
        return compile_text(node, key, setting, part.key_of(key))

    def _column(self, node: Node, setting: Setting, depth: int) -> tuple[Block, ...]:
        """A list of blocks, or one block."""
        return self.all(node if isinstance(node, Items) else _alone(node), setting, depth + 1)

    def _for_each(self, part: ForEachBlock, setting: Setting, depth: int) -> ForEach | None:
        text = part.for_each
        if text is None:
            return None
        found = setting.found
        words = _LOOP.match(text)
        if words is None:
            hint = "For example: for each: item in items"
            message = '"for each" needs a name for the item and the list.'
            found.append(error("S09", text.span(), message, hint))
            return None
        name = text.part(words.start(1), words.end(1))
        if not check_root(name, "an item", found):
            return None
        check_free(name, "an item", setting.scope.plan, found)
        listed_ = text.part(words.end()).trimmed()
        items = compile_formula(listed_, setting.scope, found)
        if items is None:
            return None
        if not isinstance(items.kind, ListOf):
            message = f'"{listed_[:60]}" is not a list.'
            found.append(error("T12", listed_.span(), message))
            return None
        inside = setting.with_item(str(name), items.kind.item).where(f"{listed_} is known")
        show = self.all(part.show, inside, depth + 1)
        return ForEach(str(name), items, _count(part.at_most, setting), show)

    # -------------------------------------------------------------------------------- uses

    def use(self, part: UsePart, setting: Setting) -> Use | None:
        name = part.use
        if name is None:
            return None
        if name not in self._modules:
            hint = did_you_mean(name, self._modules)
            message = f'There is no module called "{name[:60]}".'
            setting.found.append(error("N17", name.span(), message, hint))
            return None
        values = self._values(name, part, setting)
        kinds = {each: formula.kind for each, formula in values}
        used = self._instance(name, kinds)
        if_missing, instead = self._if_missing(part, setting)
        return Use(used, values, if_missing, instead)

    def _values(
        self, name: Text, part: UsePart, setting: Setting
    ) -> tuple[tuple[str, Formula], ...]:
        inputs = self._modules[name]
        made: list[tuple[str, Formula]] = []
        for entry in part.with_ or ():
            field = inputs.get(entry.key)
            if field is None:
                message = f'The module "{name}" does not use "{entry.key[:60]}".'
                hint = did_you_mean(entry.key, inputs)
                setting.found.append(warning("M02", entry.key.span(), message, hint))
                continue
            value = self._value(entry, field, setting)
            if value is not None:
                made.append((str(entry.key), value))
        given = {str(entry.key) for entry in part.with_ or ()}
        for each, field in inputs.items():
            if field.required and each not in given:
                message = f'The module "{name}" needs "{each}".'
                hint = f"Add: with: {{{each}: = ...}}"
                setting.found.append(error("M03", name.span(), message, hint))
        return tuple(made)

    def _value(self, entry: Entry, field: Field, setting: Setting) -> Formula | None:
        """What an input is given. A list of records may be one of any records."""
        expect = None if is_open(field.kind) else field.kind
        value = compile_value(entry.value, expect, setting.scope, setting.found)
        if value is None or expect is not None:
            return value
        if isinstance(value.kind, ListOf) == isinstance(field.kind, ListOf):
            return value
        form = "a list" if isinstance(field.kind, ListOf) else "one record"
        message = f'"{entry.key}" should be {form}.'
        setting.found.append(error("T12", entry.value.span(), message))
        return None

    def _if_missing(self, part: UsePart, setting: Setting) -> tuple[IfMissing, Use | None]:
        node = part.if_missing
        if isinstance(node, Text) and same_key(node) in {"leaveout", "donotsend"}:
            return ("leave out" if same_key(node) == "leaveout" else "do not send"), None
        if isinstance(node, Map):
            other = read(UsePart, node, '"if missing"', setting.found)
            return "do not send", None if other is None else self.use(other, setting)
        if node is not None:
            hint = "Possible here: leave out, do not send, or use: another_module"
            message = "This does not say what happens if a value is missing."
            setting.found.append(error("S09", node.span(), message, hint))
        return "do not send", None


def compile_blocks(
    node: Node | None, setting: Setting, modules: Declared, instance: Instance
) -> tuple[Block, ...]:
    """The blocks that can be understood; a finding for each of the others."""
    return _Blocks(modules, instance).all(node, setting)


def compile_use(
    part: UsePart, setting: Setting, modules: Declared, instance: Instance
) -> Use | None:
    """One use that stands outside of blocks: ``otherwise``."""
    return _Blocks(modules, instance).use(part, setting)


def _kind_of(node: Node, setting: Setting) -> tuple[str | None, Text | None]:
    """Which block this is: its first key that begins one."""
    if not isinstance(node, Map):
        hint = "For example: - text: Hello"
        setting.found.append(error("S08", node.span(), "Here should be a block.", hint))
        return None, None
    by_key = {same_key(key): key for key in BLOCKS}
    for entry in node:
        name = by_key.get(same_key(entry.key))
        if name is not None:
            return name, entry.key
    span: Span = node.span()
    first = node.entries[0].key if len(node) else ""
    hint = did_you_mean(first, BLOCKS) or f"Possible here: {', '.join(BLOCKS)}"
    setting.found.append(error("S02", span, f'"{first[:40]}" is not a block.', hint))
    return None, None


def _alone(node: Node) -> Items:
    return Items((node,), node.span())


def _count(text: Text | None, setting: Setting) -> int | None:
    if text is None:
        return None
    if text.strip().isdecimal() and 0 < int(text) <= 1000:
        return int(text)
    message = '"at most" is a whole number from 1 to 1000.'
    setting.found.append(error("S09", text.span(), message, "For example: at most: 3"))
    return None

"""The blocks of an e-mail, laid out for one language: texts chosen, conditions and uses numbered.

HTML and plain text are made from the same layout, so what is decided for one holds for the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias, assert_never

from jinja2 import Environment, nodes

from channels.content.languages import base, pick
from channels.content.rewrite import Manner, Place, address, rewrite
from channels.content.written import Wrap, wrapper
from dsl.kinds import Kind, ListOf
from dsl.machine import Formula, Rule
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
    Module,
    Show,
    Template,
    TextBlock,
    Use,
)
from dsl.plan import Field

__all__ = [
    "Candidate",
    "Chosen",
    "Laid",
    "Layout",
    "Loop",
    "Part",
    "Shown",
    "Side",
    "Used",
    "templates_in",
    "wraps_of",
]

Nodes: TypeAlias = list[nodes.Node]
_DEEPEST = 50


@dataclass(frozen=True, slots=True)
class Chosen:
    """A text in the language that was chosen, and where it stands."""

    text: str
    place: Place

    def nodes(self, environment: Environment, manner: Manner) -> Nodes:
        """The nodes that render it."""
        return rewrite(self.text, environment, self.place, manner)

    def address(self, environment: Environment, app: Chosen | None = None) -> Nodes:
        """The nodes that render where it leads. ``app`` is the same place in an app."""
        inside = None if app is None else app.nodes(environment, "link")
        return address(self.nodes(environment, "link"), self.place, "put address", inside)

    def tagged(self, environment: Environment) -> Nodes:
        """The nodes that render the address itself, with what the policy wants added."""
        return address(self.nodes(environment, "link"), self.place, "put tagged")


@dataclass(frozen=True, slots=True)
class Part:
    """A block without blocks in it. ``texts``: text; source and alt; label, link and maybe the
    same in an app; html.
    """

    block: TextBlock | Image | Button | Divider | Html
    texts: tuple[Chosen, ...]
    legal: bool  # belongs to a module that every message needs
    repeated: bool  # once for each item of a list


@dataclass(frozen=True, slots=True)
class Loop:
    """``for each``: its number, its variable, and what is said for each item."""

    number: int
    variable: str
    body: tuple[Laid, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """``if`` + ``show``."""

    number: int
    body: tuple[Laid, ...]


@dataclass(frozen=True, slots=True)
class Used:
    """A module and all that may stand in for it, in the order of ``Layout.candidates``."""

    number: int
    bodies: tuple[tuple[int, tuple[Laid, ...]], ...]
    legal: bool


@dataclass(frozen=True, slots=True)
class Side:
    """Columns."""

    columns: tuple[tuple[Laid, ...], ...]


Laid: TypeAlias = Part | Loop | Shown | Used | Side


@dataclass(frozen=True, slots=True)
class Candidate:
    """One module that may be shown in one place, and what comes next if it cannot be."""

    number: int  # its body
    module: Module
    inputs: Mapping[str, Field]  # with what it fetches
    wraps: Mapping[str, Wrap]
    values: tuple[tuple[str, Formula], ...]
    otherwise: Candidate | None
    instead: Candidate | None
    if_missing: IfMissing


@dataclass(slots=True)
class Layout:
    """An e-mail laid out: the tree, and what its numbers mean."""

    language: str
    first: str
    modules: Mapping[str, Module]
    candidates: list[Candidate] = field(default_factory=list)
    loops: list[tuple[ForEach, Wrap | None]] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    writers: dict[str, str] = field(default_factory=dict)  # variable -> language, besides "writer"
    _linked: dict[str | None, int] = field(default_factory=dict)  # blocks with links, by module

    def choose(self, text: LocalText, place: Place) -> Chosen:
        """The text in this language, with the writer of the language it is really in."""
        code, template = pick(dict(text), self.language, self.first)
        if code and base(code) != base(self.language):
            variable = "writer_" + code.replace("-", "_")
            self.writers[variable] = code
            place = place.in_language(variable)
        return Chosen(template.text.strip(), place)

    def blocks(
        self, blocks: Sequence[Block], place: Place, *, legal: bool = False, depth: int = 0
    ) -> tuple[Laid, ...]:
        """The blocks of one scope."""
        if depth > _DEEPEST:
            raise RuntimeError("modules use one another in a circle")
        return tuple(self._block(block, place, legal, depth) for block in blocks)

    def _block(self, block: Block, place: Place, legal: bool, depth: int) -> Laid:
        def inside(blocks: Sequence[Block], there: Place) -> tuple[Laid, ...]:
            return self.blocks(blocks, there, legal=legal, depth=depth + 1)

        def part(*texts: LocalText) -> Part:
            there = self._called(block, place)
            chosen = tuple(self.choose(text, there) for text in texts)
            assert not isinstance(block, ForEach | Show | Use | Columns)
            return Part(block, chosen, legal, bool(place.items))

        match block:
            case TextBlock(text):
                return part(text)
            case Image(source, alt):
                return part(source, alt)
            case Button(label, link, app):
                return part(label, link) if app is None else part(label, link, app)
            case Html(html):
                return part(html)
            case Divider():
                return part()
            case Columns(columns):
                return Side(tuple(inside(column, place) for column in columns))
            case Show(when, show):
                self.rules.append(when)
                return Shown(len(self.rules) - 1, inside(show, place))
            case ForEach(item, items, _, show):
                kind = items.kind.item if isinstance(items.kind, ListOf) else None
                self.loops.append((block, None if kind is None else wrapper(kind)))
                number = len(self.loops) - 1
                variable = f"item_{number}"
                return Loop(number, variable, inside(show, place.with_item(item, variable)))
            case Use():
                return self._use(block, depth)
            case _:
                assert_never(block)

    def _called(self, block: Block, place: Place) -> Place:
        """What the links of a block are called: by their module and its how-manieth block with links
        it is. Nobody needs to know of modules that stand beside it.
        """
        texts = [] if isinstance(block, Use) else templates_in([block])
        if not isinstance(block, Button) and not any("http" in each.text for each in texts):
            return place
        number = self._linked[place.link] = self._linked.get(place.link, 0) + 1
        return place.called(f"{place.link}/{number}")

    def _use(self, use: Use, depth: int) -> Used:
        number = len(self.candidates)
        bodies: list[tuple[int, tuple[Laid, ...]]] = []

        def candidate(use: Use, depth: int) -> Candidate:
            if depth > _DEEPEST:
                raise RuntimeError("modules use one another in a circle")
            module = self.modules[use.module]
            body = len(bodies)
            legal = bool(module.required_in)
            bodies.append((body, ()))
            name = module.name.partition(" ")[0]  # without the number of its kinds
            self._linked.pop(name, None)
            place = Place(f"scope_{number}", link=name)
            bodies[body] = (body, self.blocks(module.blocks, place, legal=legal, depth=depth + 1))
            return Candidate(
                body,
                module,
                _with_answer(module),
                wraps_of(module.inputs, templates_in(module.blocks)),
                use.values,
                None if module.otherwise is None else candidate(module.otherwise, depth + 1),
                None if use.instead is None else candidate(use.instead, depth + 1),
                use.if_missing,
            )

        self.candidates.append(_NOBODY)
        made = candidate(use, depth)
        self.candidates[number] = made
        return Used(number, tuple(bodies), bool(made.module.required_in))


def _with_answer(module: Module) -> Mapping[str, Field]:
    fetch = module.fetch
    if fetch is None:
        return module.inputs
    return {**module.inputs, fetch.service: Field(fetch.service, fetch.answer)}


_NOBODY = Candidate(
    0,
    Module("", MappingProxyType({}), (), None, None, frozenset(), ()),
    MappingProxyType({}),
    MappingProxyType({}),
    (),
    None,
    None,
    "do not send",
)


def templates_in(blocks: Sequence[Block]) -> list[Template]:
    """The texts that stand in these blocks themselves, not those of modules they use."""
    found: list[Template] = []

    def take(*texts: LocalText) -> None:
        found.extend(template for text in texts for template in text.values())

    for block in blocks:
        match block:
            case TextBlock(text):
                take(text)
            case Image(source, alt):
                take(source, alt)
            case Button(label, link, app):
                take(label, link, app or {})
            case Html(html):
                take(html)
            case Columns(columns):
                found.extend(each for column in columns for each in templates_in(column))
            case Show(show=show) | ForEach(show=show):
                found.extend(templates_in(show))
            case Divider() | Use():
                pass
            case _:
                assert_never(block)
    return found


def wraps_of(inputs: Mapping[str, Field], templates: Sequence[Template]) -> Mapping[str, Wrap]:
    """How the values of a scope are handed to its texts, by name."""
    kinds: dict[str, Kind] = {}
    for template in templates:
        kinds.update(template.kinds)
    kinds.update({name: each.kind for name, each in inputs.items()})
    made: dict[str, Wrap] = {}
    for name, kind in kinds.items():
        wrap: Callable[..., object] | None = wrapper(kind)
        if wrap is not None:
            made[name] = wrap
    return MappingProxyType(made)

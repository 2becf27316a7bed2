"""Modules, compiled where they are used.

An input may be a list of records without saying of what; the message that uses the module knows.
So a module is compiled once for each set of kinds it is given, and its texts are checked against
what is really there: an amount in a list of items is written as an amount.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from dsl.compile.blocks import compile_blocks, compile_use
from dsl.compile.fetches import answers_known, compile_fetch
from dsl.compile.fields import read_fields
from dsl.compile.naming import check_first, check_free, check_name
from dsl.compile.template_guards import Path, known_where
from dsl.compile.template_roots import Root, is_open
from dsl.compile.texts import Setting, roots_of
from dsl.diagnostics import Diagnostic
from dsl.expr.compile import compile_formula, compile_rule
from dsl.expr.scope import Scope
from dsl.files.messages import ModulePart, ModulesFile
from dsl.files.reading import error, read
from dsl.kinds import Kind
from dsl.machine import Formula, Service
from dsl.message import OWN_LINKS, Block, Columns, ForEach, Module, Show, Use
from dsl.plan import Field
from dsl.source import Text
from dsl.spelling import did_you_mean
from dsl.yaml import Map, Node

__all__ = ["Modules", "module_parts", "read_inputs", "uses_in"]

_PATH = re.compile(r"[^\W\d]\w*(?:\.\w+)*")
_TAKEN = frozenset({"our_address", "profile", "trigger", "loop", "entry"}) | OWN_LINKS


@dataclass(slots=True)
class Modules:
    """The modules of a project, compiled as they are asked for."""

    parts: Mapping[Text, ModulePart]
    scope: Scope
    services: Mapping[str, Service]
    languages: tuple[str, ...]
    found: list[Diagnostic]
    addressed: bool = False  # the policy says where the company is
    inputs: dict[str, Mapping[str, Field]] = field(default_factory=dict)
    made: dict[str, Module] = field(default_factory=dict)
    _names: dict[tuple[str, tuple[tuple[str, Kind], ...]], str] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)
    _written: dict[str, Text] = field(default_factory=dict)
    _count: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        for name, part in self.parts.items():
            self._written[str(name)] = name
            self.inputs[str(name)] = read_inputs(part.inputs, self.scope, self.found)

    def instance(self, name: Text, given: Mapping[str, Kind]) -> str:
        """The name under which ``made`` has the module for inputs of these kinds."""
        fields = {
            each: replace(own, kind=given[each]) if each in given and is_open(own.kind) else own
            for each, own in self.inputs[name].items()
        }
        signature = (str(name), tuple((each, own.kind) for each, own in fields.items()))
        known = self._names.get(signature)
        if known is not None:
            if known in self._open:
                self._circle(name, known)
            return known
        self._count[str(name)] += 1
        count = self._count[str(name)]
        used = str(name) if count == 1 else f"{name} {count}"
        self._names[signature] = used
        self._open.append(used)
        self.made[used] = self._module(self._written[str(name)], self.parts[name], fields)
        self._open.pop()
        return used

    def compile_unused(self) -> None:
        """Checks the modules that no message uses, as far as their inputs are known."""
        used = {name for name, _ in self._names}
        for name in self.parts:
            if name not in used:
                self.instance(name, {})

    def needed_by(self, blocks: tuple[Block, ...]) -> Mapping[str, Module]:
        """All modules that these blocks can come to use."""
        names: dict[str, Module] = {}
        waiting = list(uses_in(blocks))
        while waiting:
            use = waiting.pop()
            if use.instead is not None:
                waiting.append(use.instead)
            module = self.made.get(use.module)
            if use.module in names or module is None:
                continue
            names[use.module] = module
            waiting += uses_in(module.blocks)
            if module.otherwise is not None:
                waiting.append(module.otherwise)
        return MappingProxyType(names)

    def _module(self, name: Text, part: ModulePart, inputs: Mapping[str, Field]) -> Module:
        found = self.found
        scope = self.scope.with_variables({each: own.kind for each, own in inputs.items()})
        scope = replace(scope, owner="A module")
        roots = dict(roots_of(scope, inputs, None, addressed=self.addressed))
        fetch = compile_fetch(part, scope, self.services, found)
        before = len(found)
        answers = answers_known(part.fetch, self.services)
        scope = scope.with_variables(answers)
        for each, answer in answers.items():
            roots[each] = Root(answer, unsure_fields=frozenset(dict(answer.fields)))
        requires = [compile_formula(text, scope, found) for text in part.requires]
        setting = Setting(
            scope=scope,
            roots=MappingProxyType(roots),
            sure=frozenset(_known(part)),
            languages=self.languages,
            owner="a module",
            fails=f'the module "{name}" cannot be shown',
            part="",
            found=found,
        )
        show_if = None
        if part.show_if is not None:
            show_if = compile_rule(part.show_if, scope, found)
        otherwise = None
        if part.otherwise is not None:
            otherwise = compile_use(part.otherwise, setting, self.inputs, self.instance)
        self._check_required(name, part)
        blocks = compile_blocks(part.blocks, setting, self.inputs, self.instance)
        if part.fetch is not None and fetch is None:
            found[before:] = [one for one in found[before:] if not _follows(one, part.fetch)]
        return Module(
            name=str(name),
            inputs=MappingProxyType(dict(inputs)),
            requires=tuple(each for each in requires if isinstance(each, Formula)),
            show_if=show_if,
            otherwise=otherwise,
            required_in=frozenset(str(channel) for channel in part.required_in),
            blocks=blocks,
            fetch=fetch,
            promotional=part.promotional == "yes",
        )

    def _check_required(self, name: Text, part: ModulePart) -> None:
        for channel in part.required_in:
            if channel == "email":
                continue
            if channel in self.scope.names.channels:
                message = f"Only an e-mail is made of modules, and {channel} is not one."
                self.found.append(error("M14", channel.span(), message, "Write: email"))
            else:
                hint = did_you_mean(channel, self.scope.names.channels)
                message = f'There is no channel called "{channel[:60]}".'
                self.found.append(error("N09", channel.span(), message, hint))
        for key in ("show_if", "otherwise", "fetch"):
            if part.required_in and part.key_of(key) is not None:
                message = f'"{name}" is required, so it cannot depend on anything.'
                hint = f'Take "{key.replace("_", " ")}" or "required in" out.'
                self.found.append(error("M14", part.span_of(key), message, hint))

    def _circle(self, at: Text, used: str) -> None:
        names = [each.split(" ")[0] for each in self._open[self._open.index(used) :]]
        pairs = [f"{a} uses {b}" for a, b in zip(names, [*names[1:], names[0]], strict=True)]
        message = f"Circle: {pairs[0]}."
        if len(pairs) > 1:
            message = f"Circle: {', '.join(pairs[:-1])}, and {pairs[-1]}."
        self.found.append(error("E148", at.span(), message))


def module_parts(nodes: tuple[Map, ...], found: list[Diagnostic]) -> Mapping[Text, ModulePart]:
    """What is written about each module, by its name."""
    made: dict[Text, ModulePart] = {}
    first: dict[str, Text] = {}
    for node in nodes:
        file = read(ModulesFile, node, "modules", found)
        for entry in (file and file.modules) or ():
            if not check_name(entry.key, "a module", found):
                continue
            if not check_first(entry.key, "modules", first, found):
                continue
            part = read(ModulePart, entry.value, f'"{entry.key}"', found)
            if part is not None:
                made[entry.key] = part
    return MappingProxyType(made)


def read_inputs(node: Node | None, scope: Scope, found: list[Diagnostic]) -> Mapping[str, Field]:
    """The inputs of a message or a module. None hides an attribute or a word of its own."""
    if not isinstance(node, Map):
        return MappingProxyType({})
    for entry in node:
        if entry.key in _TAKEN:
            message = f'"{entry.key}" already means something here and cannot be an input too.'
            found.append(error("N18", entry.key.span(), message, "Choose another name."))
        else:
            check_free(entry.key, "an input", scope.plan, found)
    return read_fields(node, "an input", found)


def uses_in(blocks: tuple[Block, ...]) -> Iterator[Use]:
    """The uses that stand in these blocks."""
    for block in blocks:
        match block:
            case Use():
                yield block
            case Columns(columns):
                for column in columns:
                    yield from uses_in(column)
            case Show(show=show) | ForEach(show=show):
                yield from uses_in(show)
            case _:
                pass


def _follows(one: Diagnostic, service: Text) -> bool:
    """Whether a finding is only that nothing is known of what a service answers."""
    return one.code in {"N01", "N02"} and f'"{service}"' in one.message


def _known(part: ModulePart) -> Iterator[Path]:
    """The paths that ``requires`` and ``show if`` vouch for."""
    for text in part.requires:
        if _PATH.fullmatch(text.strip()):
            yield tuple(text.strip().split("."))
    if part.show_if is not None:
        yield from known_where(part.show_if)

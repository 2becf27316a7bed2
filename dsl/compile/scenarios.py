"""Scenarios, compiled: examples multiplied out, every name and reason checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from dsl.compile.scenario_given import Known, compile_given
from dsl.compile.scenario_script import compile_script
from dsl.compile.scenario_values import Filling
from dsl.diagnostics import Diagnostic, Span
from dsl.files.reading import error, listed, read, warning
from dsl.files.scenarios import GivenPart, ScenarioPart, ScenariosFile
from dsl.scenario import Scenario
from dsl.source import Text
from dsl.spelling import did_you_mean
from dsl.yaml import Entry, Items, Map, Node, same_key

__all__ = ["Known", "compile_scenarios", "unreached_messages"]

_MOST = 1000
"""Examples of one scenario; a spreadsheet pasted into a file should not stop a check."""


def compile_scenarios(
    files: Iterable[Map], known: Known, found: list[Diagnostic]
) -> tuple[Scenario, ...]:
    """The scenarios of journeys without mistakes that have none themselves."""
    made: list[Scenario] = []
    for node in files:
        file = read(ScenariosFile, node, "scenarios", found)
        if file is None or file.tests_of is None:
            continue
        journey = file.tests_of
        if journey not in known.names.journeys:
            hint = did_you_mean(journey, known.names.journeys)
            message = f'There is no journey called "{journey[:60]}".'
            found.append(error("N11", journey.span(), message, hint))
        names: dict[str, Text] = {}
        for item in listed(file.scenarios, "scenarios", found) if file.scenarios else ():
            _check_name(item, names, found)
            made += _Writer(journey, _layers(node), known, found).scenarios(item)
    return tuple(made)


def unreached_messages(
    missing: Mapping[str, Sequence[str]], heads: Mapping[str, Span]
) -> Iterator[Diagnostic]:
    """W150 for each journey with messages that no scenario reaches. ``heads`` are where journeys
    begin.
    """
    for journey, messages in missing.items():
        if messages and journey in heads:
            message = "This journey has no scenario that reaches every message."
            names = ", ".join(messages)
            yield warning("W150", heads[journey], f"{message} Missing: {names}.")


def _check_name(item: Node, names: dict[str, Text], found: list[Diagnostic]) -> None:
    name = item.get("scenario") if isinstance(item, Map) else None
    if isinstance(name, Text) and names.setdefault(str(name), name) is not name:
        message = f'Two scenarios are called "{name}".'
        hint = f"The first one is in line {names[str(name)].line}."
        found.append(error("S14", name.span(), message, hint))


class _Writer:
    """Compiles one scenario, once for each example."""

    def __init__(
        self, journey: Text, shared: Sequence[Node], known: Known, found: list[Diagnostic]
    ) -> None:
        self._journey = journey
        self._shared = shared
        self._known = known
        self._machine = known.machines.get(str(journey))
        self._found = found

    def scenarios(self, node: Node) -> list[Scenario]:
        """One, or as many as there are examples."""
        part = read(ScenarioPart, node, '"scenarios"', self._found)
        if part is None or part.scenario is None or part.script is None:
            return []
        if not len(part.script):
            message = "A script has at least one step."
            self._found.append(error("S08", part.span_of("script"), message))
        made = []
        for example in self._examples(part):
            before = len(self._found)
            one = self._scenario(part, _layers(node), example)
            if one is not None and not any(each.stops for each in self._found[before:]):
                made.append(one)
        return made

    def _examples(self, part: ScenarioPart) -> Sequence[Map | None]:
        if part.examples is None:
            return (None,)
        made = []
        for item in part.examples.items[:_MOST]:
            if isinstance(item, Map):
                made.append(item)
            else:
                message = "An example gives names their values."
                hint = "For example: - {value: 80 EUR, why: holdout}"
                self._found.append(error("S08", item.span(), message, hint))
        if len(part.examples) > _MOST:
            message = f"A scenario can have up to {_MOST} examples."
            self._found.append(error("Y12", part.span_of("examples"), message))
        return made

    def _scenario(
        self, part: ScenarioPart, own: Sequence[Node], example: Map | None
    ) -> Scenario | None:
        assert part.scenario is not None
        assert part.script is not None
        begins, values = _divided(example)
        taken = (str(each.key) for layer in begins for each in layer)
        filling = Filling({str(each.key): each.value for each in values}, taken, self._found)
        given_here = [filling.fill(node) for node in (*self._shared, *own)]
        script = filling.fill(part.script)
        self._check_used(values, filling)
        layers = [
            layer
            for node in (*given_here, *begins)
            if (layer := read(GivenPart, node, '"given"', self._found)) is not None
        ]
        began = compile_given(layers, self._journey, self._known, self._found)
        if began is None or not isinstance(script, Items):
            return None
        given, clock = began
        steps = compile_script(script, self._machine, clock, self._known, self._found)
        if self._machine is None:
            return None
        name = part.scenario
        shown = ", ".join(str(each.value) for each in values if isinstance(each.value, Text))
        full = f"{name} ({shown})" if shown else str(name)
        return Scenario(str(self._journey), full, name.path, name.line, given, steps)

    def _check_used(self, values: Sequence[Entry], filling: Filling) -> None:
        for entry in values:
            if entry.key not in filling.used:
                hint = did_you_mean(entry.key, [*filling.used, *GivenPart.table()])
                message = f'Nothing in this scenario uses "{entry.key[:60]}".'
                self._found.append(error("N31", entry.key.span(), message, hint))


def _layers(node: Node) -> list[Node]:
    """What a file or a scenario gives; ``pretend`` may stand beside ``given`` or in it."""
    if not isinstance(node, Map):
        return []
    given, pretend = node.get("given"), node.entry("pretend")
    beside = [] if pretend is None else [Map((pretend,), node.start)]
    empty = given is None or (isinstance(given, Text) and not given)
    return [*([] if empty or given is None else [given]), *beside]


def _divided(example: Map | None) -> tuple[list[Map], list[Entry]]:
    """What an example gives over the scenario's ``given``, and its values for ``{{ }}``."""
    if example is None:
        return [], []
    keys = {same_key(key) for key in GivenPart.table()}
    given = [entry for entry in example if same_key(entry.key) in keys]
    values = [entry for entry in example if same_key(entry.key) not in keys]
    return ([Map(tuple(given), example.start)] if given else []), values

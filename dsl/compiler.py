"""The only door of the language: texts in, a compiled project or findings out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from dsl.compile.approved_checks import check_approved
from dsl.compile.circles import find_policy_circles
from dsl.compile.fragments import read_fragments
from dsl.compile.journeys import Around, compile_journey
from dsl.compile.message_checks import (
    categories_sent,
    channels_sent,
    check_required_modules,
    needing_consent,
)
from dsl.compile.messages import compile_messages
from dsl.compile.naming import check_first, check_name
from dsl.compile.policy import compile_policy, names_in
from dsl.compile.promotional import check_promotional
from dsl.compile.rfm import rfm_segments, with_scoring
from dsl.compile.scenarios import Known, compile_scenarios
from dsl.compile.segments import (
    compile_segments,
    read_segments,
    segment_parts,
    stages_of,
    with_segments,
)
from dsl.compile.sensitive import promotional, withheld_by
from dsl.compile.tracking_plan import compile_plan
from dsl.compile.triggers import Triggers, compile_triggers, records_by_journey
from dsl.diagnostics import Diagnostic, Span, in_order
from dsl.expr.scope import Names, Scope
from dsl.files.journey import JourneyFile
from dsl.files.policy import PolicyFile
from dsl.files.reading import error, read
from dsl.lint import lint
from dsl.machine import JourneyTrigger, Machine, Policy, Project, fingerprint
from dsl.project import Read, read_folder, sort_files
from dsl.scenario import Scenario
from dsl.source import Text
from dsl.yaml import Map

__all__ = ["Compiled", "compile_folder", "compile_project", "compile_read"]

_NAMES_OF_OTHER_FILES = frozenset({"N10", "N11", "N13", "N17"})


@dataclass(frozen=True, slots=True)
class Compiled:
    """What became of a project. ``project`` is None if any finding stops a deploy.

    ``heads`` are where the journeys begin, for findings about a whole journey.
    """

    project: Project | None
    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[str, str]
    scenarios: tuple[Scenario, ...] = ()
    heads: Mapping[str, Span] = field(default_factory=dict)


def compile_folder(folder: Path) -> Compiled:
    """The project in a folder."""
    files, refused = read_folder(folder)
    return compile_project(files, refused)


def compile_project(files: Mapping[str, str], refused: Iterable[Diagnostic] = ()) -> Compiled:
    """The project in these texts, by path. ``refused`` are files that are no text at all.

    Never raises for what an author wrote, and never stops at the first mistake.
    """
    found = list(refused)
    unread = bool(found)
    return compile_read(sort_files(files, found), files, found, unread=unread)


def compile_read(
    read_files: Read,
    sources: Mapping[str, str],
    found: list[Diagnostic],
    *,
    unread: bool = False,
) -> Compiled:
    """The project in files that are read already; ``found`` is what was found in reading them.

    Names in ``broken`` count as defined in files that are not looked at.
    """
    compiler = _Compiler(read_files, found, unread=unread)
    project = compiler.project()
    if project is not None and not any(one.stops for one in found):
        found += lint(project, read_files)
    ordered = tuple(in_order(dict.fromkeys(found)))  # a fragment used twice is wrong once
    stopped = any(one.stops for one in ordered)
    return Compiled(
        None if stopped else project,
        ordered,
        MappingProxyType(dict(sources)),
        compiler.scenarios,
        MappingProxyType(compiler.heads),
    )


class _Compiler:
    """One pass over one project."""

    def __init__(self, files: Read, found: list[Diagnostic], *, unread: bool) -> None:
        self.files = files
        self.found = found
        self.unread = unread  # names may be defined where we cannot see them
        self.scenarios: tuple[Scenario, ...] = ()
        self.heads: dict[str, Span] = {}

    def project(self) -> Project | None:
        found, files = self.found, self.files
        plan_node, policy_node = self._only("tracking plan"), self._only("policy")
        journeys = self._journeys()
        if plan_node is None or policy_node is None:
            return None
        plan = compile_plan(plan_node, found)
        policy_file = read(PolicyFile, policy_node, "a policy", found) or PolicyFile()
        written_segments = read_segments(files.of("segments"), found)
        parts = segment_parts(written_segments, found)
        stages = stages_of(written_segments, parts, found)
        plan = with_scoring(plan, written_segments, found)
        if plan.scoring is not None:
            parts |= rfm_segments(written_segments, {*parts, *stages})
        names = Names(
            segments=frozenset(map(str, (*parts, *stages))) | self._broken("segments"),
            journeys=frozenset(journeys) | self._broken("journey"),
            channels=names_in(policy_file.channels),
            categories=names_in(policy_file.categories),
            messages=self._message_names() | self._broken("message", "messages"),
        )
        scope = Scope(plan, names, currency=str(policy_file.currency or "EUR"))
        before = len(found)
        policy = compile_policy(policy_file, replace(scope, owner="The policy"), found)
        segments = compile_segments(parts, stages, replace(scope, owner="A segment"), found)
        find_policy_circles(policy, segments, found)
        withheld = withheld_by(plan, policy_file.sensitive_allowed, segments, found)
        triggers = {
            name: compile_triggers(
                file.trigger, promotional(scope, file.category, policy, withheld), found
            )
            for name, file in journeys.items()
        }
        written_in = Scope(plan, names, policy.currency)
        messages = compile_messages(
            files.of("message", "messages"),
            files.of("modules"),
            written_in,
            policy,
            records_by_journey(triggers),
            found,
        )
        around = Around(
            policy,
            messages,
            scope,
            read_fragments(files.of("fragment"), found),
            frozenset(
                name
                for name, one in triggers.items()
                if any(isinstance(way, JourneyTrigger) for way in one.ways)
            ),
            withheld,
        )
        machines = {
            name: with_segments(machine, segments)
            for name, machine in self._machines(journeys, triggers, around).items()
        }
        written, sent_in = files.of("message", "messages"), categories_sent(machines.values())
        check_required_modules(written, files.of("modules"), messages, sent_in, policy, found)
        check_approved(written, messages, sent_in, policy, found)
        if withheld:
            there = replace(written_in, withheld=withheld)
            self._check_texts(there, policy, triggers, sent_in)
        if not self._modules_missing():
            sent_on = channels_sent(machines.values())
            check_promotional(written, messages, sent_on, policy, policy_file, found)
        known = Known(plan, policy, machines, messages, names)
        self.scenarios = compile_scenarios(files.of("tests of"), known, found)
        self._forgive(before)
        made = Project(
            name=plan.name,
            version="",
            plan=plan,
            policy=policy,
            segments=segments,
            machines=MappingProxyType(machines),
            messages=messages,
        )
        return replace(made, version=fingerprint(made))

    def _check_texts(
        self,
        scope: Scope,
        policy: Policy,
        triggers: Mapping[str, Triggers],
        sent_in: Mapping[str, Set[str]],
    ) -> None:
        """E150 in texts: which messages are promotional is known when all journeys are."""
        asking = {name for name, sent in sent_in.items() if needing_consent(sent, policy)}
        again: list[Diagnostic] = []
        compile_messages(
            self.files.of("message", "messages"),
            self.files.of("modules"),
            scope,
            policy,
            records_by_journey(triggers),
            again,
            asking,
        )
        self.found += [each for each in again if each.code == "E150"]

    def _machines(
        self, journeys: Mapping[str, JourneyFile], triggers: Mapping[str, Triggers], around: Around
    ) -> dict[str, Machine]:
        machines = {}
        for name, file in journeys.items():
            machine = compile_journey(file, triggers[name], around, self.found)
            if machine is not None:
                machines[name] = machine
        return machines

    def _only(self, kind: str) -> Map | None:
        """The one file of a kind; a finding if there is none, or a second one."""
        nodes = self.files.of(kind)
        for other in nodes[1:]:
            key = other.entries[0].key
            message = f'This project has a "{kind}" already.'
            hint = f"The first one is in {nodes[0].span().path}."
            self.found.append(error("S14", key.span(), message, hint))
        if nodes:
            return nodes[0]
        if kind not in self.files.broken and not self.unread:
            path = f"{kind.replace(' ', '_')}.yaml"
            message = f"This project has no {kind}."
            hint = f"It is a file that starts with: {kind}: shop"
            self.found.append(error("S14", Span(path, 1, 1), message, hint))
        return None

    def _journeys(self) -> dict[str, JourneyFile]:
        made: dict[str, JourneyFile] = {}
        first: dict[str, Text] = {}
        for node in self.files.of("journey"):
            file = read(JourneyFile, node, "a journey", self.found)
            if file is None or file.journey is None:
                continue
            check_name(file.journey, "a journey", self.found)
            if not check_first(file.journey, "journeys", first, self.found):
                continue
            made[str(file.journey)] = file
            key, name = node.entries[0].key, file.journey
            width = max(1, name.column + len(name) - key.column)
            self.heads[str(name)] = replace(key.span(), width=width)
        return made

    def _modules_missing(self) -> bool:
        """Whether modules that messages use are not looked at, or nobody knows them: there are
        findings for that already.
        """
        broken = self.unread or self.files.broken.keys() & {"modules", "message"}
        return bool(broken) or any(one.code == "N17" for one in self.found)

    def _message_names(self) -> frozenset[str]:
        names = set()
        for node in self.files.of("message"):
            name = node.entries[0].value
            if isinstance(name, Text):
                names.add(str(name))
        for node in self.files.of("messages"):
            table = node.entries[0].value
            names |= names_in(table) if isinstance(table, Map) else set()
        return frozenset(names)

    def _broken(self, *kinds: str) -> frozenset[str]:
        return frozenset(name for kind in kinds for name in self.files.broken.get(kind, ()) if name)

    def _forgive(self, start: int) -> None:
        """Takes back what was said about names that may stand in a file nobody could read."""
        forgiven = set(_NAMES_OF_OTHER_FILES) if self.unread else set()
        if "modules" in self.files.broken:
            forgiven.add("N17")
        self.found[start:] = [one for one in self.found[start:] if one.code not in forgiven]

"""``fetch``: what a module asks a web service just before the message is handed over."""

from __future__ import annotations

from collections.abc import Mapping

from dsl.compile.naming import check_free
from dsl.compile.reads import reads_of, rules_in
from dsl.compile.services import answer_of
from dsl.compile.values import compile_value
from dsl.diagnostics import Diagnostic
from dsl.expr.questions import questions_in
from dsl.expr.scope import Scope
from dsl.files.messages import ModulePart
from dsl.files.reading import error
from dsl.kinds import Record
from dsl.machine import Formula, Service
from dsl.message import ChannelForm, Fetch, Kept, Module
from dsl.source import Text
from dsl.spelling import did_you_mean, nearest

__all__ = ["answers_known", "compile_fetch", "kept_for"]


def compile_fetch(
    part: ModulePart, scope: Scope, services: Mapping[str, Service], found: list[Diagnostic]
) -> Fetch | None:
    """What is asked, and with what; ``scope`` knows the inputs, and nothing of the answer."""
    name = part.fetch
    if name is None:
        if part.with_ is not None:
            message = 'Here "with" belongs to "fetch", and there is none.'
            hint = "The message that uses the module gives values to its inputs."
            found.append(error("S03", part.span_of("with_"), message, hint))
        return None
    values: list[tuple[str, Formula]] = []
    for entry in part.with_ or ():
        value = compile_value(entry.value, None, scope, found)
        if value is not None:
            values.append((str(entry.key), value))
    service = _service(name, services, found)
    if service is None or not _is_free(name, scope, found):
        return None
    return Fetch(str(name), tuple(values), answer_of(service))


def answers_known(name: Text | None, services: Mapping[str, Service]) -> Mapping[str, Record]:
    """What a module that fetches this may speak of. If the name is misspelt, the right name is
    known too, so that nobody is told the same mistake twice.
    """
    if name is None:
        return {}
    meant = str(name) if name in services else nearest(name, services)
    answers = {str(name): Record(())}
    return answers if meant is None else {**answers, meant: answer_of(services[meant])}


def kept_for(form: ChannelForm | None, modules: Mapping[str, Module]) -> Kept | None:
    """What must be kept to finish a message made of these modules; None if none of them fetches."""
    if not any(module.fetch is not None for module in modules.values()):
        return None
    parts = (form, modules)
    asks = [ask for rule in rules_in(parts) for ask in questions_in(rule.meaning, rule.place)]
    return Kept(reads_of(parts), tuple(asks))


def _service(
    name: Text, services: Mapping[str, Service], found: list[Diagnostic]
) -> Service | None:
    service = services.get(name)
    if service is None:
        hint = did_you_mean(name, services)
        message = f'There is no web service called "{name[:60]}".'
        found.append(error("N24", name.span(), message, hint))
    elif not service.returns:
        message = f'The policy does not say what "{name}" returns, so nothing of it can be shown.'
        hint = f"Add to the policy, under {name}: returns: {{items: list of text}}"
        found.append(error("S07", name.span(), message, hint))
        return None
    return service


def _is_free(name: Text, scope: Scope, found: list[Diagnostic]) -> bool:
    """Whether the answer can be called by the name of the service."""
    if name in scope.variables:
        message = f'"{name}" is already an input and cannot be a web service too.'
        found.append(error("N18", name.span(), message, "Give the input another name."))
        return False
    return check_free(name, "a web service", scope.plan, found)

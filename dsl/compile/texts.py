"""Texts by language, compiled: every name checked, every missing language and value pointed at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from babel import Locale, UnknownLocaleError

from dsl.compile.template_guards import Path, known_where
from dsl.compile.template_names import see_text
from dsl.compile.template_roots import Root, Seen
from dsl.diagnostics import Diagnostic
from dsl.expr.scope import Scope
from dsl.files.reading import error, warning
from dsl.kinds import Kind, Record
from dsl.message import OWN_LINKS, LocalText, Template
from dsl.plan import Field
from dsl.source import Text
from dsl.spelling import did_you_mean
from dsl.yaml import Map, Node

__all__ = ["Setting", "compile_text", "kinds_of", "language_name", "roots_of"]


@dataclass(frozen=True, slots=True)
class Setting:
    """Where texts stand: what is known there, and what cannot happen if a value is missing.

    ``owner`` and ``fails`` are for findings: ``a message``, ``this message cannot be sent on
    push``. ``part`` is the channel. ``trigger`` has an open kind if the journey has mistakes.
    """

    scope: Scope  # for rules and formulas
    roots: Mapping[str, Root]
    sure: frozenset[Path]
    languages: tuple[str, ...]
    owner: str
    fails: str
    part: str
    found: list[Diagnostic]

    def where(self, rule: str) -> Setting:
        """The same place, if ``rule`` holds."""
        return replace(self, sure=self.sure | frozenset(known_where(rule)))

    def with_item(self, name: str, kind: Kind) -> Setting:
        """The same place inside a ``for each``."""
        return replace(
            self,
            scope=self.scope.with_variables({name: kind}),
            roots=MappingProxyType({**self.roots, name: Root(kind)}),
        )


def roots_of(
    scope: Scope, inputs: Mapping[str, Field], trigger: Root | None, *, addressed: bool
) -> Mapping[str, Root]:
    """The names of a message or a module (language reference, section 2.4). ``addressed`` if the
    policy says where the company is.
    """
    attributes, withheld = scope.plan.attributes.values(), scope.withheld or None
    profile = Record(tuple((each.name, each.kind) for each in attributes))
    unsure = frozenset(each.name for each in attributes if not each.required)
    roots = {each.name: Root(each.kind, each.required, withheld=withheld) for each in attributes}
    roots["profile"] = Root(profile, sure=True, unsure_fields=unsure, withheld=withheld)
    roots |= {name: Root(None) for name in OWN_LINKS}
    roots["our_address"] = Root(None, sure=addressed)
    if trigger is not None:
        roots["trigger"] = trigger
    roots.update({name: Root(each.kind, each.required) for name, each in inputs.items()})
    return MappingProxyType(roots)


def compile_text(node: Node | None, key: str, setting: Setting, at: Text | None) -> LocalText:
    """The text under ``key``, which stands ``at``. Empty only with a finding."""
    found = setting.found
    if node is None:
        return MappingProxyType({})
    if isinstance(node, Text):
        if not node.strip():
            place = node if at is None else at
            found.append(error("S08", place.span(), f'Nothing stands after "{key}".'))
            return MappingProxyType({})
        made = _template(node, setting)
        return MappingProxyType({} if made is None else {"": made})
    if not isinstance(node, Map):
        hint = "Write the text itself, or one for each language: en: ..."
        found.append(error("S08", node.span(), f'"{key}" should be a text.', hint))
        return MappingProxyType({})
    texts: dict[str, Template] = {}
    for entry in node:
        if not _is_language(entry.key, setting):
            continue
        if not isinstance(entry.value, Text) or not entry.value.strip():
            span = entry.key.span()
            found.append(error("S08", span, f'One text belongs after "{entry.key}".'))
            continue
        made = _template(entry.value, setting)
        if made is not None:
            texts[_tidy(entry.key)] = made
    written = {_tidy(entry.key) for entry in node}
    _warn_of_languages(written, key, setting, at if at is not None else node.entries[0].key)
    return MappingProxyType(texts)


def _template(text: Text, setting: Setting) -> Template | None:
    seen = see_text(text, setting.roots, setting.owner, setting.found, setting.sure)
    if seen is None:
        return None
    for unsure in seen.unsure:
        setting.found.append(
            warning(
                "W103",
                text.span(unsure.start, unsure.end),
                f'"{unsure.name}" can be missing, and then {setting.fails}.',
                f'Give a fallback: {{{{ {unsure.name} | default("{_fallback(unsure.name)}") }}}}',
            )
        )
    return Template(str(text), text.place, kinds_of(seen))


def kinds_of(seen: Seen) -> Mapping[str, Kind]:
    """The kinds of the names used; of the profile, only the attributes it is asked for."""
    made = dict(seen.kinds)
    profile = made.get("profile")
    if isinstance(profile, Record):
        asked = {path[1] for path in seen.fields if path[0] == "profile"}
        made["profile"] = Record(tuple(each for each in profile.fields if each[0] in asked))
    return MappingProxyType(made)


def _fallback(name: str) -> str:
    return "Hi" if "name" in name else "..."


def _is_language(key: Text, setting: Setting) -> bool:
    known = setting.languages
    if _tidy(key) in known or _tidy(key).split("-", maxsplit=1)[0] in known:
        return True
    hint = did_you_mean(key, known) or f"The policy has: {', '.join(known)}"
    message = f'"{key[:40]}" is not one of the languages of the policy.'
    setting.found.append(error("N20", key.span(), message, hint))
    return False


def _warn_of_languages(written: set[str], key: str, setting: Setting, at: Text) -> None:
    if not written:
        return
    first = setting.languages[0]
    stand_in = first if first in written else next(each for each in sorted(written))
    name = f"{setting.part}.{key}" if setting.part else key
    for language in setting.languages:
        if language in written or language.split("-", maxsplit=1)[0] in written:
            continue
        setting.found.append(
            warning(
                "W120",
                at.span(),
                f'The language "{language}" is missing in {name}; {language_name(language)} '
                f"recipients get {language_name(stand_in)}.",
            )
        )


def language_name(code: str) -> str:
    """``French`` for ``fr``."""
    try:
        name = Locale.parse(code.replace("-", "_")).get_display_name("en")
    except (UnknownLocaleError, ValueError):
        name = None
    return name or code


def _tidy(tag: str) -> str:
    """A language code in its usual spelling: ``de_at`` is ``de-AT``, ``zh-hant`` is ``zh-Hant``."""
    first, *rest = tag.strip().replace("_", "-").split("-")
    forms = {2: str.upper, 4: str.title}
    return "-".join([first.lower(), *(forms.get(len(part), str.lower)(part) for part in rest)])

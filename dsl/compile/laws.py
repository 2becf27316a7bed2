"""``laws`` of the policy: which rules of law and providers hold, besides the company's own."""

from __future__ import annotations

from collections.abc import Sequence

from dsl import kinds
from dsl.diagnostics import Diagnostic
from dsl.expr.scope import Scope
from dsl.files.reading import error
from dsl.laws.book import book, laws_of
from dsl.policy import Laws
from dsl.source import Text
from dsl.spelling import did_you_mean

__all__ = ["compile_laws"]

_ALONE = ("all", "none")


def compile_laws(
    names: Sequence[Text], state: Text | None, scope: Scope, found: list[Diagnostic]
) -> Laws:
    """The laws of the countries named; of all there are, if none is."""
    known = book().countries
    wanted = set()
    for name in names:
        word = name.strip().lower()
        if word in _ALONE and len(names) > 1:
            hint = f"Write only: {word}"
            message = f'"{name[:40]}" stands alone, or not at all.'
            found.append(error("S09", name.span(), message, hint))
        elif word in _ALONE or word in known:
            wanted.add(word)
        else:
            hint = did_you_mean(name, (*_ALONE, *known)) or _possible(known)
            message = f'There are no laws here of "{name[:40]}".'
            found.append(error("S09", name.span(), message, hint))
    kept = known if not names or "all" in wanted else wanted - {"none"}
    return laws_of(kept, _attribute(state, scope, found))


def _possible(known: Sequence[str]) -> str:
    return f"Possible here: {', '.join((*_ALONE, *known))}"


def _attribute(name: Text | None, scope: Scope, found: list[Diagnostic]) -> str:
    if name is None:
        return ""
    field = scope.plan.attributes.get(str(name))
    if field is None:
        hint = did_you_mean(name, scope.plan.attributes)
        message = f'There is no attribute called "{name[:60]}".'
        found.append(error("N01", name.span(), message, hint))
    elif not isinstance(field.kind, kinds.Text | kinds.Code | kinds.OneOf):
        message = f'"{name[:60]}" is no text, so it cannot say a state.'
        found.append(error("S10", name.span(), message, "For example: state: text"))
    return str(name)

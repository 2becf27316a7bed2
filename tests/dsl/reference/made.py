"""The tables of dsl/README.md that are made from the code alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from dsl import kinds
from dsl.catalogue import codes, page
from dsl.expr import typed_value as tv
from dsl.expr.functions import FUNCTIONS, result_of
from dsl.files.messages import BLOCKS
from dsl.files.scenarios import SCRIPT
from dsl.files.shape import Row, Shape, Written
from dsl.files.steps import STEPS
from dsl.kinds import Kind
from dsl.plan import BUILT_IN_EVENTS
from dsl.schema.places import KINDS, Chosen, Either, Entries, Fields, Leaf, ListOf, Place, place_of
from engine.why.reasons import LEFT, NOT_ENTERED, NOT_SENT
from tests.dsl.reference.tried import kind_words

__all__ = ["PARTS", "tables_below"]

_SORTS = {
    "rule": "a rule",
    "where": "a rule about the event",
    "value": "a value, a text with `{{ }}`, or a formula after `=`",
    "formula": "a value of the rule language",
    "moment": "a moment, or a rule",
    "length": "a length of time",
    "schedule": "a schedule",
    "channel_choice": "a channel, or a channel and `if` a rule",
    "cap": "a cap",
    "span": "from one time of day to another",
    "reentry": "`never`, `any time` or `after` a length",
    "repeat": "`up to 3 times`",
    "blocked": "`next channel`, `wait`, `wait up to` a length, or `skip`",
    "type": "a type",
    "text": "a text, with `{{ }}`",
    "name": "a name you choose",
    "uses": "`journey` and its name",
    "fact": "a value",
    "span of time": "a length of time",
    "clock": "a date and time",
    "words": "words",
    "number": "a number",
    "share": "a share: `10%`",
    "time of day": "a time of day: `09:00`",
    "any": "anything",
    "service": "a web service of the policy",
    "step": "a step",
    "channel": "a channel",
}
_KINDS: tuple[Kind, ...] = (
    kinds.Number(),
    kinds.Whole(),
    kinds.Money("EUR"),
    kinds.Text(),
    kinds.Code(),
    kinds.OneOf(("a", "b")),
    kinds.YesNo(),
    kinds.Date(),
    kinds.TimeOfDay(),
    kinds.Instant(),
    kinds.Length(),
    kinds.ListOf(kinds.Text()),
)
_CALLED = {kinds.Money("EUR"): "money", kinds.OneOf(("a", "b")): "one of"}


def table_of(table: type[Written]) -> Iterator[str]:
    """The keys of a table."""
    yield "| key | what it says | what stands there |"
    yield "| --- | --- | --- |"
    for key, row in table.table().items():
        yield f"| `{key}`{_mark(row)} | {row.means} | {form_of(table, row)} |"


def _mark(row: Row) -> str:
    return " **needed**" if row.needed else ""


def form_of(table: type[Written], row: Row) -> str:
    """What stands behind a key, in words."""
    said = _words(place_of(table, row.key))
    if row.shape in (Shape.TEXTS, Shape.COMMAS):
        said = f"{said}; or a list"
    return said


def _words(place: Place) -> str:
    match place:
        case Leaf(_, words, _, True):
            return _quoted(words)
        case Leaf(sort, words, _, _):
            said = _SORTS.get(sort, f"{'an' if sort[0] in 'aeiou' else 'a'} {sort}")
            return f"{_quoted(words)}" if sort == "words" and words else said
        case Fields(tables):
            return f"keys: {', '.join(map(_keys, tables))}"
        case Chosen(what):
            return f"a {what}"
        case Entries(each, what):
            return (
                f"each {what} with {_words(each)}"
                if what != "name"
                else f"names with {_words(each)}"
            )
        case ListOf(each):
            return (
                f"a list: {_words(each)}"
                if not isinstance(each, Chosen)
                else f"a list of {each.what}s"
            )
        case Either(ways):
            return "; or ".join(dict.fromkeys(_way(way, ways) for way in ways))


def _way(way: Place, ways: tuple[Place, ...]) -> str:
    return "a list of these" if isinstance(way, ListOf) and way.each in ways else _words(way)


def _keys(table: type[Written]) -> str:
    return ", ".join(f"`{key}`" for key in table.table())


def _quoted(words: tuple[str, ...]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def tables_below(table: type[Written]) -> Iterator[type[Written]]:
    """The tables that stand behind the keys of a table, each once."""
    seen: list[type[Written]] = []

    def look(place: Place) -> None:
        match place:
            case Fields(tables):
                seen.extend(one for one in tables if one not in seen)
            case Entries(each) | ListOf(each):
                look(each)
            case Either(ways):
                for way in ways:
                    look(way)
            case Leaf() | Chosen():
                pass

    for key in table.table():
        look(place_of(table, key))
    yield from seen


def kinds_of_files() -> Iterator[str]:
    """Every kind of file, by its first key."""
    yield "| first key | what the file is |"
    yield "| --- | --- |"
    for key, table in KINDS.items():
        yield f"| `{key}:` | {_sentence(table)} |"


def of_kind(kind: str) -> Callable[[], Iterator[str]]:
    """The keys of a kind of file, and of what stands below them."""

    def made() -> Iterator[str]:
        yield from table_of(KINDS[kind])
        for table in tables_below(KINDS[kind]):
            if table in KINDS.values() or table.table().keys() <= set():
                continue
            yield ""
            yield f"_{_sentence(table).rstrip('.')}:_"
            yield ""
            yield from table_of(table)

    return made


def of_each(tables: Mapping[str, type[Written]], what: str) -> Callable[[], Iterator[str]]:
    """The keys of every step, block or line of a script."""

    def made() -> Iterator[str]:
        yield f"| {what} | key | what it says | what stands there |"
        yield "| --- | --- | --- | --- |"
        for verb, table in tables.items():
            for key, row in table.table().items():
                if key == "id" and what == "step":
                    continue
                first = f"`{verb}`" if key == verb else ""
                yield f"| {first} | `{key}`{_mark(row)} | {row.means} | {form_of(table, row)} |"

    return made


def _sentence(table: type[Written]) -> str:
    return (table.__doc__ or "").strip().splitlines()[0]


def functions() -> Iterator[str]:
    """Every function: what it takes, and what comes of it."""
    yield "| function | takes | gives |"
    yield "| --- | --- | --- |"
    for name, function in FUNCTIONS.items():
        takes: list[str] = []
        gives: list[Kind] = []
        results: list[Kind] = []
        for kind in _KINDS:
            for more in ((), (tv.Constant(kinds.Whole(), 2),), (tv.Constant(kinds.Text(), ", "),)):
                result, _ = result_of(name, (tv.Stored(kind, "profile", "x"), *more))
                if result is not None:
                    takes.append(_CALLED.get(kind) or kind_words(kind))
                    gives.append(kind)
                    results.append(result)
        one = len({kind_words(result) for result in results}) == 1
        said = kind_words(results[0]) if one else _of_each(gives, results)
        yield f"| `{function.example}` | {', '.join(dict.fromkeys(takes))} | {said} |"


def _of_each(takes: Iterable[Kind], gives: Iterable[Kind]) -> str:
    """What comes of each kind, where that differs."""
    pairs = dict.fromkeys(zip(takes, gives, strict=True))
    if all(given == taken for taken, given in pairs):
        return "the same"
    return ", ".join(
        f"{_CALLED.get(taken) or kind_words(taken)}: {_CALLED.get(given) or kind_words(given)}"
        for taken, given in pairs
    )


def built_in_events() -> Iterator[str]:
    """The events that are always there."""
    yield "| event | its properties |"
    yield "| --- | --- |"
    for name, event in BUILT_IN_EVENTS.items():
        yield f"| `{name}` | {', '.join(f'`{one}`' for one in event.properties)} |"


def _reasons(table: Mapping[str, str]) -> Callable[[], Iterator[str]]:
    def made() -> Iterator[str]:
        yield "| reason | in words |"
        yield "| --- | --- |"
        for reason, words in table.items():
            yield f"| `{reason}` | {words} |"

    return made


def findings() -> Iterator[str]:
    """Every code, and the page that explains it."""
    yield "| code | what is wrong |"
    yield "| --- | --- |"
    for code in codes():
        one = page(code)
        assert one is not None
        anchor = re.sub(r"[^\w\- ]", "", f"{code}: {one.title}".lower()).replace(" ", "-")
        link = f"catalogue/pages/{one.family}.md#{anchor}"
        yield f"| [{code}]({link}) | {one.title} |"


PARTS: Mapping[str, Callable[[], Iterator[str]]] = {
    "kinds-of-files": kinds_of_files,
    "functions": functions,
    "built-in-events": built_in_events,
    "not-entered": _reasons(NOT_ENTERED),
    "not-sent": _reasons(NOT_SENT),
    "left": _reasons(LEFT),
    "findings": findings,
    "steps": of_each(STEPS, "step"),
    "blocks": of_each(BLOCKS, "block"),
    "script": of_each(SCRIPT, "line"),
    **{f"keys-of-{kind.replace(' ', '-')}": of_kind(kind) for kind in KINDS},
}

"""Documents at rest: what was written once is read for ever."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import msgspec
import orjson
import pytest

from channels.content.unfinished import Ask, Keepsake, Reply, Unfinished
from dsl.expr.context import Happened, StepRecord
from engine.core.effects import Delivery
from engine.core.origins import Origin
from engine.core.profile import Contact, Profile
from engine.core.run import Run
from engine.core.signals import ReceiptArrived
from engine.store import codec, letters
from engine.store.testing.samples import call, delivery, run, unfinished

CONTACT = "delivery decided sent channel category journey"
HAPPENED = "name occurred received number properties"
STEP = "values time channel path round skipped"
RUN = (
    "id person journey version key entered trigger arm status state since due collecting collected"
    " done variables steps left outcome converted watch_until entry awaiting timer"
)
KEEPSAKE = "now zone language attributes history trigger facts holidays"
DELIVERY = (
    "id person journey run step channel category message address parts decided due expires status"
    " attempts provider_id lease version unfinished"
)


@pytest.mark.parametrize(
    ("kept", "fields"),
    [
        (Contact, CONTACT),
        (Happened, HAPPENED),
        (StepRecord, STEP),
        (Run, RUN),
        (Delivery, DELIVERY),
        (Ask, "service values"),
        (Reply, "ask answer"),
        (Keepsake, KEEPSAKE),
    ],
)
def test_fields_are_stored_by_their_place(kept: Any, fields: str) -> None:
    """A new field goes to the end and has a default. Any other change of the order makes what is
    stored unreadable: the schema needs a new number then, and these lists need it too.
    """
    known = tuple(fields.split())
    added = kept._fields[len(known) :]

    assert kept._fields[: len(known)] == known
    assert set(added) <= set(kept._field_defaults)


def test_a_standing_from_before_a_field_was_added_is_read() -> None:
    older = msgspec.msgpack.encode([[["d1", 5, None, "email", "service", "welcome"]], []])

    standing = codec.read_standing(older)

    assert standing.contacts == (Contact("d1", 5, None, "email", "service", "welcome"),)
    assert (standing.woken, standing.last_decision, standing.last_delivery) == (None, None, None)


def test_a_run_from_before_a_field_was_added_is_read() -> None:
    older = msgspec.msgpack.encode(tuple(run("r1", due=5))[:15])

    assert codec.read_run(older) == run("r1", due=5)


@pytest.mark.parametrize(
    "older",
    [("d1", "no", ""), ("d1", "no", "", "human"), ("d1", "no", "", "human", "a rule", "later")],
)
def test_a_receipt_of_another_version_is_read(older: tuple[str, ...]) -> None:
    told = letters.read_arrival("receipt", "opened", "c1", "ada", 5, 6, 7, orjson.dumps(older))

    added = older[3:5]
    assert told == ReceiptArrived("c1", "ada", 6, 7, "d1", "opened", "no", 5, "", *added)


def _newer(value: Any) -> Any:
    """A value as a later version would write it: everything we know has got another field."""
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return [*map(_newer, value), {"of": "later"}]
    if isinstance(value, Unfinished):
        known = {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
        return {**{name: _newer(each) for name, each in known.items()}, "of": "later"}
    if isinstance(value, Mapping):
        return {key: _newer(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_newer(each) for each in value]
    return value


STEPS = {"hi": StepRecord(values={"a": [1]}, time=4)}
RICH = run("r1", due=5, steps=STEPS, done=("email",))._replace(
    trigger=Happened("viewed", 1, 2, 3, {"product": "lamp"})
)


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (RICH, codec.read_run),
        (delivery("d1", "ada")._replace(unfinished=unfinished()), codec.read_delivery),
        (call("c1", "ada"), codec.read_call),
    ],
)
def test_what_a_newer_version_has_added_is_left_out(
    value: Any, read: Callable[[bytes], Any]
) -> None:
    """Versions work side by side while one takes the place of the other."""
    assert read(msgspec.msgpack.encode(_newer(value))) == value


def test_a_standing_of_a_newer_version_is_read() -> None:
    contacts = [Contact("d1", 5, None, "email", "service", "welcome")]
    written = msgspec.msgpack.encode([_newer(contacts), [_newer(RICH)], 7, 8, 9, None, "later"])

    standing = codec.read_standing(written)

    assert standing == codec.StandingDocument(tuple(contacts), [RICH], 7, 8, 9)
    assert [each.state for each in codec.read_whereabouts(written)] == [RICH.state]


def test_origins_of_a_newer_version_are_read() -> None:
    written = msgspec.msgpack.encode({"city": [*Origin(5, "partner"), "later"]})

    assert codec.read_origins(written) == {"city": Origin(5, "partner")}


def test_a_document_that_is_none_is_a_loud_error() -> None:
    with pytest.raises(msgspec.DecodeError):
        codec.read_run(b"\x93\x01\x02\x03")


def test_read_only_mappings_are_written_as_what_they_hold() -> None:
    view = MappingProxyType({"cart": MappingProxyType({"n": 1})})

    profile = Profile("ada", attributes=view)
    document = codec.profile_document(profile)
    kept = codec.read_run(codec.run_document(run("r1", variables=view)))

    assert codec.read_profile("ada", document, (), None, None) == Profile("ada", {"cart": {"n": 1}})
    assert kept.variables == {"cart": {"n": 1}}


def test_the_same_profile_gives_the_same_bytes() -> None:
    addresses = [f"{number}@example.com" for number in range(50)]
    one = Profile("ada", suppressed=frozenset(addresses))
    other = Profile("ada", suppressed=frozenset(reversed(addresses)))

    assert codec.profile_document(one) == codec.profile_document(other)


def test_what_is_no_value_at_rest_is_refused() -> None:
    with pytest.raises(TypeError):
        codec.mapping_document({"when": object()})

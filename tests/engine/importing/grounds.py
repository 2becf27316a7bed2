"""A small shop, and files about its customers."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from dsl.calendar import Instant, from_datetime
from dsl.compiler import compile_project
from dsl.machine import Project
from engine.importing import (
    Importer,
    Plan,
    RejectedFile,
    Report,
    What,
    columns_of,
    head_of,
    survey,
)
from engine.store.protocol import Store

__all__ = ["FILES", "NOW", "brought_in", "importer", "lines_of_json", "project", "table", "told"]

NOW: Instant = from_datetime(datetime.fromisoformat("2026-05-01T12:00:00Z"))

FILES = {
    "plan.yaml": """
tracking plan: shop
profile:
  first_name: text, personal
  tier: one of silver / gold
  visits: whole number
  birthday: date
events:
  purchase:
    did: buy
    from: Order Completed
    has: {order_id: "code, required", total: money EUR}
""",
    "policy.yaml": """
policy: shop
time zone: Europe/Berlin
languages: en
currency: EUR
channels: {email: {reachable when: yes}, sms: {reachable when: yes}}
categories: {promotional: {consent: required}}
""",
}


def project(*identifiers: str) -> Project:
    """The shop; ``identifiers`` are what people are known by beside an id."""
    files = dict(FILES)
    if identifiers:
        files["plan.yaml"] += f"identifiers: {', '.join(identifiers)}\n"
    made = compile_project(files)
    assert made.project is not None
    return made.project


def table(path: Path, *rows: str, end: str = "\n", encoding: str = "utf-8") -> Path:
    data = end.join((*rows, "")).encode(encoding)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def lines_of_json(path: Path, records: Iterable[Mapping[str, Any]]) -> Path:
    return table(path, *(orjson.dumps(each).decode() for each in records))


def importer(
    path: Path,
    what: What = "people",
    *,
    event: str = "",
    given: Mapping[str, str] | None = None,
    encoding: str | None = None,
    zone: str = "",
    starts: bool = False,
    origin: str = "",
    identifiers: tuple[str, ...] = (),
) -> Importer:
    shop = project(*identifiers)
    found = survey(path, encoding)
    head = head_of(found)
    columns = columns_of(head, what, given or {}, shop.plan, event) if head else None
    plan = Plan(found, what, columns, event, None, zone, starts)
    return Importer(plan, shop, origin)


def brought_in(store: Store | None, path: Path, what: What = "people", **more: Any) -> Report:
    """All of a file, from where it was left."""
    made = importer(path, what, **more)
    report = Report() if store is None else made.begun(store)
    rejected = RejectedFile(path.with_name(path.name + ".rejected.ndjson"), report.line)
    return made.run(store, report, lambda: NOW, rejected)


def told(path: Path) -> Iterator[tuple[int, str]]:
    """Which lines were refused, and why."""
    beside = path.with_name(path.name + ".rejected.ndjson")
    for line in beside.read_bytes().splitlines() if beside.exists() else ():
        found = orjson.loads(line)
        yield found["line"], found["reason"]

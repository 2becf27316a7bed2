"""The works of a daemon, when something of one person's raises."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from channels.content.library import Library
from channels.memory import MemoryAdapter
from channels.services import ScriptedServices
from dsl.expr.context import Context
from dsl.project import Folder
from engine.access.links import Links
from engine.clock import SystemClock
from engine.daemon.works import Outside, Works
from engine.deploy import deploy_folder, running
from engine.logs import open_log
from engine.metrics import Metrics
from engine.runner.faults import nickname
from engine.store.memory import MemoryStore
from tests.engine.poisoned import Bug, arrivals
from tests.engine.scene import SHOP, journey

PATIENCE = 10


async def _until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():  # noqa: ASYNC110 - nobody could set an event
            await asyncio.sleep(0)


def test_all_go_on_it_is_said_and_who_begins_again_tries_once_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    build = Library.build

    def poisoned(self: Library, message: str, channel: str, context: Context, *more: Any) -> Any:
        if context.attributes.get("first_name") == "dora":
            raise Bug(str(context.attributes))
        return build(self, message, channel, context, *more)

    clock, store = SystemClock(), MemoryStore()
    sends = journey("  - {id: greeting, send: hello, to: push}")
    deploy_folder(store, Folder({**SHOP, "journeys/welcome.yaml": sends}, ()), clock.now())
    found = running(store)
    assert found is not None

    first, second = MemoryAdapter(), MemoryAdapter()

    async def live(
        adapter: MemoryAdapter, until: Callable[[], object]
    ) -> tuple[list[str], list[Any], Metrics]:
        metrics, said = Metrics(), io.StringIO()
        broken: list[Any] = []
        works = Works(
            store,
            Outside(dict.fromkeys(("email", "push", "sms"), adapter), ScriptedServices()),
            Links(b"secret", "https://shop.example"),
            clock,
            metrics,
            open_log("json", stream=said),
            lambda *why: broken.append(why),
            lambda: None,
        )
        await works.run(found)
        await _until(until)
        problems = works.problems()
        await works.stop()
        return (
            [*problems, *broken],
            [json.loads(line) for line in said.getvalue().split("\n")[:-1]],
            metrics,
        )

    def number_of(metrics: Metrics, name: str) -> float | None:
        return metrics.registry.get_sample_value(name)

    store.append([each for name in ("dora", "eve") for each in arrivals(name, clock.now())])
    with monkeypatch.context() as patch:
        patch.setattr(Library, "build", poisoned)
        problems, lines, metrics = asyncio.run(
            live(first, lambda: first.accepted and store.set_aside())
        )
    errors = [line for line in lines if line["level"] == "error"]

    assert problems == []
    assert [message.address for message in first.accepted] == ["token-eve"]
    assert [line["nicknames"] for line in errors] == [[nickname("dora")]]
    assert "dora@example.com" not in str(lines)
    assert number_of(metrics, "wayline_people_set_aside") == 1
    assert number_of(metrics, "wayline_faults_total") == 1

    problems, lines, metrics = asyncio.run(live(second, lambda: second.accepted))

    assert problems == []
    assert lines[0]["event"] == "those who were set aside are tried once more"
    assert [message.address for message in second.accepted] == ["token-dora"]
    assert store.set_aside() == []
    assert number_of(metrics, "wayline_people_set_aside") == 0

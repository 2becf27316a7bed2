"""Several ``wayline serve`` on one PostgreSQL: each does its part, and any of them may die."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import closing

import psycopg
import pytest
from segment.analytics.client import Client
from sqlalchemy import URL

from tests.postgres import address_of

from .conftest import Daemon, Launch, until
from .post_office import PostOffice

pytestmark = pytest.mark.slow

Segment = Callable[..., Client]


@pytest.fixture
def serve(launch: Launch, postgres: URL) -> Callable[..., Daemon]:
    """Starts a process on the database of this test."""

    def serve(name: str, *options: str) -> Daemon:
        daemon = launch(name)
        daemon.store_url = address_of(postgres)
        daemon.start(*(str(daemon.project) if each == "PROJECT" else each for each in options))
        return daemon

    return serve


def _order(client: Client, people: list[str]) -> None:
    for person in people:
        client.identify(person, {"email": f"{person}@example.com"}, message_id=f"i-{person}")
        client.track(
            person,
            "Order Completed",
            {"order_id": f"o-{person}", "total": 20.0},
            message_id=f"t-{person}",
        )
    client.flush()


def _letters(office: PostOffice) -> Counter[tuple[str, str]]:
    return Counter((each.to, each.subject) for each in office.letters)


def test_the_work_is_shared_and_a_worker_that_dies_is_not_missed(
    serve: Callable[..., Daemon], segment: Segment, office: PostOffice
) -> None:
    serve("dev", "--dev", "PROJECT").stop()  # deploys
    door = serve("door", "--role", "api")
    workers = [serve(f"worker {n}", "--role", "engine,dispatch") for n in range(2)]
    people = [f"p{number}" for number in range(200)]
    client = segment(door)

    _order(client, people[:100])
    office.wait_until(lambda: office.count("Thank you") >= 20)
    office.hold = "before"  # so that nobody is told, and nobody can know, that a letter was taken
    _order(client, people[100:])
    office.wait_until(lambda: office.held >= 1)
    workers[0].kill()
    office.release()
    out = {name for name in people for each in _deliveries(workers[1], name) if each == "calling"}

    # What the dead one had in its hands comes back with its lease; everything else goes on.
    def is_done() -> bool:
        letters = _letters(office)
        return all(
            letters[f"{name}@example.com", subject] == 1
            for name in people
            if name not in out
            for subject in ("Thank you", "How was it?")
        )

    until(is_done, "two letters for everybody")
    assert max(_letters(office).values()) == 1
    assert door.stop() == workers[1].stop() == 0
    assert "Traceback" not in door.errors + workers[1].errors


def _deliveries(daemon: Daemon, person: str) -> list[str]:
    with closing(daemon.store()) as store:
        return [each.status for each in store.deliveries_of(person)]


def test_a_server_that_goes_away_and_comes_back_is_waited_for(
    serve: Callable[..., Daemon], segment: Segment, office: PostOffice, postgres: URL
) -> None:
    daemon = serve("one", "--dev", "PROJECT")
    client = segment(daemon)
    _order(client, ["ada"])
    office.wait_for(2)

    name = postgres.database
    elsewhere = address_of(postgres.set(database="postgres"))
    with psycopg.connect(elsewhere, autocommit=True) as server:
        server.execute(f'alter database "{name}" with allow_connections false')
        server.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name]
        )
        until(lambda: "waiting for the store" in daemon.errors, "it to notice")
        status, said = daemon.post("/v1/track", {"userId": "bob", "event": "Signed Up"})
        assert status == 503
        assert "send it again" in said
        assert daemon.get("/readyz")[0] == 503
        assert daemon.get("/healthz")[0] == 200
        server.execute(f'alter database "{name}" with allow_connections true')

    _order(client, ["bob"])
    office.wait_for(4)
    until(lambda: "can be used again" in daemon.errors, "it to say that it is over")

    assert set(_letters(office).values()) == {1}
    assert daemon.stop() == 0
    assert "Traceback" not in daemon.errors
    assert daemon.errors.count("waiting for the store") == 1
    assert daemon.errors.count("can be used again") == 1


def test_who_takes_no_events_says_only_how_it_does(serve: Callable[..., Daemon]) -> None:
    serve("dev", "--dev", "PROJECT").stop()
    worker = serve("worker", "--role", "dispatch")

    assert worker.get("/readyz")[0] == 200
    assert worker.get("/metrics")[0] == 200
    assert worker.post("/v1/track", {"userId": "ada", "event": "Signed Up"})[0] == 404
    assert worker.stop() == 0


def test_a_file_is_not_divided(launch: Launch) -> None:
    daemon = launch()

    ended = daemon.run("--dev", str(daemon.project), "--role", "api")

    assert ended.returncode == 2
    assert "Only processes on one PostgreSQL can divide their work" in ended.stderr

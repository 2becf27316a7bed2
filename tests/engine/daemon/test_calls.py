"""``wayline serve`` asks a web service for real: with its secret, again after a failure, and again
under the same name after a SIGKILL between the question and its answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from .conftest import Daemon, Launch, until
from .help_desk import HelpDesk
from .post_office import PostOffice
from .shop import FILES

pytestmark = pytest.mark.slow

SECRET = {"WAYLINE_SECRETS_DESK_TOKEN": "open-sesame"}


@pytest.fixture
def desk() -> Iterator[HelpDesk]:
    desk = HelpDesk()
    yield desk
    desk.close()


def project(desk: HelpDesk, gives_up: str = "30 seconds") -> Mapping[str, str]:
    policy = f"""{FILES["policy.yaml"]}webhooks:
  desk:
    address: {desk.address}
    secret: DESK_TOKEN
    gives up after: {gives_up}
    returns: {{ticket: text}}
"""
    thanks = f"""{FILES["journeys/thanks.yaml"].split("steps:")[0]}steps:
  - id: ticket
    webhook: desk
    with: {{order: = trigger.order_id, total: = trigger.total}}
  - id: receipt
    send: numbered
    to: email
    with: {{ticket: = ticket.ticket or else "none"}}
"""
    numbered = """  numbered:
    inputs: {ticket: text}
    email:
      subject: {en: "Ticket {{ ticket }}"}
      blocks: [{text: {en: "We have your order."}}]
"""
    return {
        "policy.yaml": policy,
        "journeys/thanks.yaml": thanks,
        "messages.yaml": FILES["messages.yaml"] + numbered,
    }


def order(daemon: Daemon, person: str = "ada") -> None:
    address = f"{person}@example.com"
    bought = {"order_id": f"o-{person}", "total": 20.5}
    who = {"userId": person}
    calls = [
        {**who, "type": "identify", "traits": {"email": address}, "messageId": f"i-{person}"},
        {
            **who,
            "type": "track",
            "event": "Order Completed",
            "properties": bought,
            "messageId": f"t-{person}",
        },
    ]
    assert daemon.post("/v1/batch", {"batch": calls})[0] == 200


def test_a_service_is_asked_with_its_secret_and_its_answer_is_used(
    launch: Launch, office: PostOffice, desk: HelpDesk
) -> None:
    daemon = launch(changes=project(desk))
    daemon.start("--dev", str(daemon.project), environment=SECRET)
    order(daemon)
    (letter,) = office.wait_for(1)

    assert letter.subject == "Ticket T-1"
    ((key, authorization, body),) = desk.requests
    assert (key != "", authorization) == (True, "Bearer open-sesame")
    assert body == {"order": "o-ada", "total": 20.5}
    until(
        lambda: 'wayline_calls_total{outcome="answered"} 1.0' in daemon.get("/metrics")[1],
        "one answer in the metrics",
    )
    assert daemon.get("/readyz") == (200, "ready\n")
    assert daemon.stop() == 0
    assert "open-sesame" not in daemon.errors


def test_a_service_that_is_down_for_a_moment_is_asked_again(
    launch: Launch, office: PostOffice, desk: HelpDesk
) -> None:
    daemon = launch(changes=project(desk))
    desk.status = 503
    daemon.start("--dev", str(daemon.project), environment=SECRET)
    order(daemon)
    desk.wait_until(lambda: len(desk.requests) >= 2)
    desk.status = 200
    (letter,) = office.wait_for(1)

    assert letter.subject.startswith("Ticket T-")
    assert len({asked.key for asked in desk.requests}) == 1


def test_a_service_that_says_nothing_is_given_up(
    launch: Launch, office: PostOffice, desk: HelpDesk
) -> None:
    daemon = launch(changes=project(desk, "1 second"))
    desk.holds.set()
    daemon.start("--dev", str(daemon.project), environment=SECRET)
    order(daemon)
    (letter,) = office.wait_for(1)

    assert letter.subject == "Ticket none"


def test_killed_between_question_and_answer_the_same_question_is_asked_again(
    launch: Launch, office: PostOffice, desk: HelpDesk
) -> None:
    """The desk has the question and we die. The next process asks it again, with the same key."""
    daemon = launch(changes=project(desk, "5 minutes"))
    desk.holds.set()
    daemon.start("--dev", str(daemon.project), environment=SECRET)
    order(daemon)
    desk.wait_until(lambda: len(desk.requests) == 1)
    daemon.kill()
    desk.holds.clear()
    daemon.start(environment=SECRET)
    (letter,) = office.wait_for(1)

    assert letter.subject == "Ticket T-2"
    first, second = desk.requests
    assert first == second


def test_stopping_does_not_wait_for_ever_for_an_answer(
    launch: Launch, office: PostOffice, desk: HelpDesk
) -> None:
    """It is asked again by the next process."""
    daemon = launch(changes=project(desk, "5 minutes"))
    desk.holds.set()
    daemon.start("--dev", str(daemon.project), environment=SECRET)
    order(daemon)
    desk.wait_until(lambda: len(desk.requests) == 1)
    assert daemon.stop() == 0
    desk.holds.clear()
    daemon.start(environment=SECRET)
    (letter,) = office.wait_for(1)

    assert letter.subject == "Ticket T-2"
    assert len({asked.key for asked in desk.requests}) == 1


def test_a_secret_that_is_not_set_is_told_before_anything_starts(
    launch: Launch, desk: HelpDesk
) -> None:
    daemon = launch(changes=project(desk))
    ended = daemon.run("--dev", str(daemon.project))

    assert ended.returncode != 0
    assert (
        'The web service "desk" needs the secret DESK_TOKEN, which is not set: set'
        " WAYLINE_SECRETS_DESK_TOKEN, or write DESK_TOKEN" in " ".join(daemon.errors.split())
    )

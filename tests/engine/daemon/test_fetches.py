"""``wayline serve`` asks a web service just before a message leaves: with its answer, without one,
and after a SIGKILL between the question and its answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from .conftest import Daemon, Launch, until
from .help_desk import HelpDesk
from .post_office import Letter, PostOffice
from .shop import FILES

pytestmark = pytest.mark.slow

SECRET = {"WAYLINE_SECRETS_DESK_TOKEN": "open-sesame"}


@pytest.fixture
def desk() -> Iterator[HelpDesk]:
    desk = HelpDesk()
    yield desk
    desk.close()


def project(desk: HelpDesk, gives_up: str = "30 seconds") -> Mapping[str, str]:
    """The receipt has a number from the desk, or says that there is none."""
    policy = f"""{FILES["policy.yaml"]}webhooks:
  desk:
    address: {desk.address}
    secret: DESK_TOKEN
    gives up after: {gives_up}
    returns: {{ticket: text}}
"""
    modules = f"""{FILES["modules.yaml"]}  number:
    inputs: {{order: code}}
    fetch: desk
    with: {{order: = order, to: "Dear {{{{ first_name | default('customer') }}}}"}}
    show if: desk.ticket is known
    otherwise: {{use: no_number}}
    blocks: [{{text: {{en: "Your ticket is {{{{ desk.ticket }}}}."}}}}]
  no_number:
    blocks: [{{text: {{en: "There is no ticket."}}}}]
"""
    receipt = """messages:
  receipt:
    uses: journey thanks
    email:
      subject: {en: Thank you}
      blocks: [{use: number, with: {order: = trigger.order_id}}]
"""
    others = FILES["messages.yaml"].split("  review:", 1)[1]
    return {
        "policy.yaml": policy,
        "modules.yaml": modules,
        "messages.yaml": f"{receipt}  review:{others}",
    }


def order(daemon: Daemon, person: str = "ada") -> None:
    bought = {"order_id": f"o-{person}", "total": 20.5}
    who = {"userId": person}
    calls = [
        {
            **who,
            "type": "identify",
            "traits": {"email": f"{person}@example.com", "first_name": "Ada"},
            "messageId": f"i-{person}",
        },
        {
            **who,
            "type": "track",
            "event": "Order Completed",
            "properties": bought,
            "messageId": f"t-{person}",
        },
    ]
    assert daemon.post("/v1/batch", {"batch": calls})[0] == 200


def counted(daemon: Daemon, outcome: str) -> bool:
    return f'wayline_calls_total{{outcome="{outcome}"}} 1.0' in daemon.get("/metrics")[1]


def receipt(office: PostOffice) -> Letter:
    """The one receipt; a second after it, the journey asks for a review."""
    office.wait_for(2)
    (letter,) = (each for each in office.letters if each.subject == "Thank you")
    return letter


def test_the_answer_is_in_the_letter(launch: Launch, office: PostOffice, desk: HelpDesk) -> None:
    daemon = launch(changes=project(desk))
    daemon.start("--dev", str(daemon.project), environment=SECRET)
    order(daemon)
    letter = receipt(office)

    assert "Your ticket is T-1." in letter.text
    ((key, authorization, body),) = desk.requests
    assert key.endswith("/desk/0")
    assert authorization == "Bearer open-sesame"
    assert body == {"order": "o-ada", "to": "Dear Ada"}
    until(lambda: counted(daemon, "answered"), "one answer in the metrics")


@pytest.mark.parametrize("wrong", ["down", "silent"])
def test_without_an_answer_the_letter_leaves_all_the_same(
    launch: Launch, office: PostOffice, desk: HelpDesk, wrong: str
) -> None:
    """It is asked once: a message does not wait until a service is better."""
    daemon = launch(changes=project(desk, "1 second"))
    if wrong == "down":
        desk.status = 503
    else:
        desk.holds.set()
    daemon.start("--dev", str(daemon.project), environment=SECRET)
    order(daemon)
    letter = receipt(office)

    assert "There is no ticket." in letter.text
    assert len(desk.requests) == 1
    until(lambda: counted(daemon, "failed"), "one failure in the metrics")


def test_killed_while_it_asks_the_letter_leaves_once_and_whole(
    launch: Launch, office: PostOffice, desk: HelpDesk
) -> None:
    """Nothing had been handed over, so nothing is in doubt: the next process asks the same question
    again, and the letter is neither lost nor sent without its number.
    """
    daemon = launch(changes=project(desk))
    desk.holds.set()
    daemon.start("--dev", str(daemon.project), environment=SECRET)
    order(daemon)
    desk.wait_until(lambda: len(desk.requests) == 1)
    daemon.kill()
    desk.holds.clear()
    daemon.start(environment=SECRET)
    letter = receipt(office)

    assert "Your ticket is T-2." in letter.text
    first, second = desk.requests
    assert first == second

"""From a decision to what is known of who followed its links: stored, kept and folded."""

from __future__ import annotations

import asyncio
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from channels.content import Built, Destination
from channels.services import Answer, NoAnswer, ScriptedServices
from dsl.calendar import DAY, SECOND
from dsl.expr.context import Happened
from engine.core.effects import Delivery
from engine.core.scanning import BROWSER
from engine.core.signals import ReceiptArrived
from engine.dispatcher.finishing import Finisher
from engine.keeper import Keeper, keeping_of
from engine.store import open_store
from engine.store.protocol import Store
from tests.engine import fetching
from tests.engine.scene import Scene, journey

LINKS = "links: {utm: yes, measure: clicks}\nkeep: {texts: 3 days, story: 400 days}\n"
MESSAGES = """
messages:
  hello:
    email:
      subject: Hello
      blocks:
        - button: Hats
          link: https://shop.example/hats
        - button: Shoes
          link: {web: https://shop.example/shoes, app: shop://shoes}
        - use: footer
"""
SENDS = journey("  - {id: hi, send: hello, to: email}\n")
TAGS = "utm_source=email&utm_medium=promotional&utm_campaign=welcome&utm_content=hello/"
HATS = Destination(f"https://shop.example/hats?{TAGS}1")
SHOES = Destination(f"https://shop.example/shoes?{TAGS}2", "shop://shoes")


def sent(store: Store | None = None) -> tuple[Scene, Delivery]:
    """Ada got a message with two links."""
    scene = Scene(SENDS, policy=LINKS, files={"messages.yaml": MESSAGES}, store=store)
    scene.person()
    scene.event("signed_up")
    (delivery,) = scene.store.deliveries_of("ada")
    return scene, delivery


def click(
    scene: Scene, link: Destination, after: float, *, heard: float = 1.5, by: str = BROWSER
) -> ReceiptArrived:
    """As the endpoint hears of it: so many seconds after now, and told a little later."""
    (delivery,) = scene.store.deliveries_of("ada")
    occurred = scene.now + round(after * SECOND)
    name = f"{link.web} {occurred}"
    received = occurred + round(heard * SECOND)
    return ReceiptArrived(
        name, "ada", received, 0, delivery.id, "clicked", link.web, occurred, "", by
    )


def clicks(scene: Scene) -> list[tuple[str, str]]:
    """Which links were followed, and by whom."""
    happened: list[Happened] = scene.store.people(["ada"], ["message_clicked"])["ada"].history[
        "message_clicked"
    ]
    return [(each.properties["link"], each.properties["by"]) for each in happened]


def test_where_links_lead_is_stored_with_the_delivery() -> None:
    scene, delivery = sent()

    assert delivery.links == (HATS, SHOES)
    (message,) = scene.adapter.accepted
    for number in (0, 1):
        assert f"https://go.example/c/{delivery.id}/{number}" in message.parts["html"]
        assert f"https://go.example/c/{delivery.id}/{number}" in message.parts["text"]
    assert f"https://shop.example/u/{delivery.id}" in message.parts["text"]


def test_it_is_known_for_longer_than_what_the_message_said(tmp_path: Path) -> None:
    with closing(open_store(f"sqlite:///{tmp_path / 'w.db'}")) as store:
        scene, delivery = sent(store)
        scene.after(4 * DAY)
        keeper = Keeper(store)
        while keeper.run_once(keeping_of(scene.program.project), scene.now).more:
            pass
        kept = store.deliveries([delivery.id])[delivery.id]

        assert kept.parts == {}
        assert kept.links == (HATS, SHOES)


def test_a_click_tells_which_link_it_was_and_who_followed_it() -> None:
    scene, _ = sent()
    scene.store.append([click(scene, HATS, 60)])
    scene.after(61 * SECOND)

    assert clicks(scene) == []
    scene.after(SECOND)
    assert clicks(scene) == [(HATS.web, "human")]


def test_links_that_are_followed_at_once_were_followed_by_a_machine() -> None:
    scene, _ = sent()
    one, other = click(scene, HATS, 60), click(scene, SHOES, 60.7)
    scene.store.append([one, other._replace(received=one.received)])  # as the endpoint parks them
    scene.after(70 * SECOND)

    assert clicks(scene) == [(HATS.web, "machine"), (SHOES.web, "machine")]


def test_who_is_there_with_the_message_is_a_machine() -> None:
    scene, _ = sent()
    scene.store.append([click(scene, HATS, 1.9), click(scene, HATS, 4)])
    scene.after(10 * SECOND)

    assert clicks(scene) == [(HATS.web, "machine"), (HATS.web, "human")]


@pytest.mark.parametrize("answer", [fetching.PAIR, NoAnswer("down", again=False)])
def test_the_links_of_a_message_that_was_finished_later_are_those_it_has(
    answer: Answer | NoAnswer,
) -> None:
    """With the answer, or as it was decided without."""
    use = "{button: All, link: https://shop.example/all}\n        - " + fetching.USE
    told = fetching.files(use)
    services = ScriptedServices()
    services.script("reco", answer)
    scene = Scene(
        journey(fetching.STEPS), policy=fetching.POLICY + LINKS, files=told, services=services
    )
    scene.person(first_name="Ada")
    scene.event("signed_up")
    (delivery,) = scene.store.deliveries_of("ada")
    (message,) = scene.adapter.accepted

    led = [each.web.partition("?")[0] for each in delivery.links]
    found = [f"https://shop.example/p/{each}" for each in ("Green%20tea", "Pot")]
    assert led == ["https://shop.example/all", *(found if answer is fetching.PAIR else [])]
    for number in range(len(led)):
        assert f"https://go.example/c/{delivery.id}/{number}" in message.parts["html"]
    assert f"https://go.example/c/{delivery.id}/{len(led)}" not in message.parts["html"]


def test_a_message_that_cannot_be_finished_any_more_keeps_the_links_it_was_decided_with() -> None:
    use = "{button: All, link: https://shop.example/all}\n        - " + fetching.USE
    told = fetching.files(use)
    scene = Scene(journey(fetching.STEPS), policy=fetching.POLICY + LINKS, files=told)
    scene.person(first_name="Ada")
    fetching.decide(scene)
    (delivery,) = scene.store.deliveries_of("ada")
    assert delivery.unfinished is not None
    changed = replace(delivery.unfinished, mark="written anew")

    finisher = Finisher(scene.services)
    done = asyncio.run(finisher.finish(delivery, changed, scene.program, scene.now))

    assert isinstance(done.built, Built)
    assert done.built.parts == delivery.parts
    assert [each.web.partition("?")[0] for each in done.built.links] == ["https://shop.example/all"]

"""A shop whose e-mails fetch something just before they leave: the real runner and dispatcher, and
services that answer as they are told.
"""

from __future__ import annotations

from typing import Any

from channels.services import Answer, NoAnswer, ScriptedServices
from engine.core.effects import Delivery
from engine.dispatcher import Dispatched
from tests.engine.scene import Scene, journey

__all__ = [
    "MODULES",
    "PAIR",
    "POLICY",
    "STEPS",
    "STRICT",
    "USE",
    "decide",
    "files",
    "lines",
    "only",
    "stage",
    "texts",
]

POLICY = """
webhooks:
  reco:
    address: https://reco.example.com/similar
    gives up after: 1 second
    returns: {items: list of text, price: money EUR, until: date and time}
  weather: {address: "https://weather.example.com/", returns: {words: text}}
"""

MESSAGES = """
messages:
  hello: {push: {title: {en: Hello}, body: {en: Good to see you}}}
  tips:
    inputs: {product: text}
    email:
      subject: {en: "Tips for {{ first_name | default('you') }}"}
      blocks:
        - text: {en: "Dear {{ first_name | default('friend') }}"}
        - USE
        - use: footer
    push: {title: {en: Tips}, body: {en: For you}}
"""
USE = "{use: reco, with: {product: = product}}"

MODULES = """
modules:
  reco:
    inputs: {product: text}
    fetch: reco
    with: {product: = product, name: "for {{ first_name | default('you') }}", limit: 50 EUR}
    show if: count of reco.items >= 2
    otherwise: {use: best}
    blocks:
      - text: {en: "{{ first_name | default('you') }} may like {{ reco.items | join(', ') }} from {{ reco.price | default('our shop') }}"}
      - for each: item in reco.items
        at most: 2
        show: [{button: {en: "{{ item }}"}, link: "https://shop.example/p/{{ item }}"}]
  best:
    blocks: [{text: {en: Our bestsellers}}]
  strict:
    inputs: {product: text}
    fetch: reco
    with: {product: = product}
    blocks: [{text: {en: "From {{ reco.price }}"}}]
  footer:
    required in: email
    blocks: [{text: {en: "Unsubscribe: {{ unsubscribe_link }}"}}]
"""

STRICT = "{use: strict, with: {product: = product}}"
STEPS = "  - id: tips\n    send: tips\n    to first of: [email, push]\n    with: {product: tea}\n"
PAIR = Answer({"items": ["Green tea", "Pot"], "price": 12.5})


def files(use: str = USE, modules: str = MODULES) -> dict[str, str]:
    return {"messages.yaml": MESSAGES.replace("USE", use), "modules.yaml": modules}


def stage(
    *replies: Answer | NoAnswer,
    use: str = USE,
    modules: str = MODULES,
    steps: str = STEPS,
    services: ScriptedServices | None = None,
    policy: str = POLICY,
    **more: Any,
) -> Scene:
    """Ada signs up and is sent the tips; the service answers with these, one each."""
    asked = services or ScriptedServices()
    asked.script("reco", *replies)
    scene = Scene(journey(steps), policy=policy, files=files(use, modules), services=asked, **more)
    scene.person(first_name="Ada")
    return scene


def texts(scene: Scene) -> list[str]:
    return [message.parts.get("text", "push") for message in scene.adapter.accepted]


def only(scene: Scene) -> Delivery:
    (delivery,) = scene.store.deliveries_of("ada")
    return delivery


def lines(scene: Scene) -> list[str]:
    """The paragraphs of the one e-mail, but for the first and the last one."""
    (message,) = scene.adapter.accepted
    return message.parts["text"].strip().split("\n\n")[1:-1]


def decide(scene: Scene) -> None:
    """Ada signs up, and nobody hands anything over."""
    held, scene.dispatcher = scene.dispatcher, _Nobody()  # type: ignore[assignment]
    scene.event("signed_up")
    scene.dispatcher = held


class _Nobody:
    async def run_once(self, now: int) -> Any:
        return Dispatched(0, 0, 0, 0, 0, more=False)

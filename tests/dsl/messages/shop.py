"""A small shop, and its messages compiled as a project does it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dsl.compile.message_checks import check_required_modules
from dsl.compile.messages import compile_messages
from dsl.compile.policy import compile_policy, names_in
from dsl.compile.tracking_plan import compile_plan
from dsl.compile.triggers import compile_triggers, records_by_journey
from dsl.diagnostics import Diagnostic, in_order
from dsl.expr.scope import Names, Scope
from dsl.files.policy import PolicyFile
from dsl.files.reading import read
from dsl.machine import Policy
from dsl.message import Message
from dsl.plan import TrackingPlan
from dsl.project import sort_files
from dsl.render import render
from dsl.yaml import Map

PLAN = """\
tracking plan: shop
profile:
  first_name: text, personal
  country: text, required
  tier: one of silver / gold
  points: whole number
  tags: list of text
events:
  cart_updated:
    from: Cart Updated
    has:
      cart_id: text, required
      value: money EUR, required
      items:
        - product_id: text, required
          name: text, required
          price: money EUR, required
          quantity: whole number, required
          image_url: text
  signed_up:
    from: Signed Up
"""

POLICY = """\
policy: shop
time zone: Europe/Berlin
languages: {languages}
currency: EUR
channels:
  email: {{reachable when: country is known}}
  push: {{reachable when: yes}}
  sms: {{reachable when: yes}}
  whatsapp: {{reachable when: yes, free text window: 24 hours}}
categories:
  promotional: {{consent: required}}
  service: {{consent: not needed, because: They have ordered something}}
webhooks:
  recommend:
    address: https://reco.example.com/similar
    returns: {{title: text, items: list of text, price: money EUR}}
  quiet: {{address: https://quiet.example.com/}}
"""

JOURNEY = "journey: cart_abandonment\ntrigger: {event: cart_updated}\n"
OTHER = "journey: welcome\ntrigger: {event: signed_up}\n"


@dataclass(frozen=True)
class Made:
    """What became of the messages."""

    messages: Mapping[str, Message]
    diagnostics: list[Diagnostic]
    files: Mapping[str, str]
    nodes: list[Map]
    modules: list[Map]
    plan: TrackingPlan
    policy: Policy

    @property
    def codes(self) -> list[str]:
        return [each.code for each in in_order(self.diagnostics)]

    @property
    def words(self) -> list[str]:
        return [f"{each.code} {each.message}" for each in in_order(self.diagnostics)]

    @property
    def said(self) -> str:
        return render(self.diagnostics, self.files)

    def check_sent(self, category: str) -> list[str]:
        """What is wrong with the required modules if all messages are sent in ``category``."""
        found: list[Diagnostic] = []
        sent = dict.fromkeys(self.messages, frozenset({category}))
        check_required_modules(self.nodes, self.modules, self.messages, sent, self.policy, found)
        return render(found, self.files).split("\n") if found else []


def shop(
    messages: str,
    modules: str = "",
    *,
    languages: str = "en",
    path: str = "messages.yaml",
    more: Mapping[str, str] | None = None,
) -> Made:
    """The messages in this text, with these modules; nothing else is wrong."""
    files = {
        "journeys/cart.yaml": JOURNEY,
        "journeys/welcome.yaml": OTHER,
        path: messages,
        "modules.yaml": modules,
        "policy.yaml": POLICY.format(languages=languages),
        "tracking_plan.yaml": PLAN,
        **(more or {}),
    }
    files = {name: text for name, text in files.items() if text}
    found: list[Diagnostic] = []
    sorted_files = sort_files(files, found)
    plan = compile_plan(sorted_files.of("tracking plan")[0], found)
    policy_file = read(PolicyFile, sorted_files.of("policy")[0], "a policy", found)
    assert policy_file is not None
    names = Names(
        journeys=frozenset({"cart_abandonment", "welcome", "broken"}),
        channels=names_in(policy_file.channels),
        categories=names_in(policy_file.categories),
    )
    scope = Scope(plan, names)
    policy = compile_policy(policy_file, scope, found)
    triggers = {
        str(node.get("journey")): compile_triggers(node.get("trigger"), scope, found)
        for node in sorted_files.of("journey")
    }
    assert found == [], render(found, files)
    nodes, module_nodes = sorted_files.of("message", "messages"), sorted_files.of("modules")
    made = compile_messages(nodes, module_nodes, scope, policy, records_by_journey(triggers), found)
    return Made(made, found, files, nodes, module_nodes, plan, policy)

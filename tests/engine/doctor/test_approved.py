"""What a provider has taken back, or moved elsewhere, is said where the project uses it."""

from __future__ import annotations

import pytest

from channels.receipts import Approval
from engine.dispatcher.approvals import Approvals
from engine.doctor.channels import approved
from engine.store.memory import MemoryStore
from tests.engine.scene import SHOP, compiled

NOW = 1_772_366_400_000_000
PAUSED = Approval("whatsapp", "hello", "en", NOW, usable=False, why="paused: low quality")
MARKETING = Approval("whatsapp", "hello", "en", NOW, category="marketing")
NOW_IS = 'The approved template "hello" (en) is marketing now'
DECLARED = (
    "  whatsapp:\n"
    "    reachable when: yes\n"
    "    approved templates:\n"
    "      hello: {category: CATEGORY, body: {en: Hello}}\n"
)


def says(*approvals: Approval, declared: str = "") -> list[str]:
    channel = DECLARED.replace("CATEGORY", declared) if declared else "  whatsapp:\n"
    project = compiled(
        {
            **SHOP,
            "policy.yaml": SHOP["policy.yaml"].replace("  sms: {", f"{channel}  sms: {{"),
            "messages.yaml": SHOP["messages.yaml"].replace(
                "    sms: {text: {en: Hello from the shop}}\n",
                "    sms: {text: {en: Hello from the shop}}\n"
                "    whatsapp: {approved template: hello, text: Hello}\n",
                1,
            ),
        }
    )
    store = MemoryStore()
    Approvals(store.gates).keep(approvals, NOW)
    found = approved(store, project, NOW)
    assert all(each.level == "problem" and each.fix for each in found)
    return [each.says for each in found]


@pytest.mark.parametrize(
    ("approval", "declared", "found"),
    [
        (PAUSED, "", ['The approved template "hello" (en) is paused: low quality.']),
        (PAUSED._replace(name="goodbye"), "", []),  # nobody sends it
        (MARKETING, "utility", [f"{NOW_IS}, and the policy has it as utility."]),
        (MARKETING, "marketing", []),
        (MARKETING, "", [f"{NOW_IS}, and the policy does not say so."]),
    ],
)
def test_what_is_said_of_a_template(approval: Approval, declared: str, found: list[str]) -> None:
    assert says(approval, declared=declared) == found


def test_nothing_is_said_of_what_is_well() -> None:
    back = PAUSED._replace(occurred=NOW + 1, usable=True, why="")

    assert says() == says(PAUSED, back) == []

"""The table of replies: whole, and read in the right order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email.replies import after_the_dot, queue_name, refusal
from channels.email.smtp_codes import AS_OF, BASIC, CODES, PERMANENT, Stage
from channels.outcome import Accepted, FailureClass, RateLimited, Rejected

# The last detail of each subject in the registry; the subjects count from 0 or 1 without a gap.
REGISTERED = {1: 10, 2: 4, 3: 6, 4: 7, 5: 6, 6: 10, 7: 30}


def test_every_registered_code_is_judged() -> None:
    registered = {f"{subject}.{n}" for subject, last in REGISTERED.items() for n in range(last + 1)}

    assert set(PERMANENT) == registered | {"7.509", "7.515"}  # and two of Outlook's
    assert {f"5.{detail}" for detail in PERMANENT} == set(CODES)
    assert AS_OF == "2024-12"


def test_every_stage_has_an_answer_to_any_permanent_code() -> None:
    assert all(0 in BASIC[stage] for stage in Stage)


@pytest.mark.parametrize("detail", sorted(PERMANENT))
@pytest.mark.parametrize("stage", list(Stage))
def test_policy_and_reputation_never_suppress_an_address(stage: Stage, detail: str) -> None:
    outcome = refusal(stage, 550, f"5.{detail} no")

    assert isinstance(outcome, Rejected)
    if detail.startswith("7.") and detail not in ("7.17", "7.18"):
        assert outcome.failure is not FailureClass.PERMANENT_RECIPIENT
    if stage in (Stage.CONNECT, Stage.AUTH, Stage.SENDER):
        assert outcome.failure is not FailureClass.PERMANENT_RECIPIENT


@pytest.mark.parametrize(
    ("stage", "code", "text", "failure"),
    [
        (Stage.RECIPIENT, 550, "5.1.10 null MX", FailureClass.PERMANENT_RECIPIENT),
        (Stage.RECIPIENT, 550, "5.1.100 invented", FailureClass.PERMANENT_RECIPIENT),
        (Stage.RECIPIENT, 550, "5.7.606 banned", FailureClass.PERMANENT_CONFIG),
        (Stage.RECIPIENT, 550, "4.2.1 enhanced code first", FailureClass.TRANSIENT),
        (Stage.RECIPIENT, 450, "5.1.1 enhanced code first", FailureClass.PERMANENT_RECIPIENT),
        (Stage.RECIPIENT, 550, "2.1.5 nonsense", FailureClass.PERMANENT_RECIPIENT),
        (Stage.RECIPIENT, 550, "5.1.1.1 an address, no code", FailureClass.PERMANENT_RECIPIENT),
        (Stage.RECIPIENT, 530, "authenticate first", FailureClass.PERMANENT_CONFIG),
        (Stage.RECIPIENT, 452, "4.5.3 too many recipients", FailureClass.TRANSIENT),
        (Stage.RECIPIENT, 554, "denied", FailureClass.POLICY_BLOCKED),
        (Stage.RECIPIENT, 550, "rejected: DMARC policy", FailureClass.PERMANENT_CONFIG),
        (Stage.RECIPIENT, 550, "SPF check failed", FailureClass.PERMANENT_CONFIG),
        (Stage.RECIPIENT, 550, "5.1.0 sender denied by dmarc", FailureClass.PERMANENT_CONFIG),
        (Stage.RECIPIENT, 550, "blocked using zen.spamhaus.org", FailureClass.POLICY_BLOCKED),
        (Stage.RECIPIENT, 553, "in my badmailfrom list", FailureClass.POLICY_BLOCKED),
        (Stage.RECIPIENT, 550, "<spf@example.com>: unknown", FailureClass.PERMANENT_RECIPIENT),
        (Stage.RECIPIENT, 550, "5.1.1 no such user; SPF pass", FailureClass.PERMANENT_RECIPIENT),
        (Stage.DATA, 550, "5.7.515 bulk", FailureClass.PERMANENT_CONFIG),
        (Stage.DATA, 552, "", FailureClass.PERMANENT_CONTENT),
        (Stage.DATA, 503, "", FailureClass.PERMANENT_CONFIG),
        (Stage.SENDER, 552, "", FailureClass.PERMANENT_CONTENT),
        (Stage.SENDER, 550, "5.1.1 who?", FailureClass.PERMANENT_CONFIG),
        (Stage.AUTH, 535, "5.7.8 wrong", FailureClass.PERMANENT_CONFIG),
        (Stage.AUTH, 454, "4.7.0 later", FailureClass.TRANSIENT),
        (Stage.CONNECT, 421, "4.7.0 later", FailureClass.TRANSIENT),
        (Stage.DATA, -1, "", FailureClass.TRANSIENT),
    ],
)
def test_replies_are_judged(stage: Stage, code: int, text: str, failure: FailureClass) -> None:
    outcome = refusal(stage, code, text)

    assert isinstance(outcome, Rejected)
    assert failure is outcome.failure


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("2.0.0 Ok: queued as 4Xk9Wz1bz1", "4Xk9Wz1bz1"),
        ("2.6.0 <d1@shop.example> queued as 7", "7"),
        ("Ok 0100019-aaaa-bbbb-cccc-000000", "0100019-aaaa-bbbb-cccc-000000"),
        ("2.0.0 OK 1234567890abcdef1234", "1234567890abcdef1234"),
        ("2.0.0 message accepted", None),
        ("", None),
    ],
)
def test_the_servers_name_for_a_message_is_found(text: str, name: str | None) -> None:
    assert name == queue_name(text)


@given(st.sampled_from(list(Stage)), st.integers(-1, 999), st.text(st.characters(codec=None)))
def test_any_reply_has_an_outcome_that_can_be_stored(stage: Stage, code: int, text: str) -> None:
    refused = refusal(stage, code, text)
    final = after_the_dot(code, text, "ours")

    assert isinstance(refused, Rejected | RateLimited)
    refused.reason.encode()
    assert len(refused.reason) <= 310
    assert isinstance(final, Accepted) == (200 <= code <= 299)

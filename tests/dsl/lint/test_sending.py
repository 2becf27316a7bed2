"""Messages that expire, are capped, or meet a closed window."""

from __future__ import annotations

import pytest

from dsl.render import render
from tests.dsl.projects import MESSAGES, POLICY, compile_small, complaints

QUIET = POLICY + "quiet hours:\n  - {on: 'push, sms', from: '21:00 to 08:00'}\nwhen quiet: wait\n"
PROMOTIONAL = "journey: first\ncategory: promotional\ntrigger: {event: purchase}\n"


def told(rest: str, **changed: str) -> list[tuple[str, int, int, str]]:
    return complaints(rest, **changed)


def codes(rest: str, **changed: str) -> list[str]:
    return [one[0] for one in complaints(rest, **changed)]


# -------------------------------------------------------------------------- W110, W111, W155


def send(expires: str = "6 hours", to: str = "push") -> str:
    return f"{PROMOTIONAL}steps:\n  - {{id: hi, send: hello, to: {to}, expires after: {expires}}}\n"


def test_w110_a_message_that_expires_at_night() -> None:
    compiled = compile_small(journey=send(), policy=QUIET)

    assert (
        render(compiled.diagnostics, compiled.sources)
        == """\
warning W110  journey.yaml:5:37
  This message expires after 6 hours, but quiet hours last 11 hours: whoever gets here at night gets nothing.

    5 |   - {id: hi, send: hello, to: push, expires after: 6 hours}
      |                                     ^^^^^^^^^^^^^
  Hint: Use at least 12 hours, or add e-mail, which has no quiet hours.
"""
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"journey": send("12 hours")},
        {"journey": send(to="email")},
        {"journey": send().replace("to: push", "to first of: [push, email]")},
        {"journey": send().replace("promotional", "service")},
        {"policy": QUIET.replace("when quiet: wait", "when quiet: skip")},
        {"policy": POLICY},
    ],
)
def test_a_message_that_lives_through_the_night_is_not_told(changed: dict[str, str]) -> None:
    files = {"journey": send(), "policy": QUIET, **changed}

    assert "W110" not in codes("", **files)


def chain(*waits: str, head: str = "") -> str:
    steps = "  - {id: m, send: hello, to: push}\n"
    for number, wait in enumerate(waits):
        steps += f"  - {{id: w{number}, wait: {wait}}}\n"
        steps += f"  - {{id: m{number}, send: hello, to: push}}\n"
    return f"{PROMOTIONAL}{head}steps:\n{steps}"


CAPPED = POLICY + "frequency caps: 2 per 7 days about promotional\n"


def test_w111_more_than_the_policy_allows() -> None:
    compiled = compile_small(journey=chain("1 day", "1 day", "8 days"), policy=CAPPED)

    assert (
        render(compiled.diagnostics, compiled.sources)
        == """\
warning W111  journey.yaml:4:1
  This journey can send 3 promotional messages within 2 days, but policy.yaml allows 2 per 7 days.

    4 | steps:
      | ^^^^^
  Hint: The third one will always be skipped as "capped".
"""
    )


@pytest.mark.parametrize(
    ("journey", "policy"),
    [
        (chain("4 days", "4 days"), CAPPED),
        (chain("1 day", "1 day", head="frequency caps: 2 per 7 days\n"), CAPPED),
        (chain("1 day", "1 day").replace("promotional", "service"), CAPPED),
        (chain("1 day", "1 day"), CAPPED.replace("2 per", "3 per")),
    ],
)
def test_what_stays_below_the_cap_is_not_told(journey: str, policy: str) -> None:
    assert codes("", journey=journey, policy=policy) == []


def test_the_longest_way_counts_and_no_two_ways_together() -> None:
    branches = """\
steps:
  - if: points > 3
    then:
      - {id: a, send: hello, to: push}
      - {id: b, send: hello, to: push}
    else:
      - {id: c, send: hello, to: push}
"""

    assert codes("", journey=PROMOTIONAL + branches, policy=CAPPED) == []
    assert codes(
        "", journey=f"{PROMOTIONAL}{branches}  - {{id: d, send: hello, to: push}}\n", policy=CAPPED
    ) == ["W111"]


HELLO = "steps:\n  - {id: hi, send: hello, to: push}\n"
IGNORED = POLICY.replace("frequency caps, quiet", "holdout, frequency caps, quiet")


def test_w156_a_holdout_that_holds_nobody_out() -> None:
    (found,) = compile_small(f"holdout: 10%\n{HELLO}", policy=IGNORED).diagnostics

    assert (found.code, found.span.line, found.span.column, found.span.width) == ("W156", 4, 1, 7)
    assert found.message == 'This holds nobody out: the category "service" ignores holdouts.'


def test_a_holdout_that_is_drawn_is_not_told() -> None:
    assert codes(f"holdout: 10%\n{HELLO}") == []
    assert codes(f"holdout: 0%\n{HELLO}", policy=IGNORED) == []
    assert codes(HELLO, policy=IGNORED) == []


def test_w155_a_cap_that_never_matters() -> None:
    caps = "frequency caps:\n  - 1 per day on push\n  - 1 per 7 days on push\n"
    compiled = compile_small(policy=POLICY + caps)
    (found,) = compiled.diagnostics

    assert (found.code, found.span.line, found.span.column, found.span.width) == ("W155", 13, 5, 17)
    assert found.message == '"1 per day on push" never matters: "1 per 7 days on push" is stricter.'


@pytest.mark.parametrize(
    "caps",
    [
        ["1 per day on push", "2 per 7 days on push"],
        ["1 per day on push", "1 per 7 days on sms"],
        ["1 per 7 days on push", "2 per 7 days"],
        ["1 per 24 hours", "1 per week"],
        ["4 per 7 days about promotional", "8 per 7 days"],
    ],
)
def test_caps_that_matter_are_not_told(caps: list[str]) -> None:
    policy = POLICY + "frequency caps:\n" + "".join(f"  - {cap}\n" for cap in caps)

    assert [one.code for one in compile_small(policy=policy).diagnostics] == []


# -------------------------------------------------------------------------------------- W113

WHATSAPP_POLICY = POLICY.replace("  sms:\n", "  sms:\n  whatsapp: {free text window: 24 hours}\n")
WHATSAPP = (
    MESSAGES
    + """\
  free:
    whatsapp: {text: Hello}
    sms: {text: Hello}
  approved:
    whatsapp: {approved template: hello_1, text: Hello}
"""
)


def window(rest: str) -> list[tuple[str, int]]:
    found = told(rest, policy=WHATSAPP_POLICY, messages=WHATSAPP)
    return [(code, line) for code, line, *_ in found]


def test_w113_free_text_where_nobody_may_have_written() -> None:
    rest = "steps:\n  - {id: hi, send: free, to: whatsapp}\n"
    found = told(rest, policy=WHATSAPP_POLICY, messages=WHATSAPP)

    assert found == [
        (
            "W113",
            2,
            20,
            'The WhatsApp window may be closed here, and "free" has no approved template.',
        )
    ]


@pytest.mark.parametrize(
    "steps",
    [
        "- {id: hi, send: approved, to: whatsapp}",
        "- {id: hi, send: free, to: sms}",
        "- {id: hi, send: free, to first of: [whatsapp, sms]}",
        "- {id: hi, send: free, to first of: [whatsapp if whatsapp window is open]}",
        "- {if: whatsapp window is open, then: [{id: hi, send: free, to: whatsapp}]}",
        """- id: reply
    wait for: message_replied
    where: channel is "whatsapp"
    at most: 1 day
    then: [{id: hi, send: free, to: whatsapp}]""",
    ],
)
def test_a_window_that_is_open_is_not_told(steps: str) -> None:
    assert window(f"steps:\n  {steps}\n") == []


@pytest.mark.parametrize(
    "steps",
    [
        """- if: whatsapp window is open
    then: [{id: w, wait: 2 days}, {id: hi, send: free, to: whatsapp}]""",
        "- {if: whatsapp window is open, then: [{stop: x}]}\n  - {id: hi, send: free, to: whatsapp}",
        """- id: reply
    wait for: message_replied
    at most: 1 day
    then: [{id: hi, send: free, to: whatsapp}]""",
    ],
)
def test_a_window_that_may_have_closed_is_told(steps: str) -> None:
    assert [code for code, _ in window(f"steps:\n  {steps}\n")] == ["W113"]

"""Web services of the policy: what compiles, and what an author is told instead."""

from __future__ import annotations

import pytest

from dsl.calendar import SECOND, Duration
from dsl.compiler import compile_project
from dsl.kinds import ListOf, Text, Whole
from dsl.machine import Service
from tests.dsl.projects import POLICY, complaints, small_files


def service(part: str) -> Service:
    files = small_files(policy=f"{POLICY}webhooks:\n  crm: {part}\n")
    compiled = compile_project(files)
    assert compiled.project is not None, compiled.diagnostics
    return compiled.project.policy.services["crm"]


def told(part: str, name: str = "crm") -> list[tuple[str, str, str | None]]:
    files = small_files(policy=f"{POLICY}webhooks:\n  {name}: {part}\n")
    return [(one.code, one.message, one.hint) for one in compile_project(files).diagnostics]


def test_a_service_has_all_that_is_written() -> None:
    made = service(
        "{address: https://crm.example.com:8443/tasks?v=2, secret: CRM_TOKEN,"
        " gives up after: 30 seconds, returns: {ticket: text, scores: list of whole number}}"
    )

    assert made == Service(
        name="crm",
        address="https://crm.example.com:8443/tasks?v=2",
        secret="CRM_TOKEN",
        gives_up_after=Duration(micros=30 * SECOND),
        returns={"ticket": Text(), "scores": ListOf(Whole())},
    )


def test_an_address_is_enough() -> None:
    made = service("{address: https://crm.example.com}")

    assert made == Service("crm", "https://crm.example.com", "", Duration(micros=10 * SECOND), {})


@pytest.mark.parametrize(
    "address",
    ["http://localhost:8080/x", "http://127.0.0.1/x", "http://127.8.8.8/x", "http://[::1]:9/x"],
)
def test_this_machine_may_be_asked_in_the_clear(address: str) -> None:
    assert service(f'{{address: "{address}"}}').address == address


NO_ADDRESS = "This is not the address of a web service."


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("crm.example.com/tasks", NO_ADDRESS),
        ("/tasks", NO_ADDRESS),
        ("ftp://crm.example.com", NO_ADDRESS),
        ("https://", NO_ADDRESS),
        ("https:///tasks", NO_ADDRESS),
        ("https://crm.example.com:many/", NO_ADDRESS),
        ("https://crm.example.com:99999/", NO_ADDRESS),
        ("https://crm.example.com/a b", NO_ADDRESS),
        ("https://crm.exämple.com/", NO_ADDRESS),
        ("https://[::1/", NO_ADDRESS),
        (f"https://crm.example.com/{'a' * 2000}", NO_ADDRESS),
        (
            "https://me:key@crm.example.com",
            "A user or a password does not belong into an address.",
        ),
        ("https://key@crm.example.com", "A user or a password does not belong into an address."),
        ("https://crm.example.com/#a", 'What stands behind "#" is never sent to a web service.'),
        (
            "http://crm.example.com/",
            "Everybody on the way can read what is sent to this address.",
        ),
        ("http://10.0.0.8/", "Everybody on the way can read what is sent to this address."),
        (
            "http://localhost.example.com/",
            "Everybody on the way can read what is sent to this address.",
        ),
    ],
)
def test_an_address_that_cannot_be_used_is_told(address: str, message: str) -> None:
    assert [(one[0], one[1]) for one in told(f'{{address: "{address}"}}')] == [("S20", message)]


def test_what_to_write_instead_of_an_open_address() -> None:
    (finding,) = told("{address: http://crm.example.com/tasks?v=2}")

    assert finding[2] == "Write https://crm.example.com/tasks?v=2"


@pytest.mark.parametrize(
    ("part", "codes"),
    [
        ("{secret: CRM_TOKEN}", ["S07"]),
        ("", ["S08"]),
        ("https://crm.example.com", ["S08"]),
        ("{address: https://a.example, adress: https://b.example}", ["S04"]),
        ("{address: https://a.example, secret: s3cr3t-key!}", ["S10"]),
        ("{address: https://a.example, gives up after: 6 minutes}", ["S10"]),
        ("{address: https://a.example, gives up after: 1 day}", ["S10"]),
        ("{address: https://a.example, gives up after: 0 seconds}", ["S10"]),
        ("{address: https://a.example, gives up after: soon}", ["T13"]),
        ("{address: https://a.example, returns: {ticket: string}}", ["T10"]),
        ("{address: https://a.example, returns: {the ticket: text}}", ["S13"]),
        ("{address: https://a.example, returns: [ticket]}", ["S08"]),
    ],
)
def test_a_mistake_in_a_service_has_its_code(part: str, codes: list[str]) -> None:
    assert [one[0] for one in told(part)] == codes


def test_the_secret_itself_is_not_repeated() -> None:
    (finding,) = told("{address: https://a.example, secret: s3cr3t-key!}")

    assert "s3cr3t" not in f"{finding[1]} {finding[2]}"


def test_a_service_has_a_name_that_can_be_used() -> None:
    assert [one[0] for one in told("{address: https://a.example}", "my crm")] == ["S13"]


def test_a_mistake_stands_where_it_was_made() -> None:
    policy = f"{POLICY}webhooks:\n  crm:\n    address: http://crm.example.com\n"
    ((code, line, column, _),) = complaints(policy=policy)

    assert (code, line, column) == ("S20", len(policy.splitlines()), 14)

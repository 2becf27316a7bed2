"""What tells operators how the daemon is."""

from __future__ import annotations

from .conftest import Api, Start


def test_a_living_daemon_says_so(api: Api) -> None:
    assert (api.get("/healthz").status, api.get("/healthz").body) == (200, b"ok\n")


def test_a_ready_daemon_says_so(api: Api) -> None:
    assert api.get("/readyz").status == 200


def test_a_daemon_that_is_not_ready_says_why(api: Api) -> None:
    api.problems = ["The store cannot be written.", "The runner has stopped."]
    answer = api.get("/readyz")

    assert answer.status == 503
    assert answer.error == "The store cannot be written. The runner has stopped."


def test_a_daemon_without_a_project_is_not_ready(start: Start) -> None:
    assert start(deployed=False).get("/readyz").error == "No project is deployed."


def test_requests_are_counted_by_route_and_not_by_address(api: Api) -> None:
    api.get("/unsubscribe/secret-token")
    api.get("/nowhere")
    answer = api.get("/metrics")

    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    text = answer.body.decode()
    assert 'wayline_http_requests_total{route="/unsubscribe/{token}",status="404"} 1.0' in text
    assert 'wayline_http_requests_total{route="other",status="404"} 1.0' in text
    assert "secret-token" not in text


def test_two_daemons_in_one_process_count_apart(start: Start) -> None:
    one, other = start(), start()
    one.get("/healthz")

    assert b'route="/healthz"' in one.get("/metrics").body
    assert b'route="/healthz"' not in other.get("/metrics").body


def test_unknown_addresses_and_methods_are_problems_too(api: Api) -> None:
    assert api.get("/nowhere").error == "There is nothing at this address."
    answer = api.get("/v1/track")
    assert (answer.status, answer.error) == (405, "GET is not possible at this address.")
    assert answer.headers["allow"] == "POST"

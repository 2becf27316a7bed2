"""Journeys and runs, over HTTP."""

from __future__ import annotations

from pathlib import Path

from dsl.calendar import DAY
from engine.store import open_store
from engine.store.memory import MemoryStore

from .conftest import Open, Shop


def test_journeys_are_told_with_their_source_and_who_is_in_them(shop: Shop) -> None:
    listed = {each["name"]: each for each in shop.get("/v1/journeys")["items"]}
    welcome = shop.get("/v1/journeys/welcome")

    assert listed["delayed"]["starts"] == ["api"]
    assert listed["delayed"]["inputs"] == ["percent"]
    assert listed["welcome"] == {name: welcome[name] for name in listed["welcome"]}
    assert welcome["file"] == "journeys/0.yaml"
    assert welcome["source"].startswith("journey: welcome\n")
    assert "Steps:" in welcome["explanation"]
    assert [(each["step"], each["people"]) for each in welcome["inside"]] == [("pause", 1)]
    assert shop.ask("GET", "/v1/journeys/wellcome").status_code == 404


def test_runs_are_found_by_person_and_by_journey(shop: Shop) -> None:
    shop.scene.event("signed_up")
    shop.scene.after(DAY)
    shop.scene.event("signed_up")
    runs = [each for page in shop.pages("/v1/people/ada/runs", 1) for each in page]

    assert [each["journey"] for each in runs] == ["welcome"] * len(runs)
    assert sorted((each["entered"] for each in runs), reverse=True) == [e["entered"] for e in runs]
    of_journey = shop.get("/v1/journeys/welcome/runs")["items"]
    assert {each["id"] for each in of_journey} == {each["id"] for each in runs}
    assert shop.get("/v1/journeys/delayed/runs")["items"] == []
    one = shop.get(f"/v1/people/ada/runs/{runs[0]['id']}")
    assert (one, one["step"], one["trigger"]) == (runs[0], "pause", "signed_up")
    assert shop.ask("GET", f"/v1/people/bob/runs/{one['id']}").status_code == 404


def test_runs_of_a_journey_are_told_apart_by_how_they_stand(shop: Shop) -> None:
    shop.scene.after(4 * DAY)
    shop.scene.event("signed_up")

    for status, count in (("live", 1), ("closed", 1), ("watched", 0)):
        found = shop.get(f"/v1/journeys/welcome/runs?status={status}")["items"]
        assert [each["status"] for each in found] == [status] * count
    (over,) = shop.get("/v1/journeys/welcome/runs?status=closed")["items"]
    assert (over["outcome"], over["outcome_words"]) == ("end", "went through to the end")


def test_a_call_lets_somebody_in_once_however_often_it_is_made(shop: Shop) -> None:
    wanted = {"person": "ada", "inputs": {"percent": 20}}
    named = {"idempotency-key": "order-17"}
    first = shop.ask("POST", "/v1/journeys/delayed/runs", wanted, headers=named)
    again = shop.ask("POST", "/v1/journeys/delayed/runs", wanted, headers=named)
    shop.scene.settle()

    assert (first.status_code, first.json()["repeated"]) == (202, False)
    assert (again.status_code, again.json()["repeated"]) == (202, True)
    assert first.json()["id"] == again.json()["id"]
    sent = shop.get("/v1/people/ada/deliveries")["items"][0]
    assert sent["parts"]["subject"] == "20 % off"
    assert len(shop.get("/v1/journeys/delayed/runs")["items"]) == 1


def test_another_call_under_a_key_that_was_used_is_refused_and_does_nothing(
    open_shop: Open, tmp_path: Path
) -> None:
    for store in (MemoryStore(), open_store(f"sqlite:///{tmp_path / 'wayline.db'}")):
        shop = open_shop(store)
        shop.scene.person("ada")
        named = {"idempotency-key": "order-17"}
        answers = []
        for percent in (20, 30, 20):
            body = {"person": "ada", "inputs": {"percent": percent}}
            path = "/v1/journeys/delayed/runs"
            answers.append(shop.ask("POST", path, body, headers=named))
            shop.scene.settle()
        _, answer, repeated = answers

        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"].startswith("This Idempotency-Key was used for another")
        assert (repeated.status_code, repeated.json()["repeated"]) == (202, True)
        assert len(shop.get("/v1/journeys/delayed/runs")["items"]) == 1
        store.close()


def test_a_call_that_cannot_work_says_what_to_give(shop: Shop) -> None:
    def refused(journey: str, body: object) -> tuple[int, str]:
        answer = shop.ask("POST", f"/v1/journeys/{journey}/runs", body)
        return answer.status_code, answer.json()["detail"]

    assert refused("welcome", {"person": "ada"})[0] == 404
    assert refused("delayed", {"person": "ada"}) == (400, '"percent" is required, but is missing.')
    assert refused("delayed", {"person": "ada", "inputs": {"per_cent": 1}})[1] == (
        '"delayed" has no input "per_cent". Did you mean "percent"?'
    )
    assert refused("delayed", {"inputs": {}}) == (400, '"person" is missing.')
    assert refused("delayed", {"persona": "ada", "person": "x"})[1] == (
        'There is no field "persona". Did you mean "person"?'
    )


def test_somebody_is_taken_out_of_one_run(shop: Shop) -> None:
    (run,) = shop.get("/v1/people/ada/runs")["items"]
    path = f"/v1/people/ada/runs/{run['id']}"
    first, again = shop.ask("DELETE", path), shop.ask("DELETE", path)
    shop.scene.settle()

    assert (first.status_code, first.json()["repeated"]) == (202, False)
    assert (again.status_code, again.json()) == (202, {**first.json(), "repeated": True})
    left = shop.get(path)
    assert (left["status"], left["outcome"]) == ("closed", "taken out")
    assert left["outcome_words"] == "taken out by hand"
    assert "left welcome: taken out by hand (anybody)" in shop.get("/v1/people/ada/why")["text"]
    told = shop.get("/v1/audit?person=ada")["items"]
    assert [each["about"] for each in told if each["what"] == "take_out"] == [
        {"run": run["id"]}
    ] * 2
    assert shop.ask("DELETE", f"/v1/people/bob/runs/{run['id']}").status_code == 404
    assert shop.ask("DELETE", "/v1/people/eve/runs/x").status_code == 404

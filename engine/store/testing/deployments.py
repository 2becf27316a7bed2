"""Versions of the project, rounds through everybody, and how many people are where."""

from __future__ import annotations

from engine.core.profile import Profile
from engine.store.protocol import Changes, Deployment, Residence, Store
from engine.store.testing.samples import commit, event, run

__all__ = ["TestDeployments"]


def version(name: str, at: int = 10) -> Deployment:
    return Deployment(name, at, {"policy.yaml": f"policy: {name}\n", "journeys/a.yaml": "Zoë"})


class TestDeployments:
    """What runs, what ran before, and who must be looked at because of it."""

    def test_the_project_deployed_last_is_the_current_one(self, store: Store) -> None:
        first, second = version("1"), Deployment("2", 20, {})

        assert store.deployed() is None
        assert store.deploy(first) == "deployed"
        assert store.deployed() == first._replace(number=1)
        store.deploy(second)
        assert store.deployed() == second._replace(number=2)
        store.deploy(first)
        assert store.deployed() == first._replace(number=3)

    def test_a_deployment_is_kept_as_it_was_given(self, store: Store) -> None:
        files = {"a.yaml": "journey: a\n"}
        store.deploy(Deployment("1", 10, files, 0, {"a": "v1"}, ("a is new",)))
        files["b.yaml"] = "journey: b\n"

        deployed = store.deployed()

        assert deployed == Deployment(
            "1", 10, {"a.yaml": "journey: a\n"}, 1, {"a": "v1"}, ("a is new",)
        )

    def test_every_version_is_remembered(self, store: Store) -> None:
        for name in ("one", "two", "one"):
            store.deploy(version(name))

        assert [(each.number, each.version) for each in store.deployments()] == [
            (1, "one"),
            (2, "two"),
            (3, "one"),
        ]
        assert {len(each.files) for each in store.deployments()} == {0}
        assert store.deployment(2) == version("two")._replace(number=2)
        assert store.deployment(4) is None
        assert store.deployment(0) is None

    def test_a_plan_made_for_another_version_is_refused(self, store: Store) -> None:
        """Two plans for the same version: the second one would undo what nobody has seen."""
        assert store.deploy(version("1"), onto=0) == "deployed"
        assert store.deploy(version("2"), onto=0) == "overtaken"
        assert store.deploy(version("3"), onto=2) == "overtaken"
        assert store.deploy(version("2"), onto=1) == "deployed"
        assert [each.version for each in store.deployments()] == ["1", "2"]

    def test_a_step_that_must_be_empty_stops_a_deploy(self, store: Store) -> None:
        commit(store, Changes(runs=[run("r1")._replace(state="nudge")]), ["ada"])
        nudge = Residence("welcome", "1", "nudge")

        assert store.deploy(version("1"), empty=[nudge]) == "occupied"
        assert store.deployed() is None
        assert store.deploy(version("1"), empty=[nudge._replace(state="hello")]) == "deployed"

    def test_people_are_counted_where_they_are(self, store: Store) -> None:
        here = run("r1")._replace(state="nudge")
        commit(
            store,
            Changes(
                runs=[
                    here,
                    here._replace(id="r2", key="other"),
                    run("r3", "bob")._replace(state="nudge"),
                    run("r4", "eve")._replace(state="nudge", version="2"),
                    run("r5", "joe")._replace(arm="holdout"),
                    run("r6", "kim")._replace(status="watched", state="nudge"),
                    run("r7", "leo")._replace(status="closed", state="nudge"),
                ]
            ),
            ["ada", "bob", "eve", "joe", "kim", "leo"],
        )

        assert store.residents() == {
            Residence("welcome", "1", "nudge"): 2,
            Residence("welcome", "2", "nudge"): 1,
            Residence("welcome", "1", ""): 2,
        }

    def test_a_round_visits_everybody_once(self, store: Store) -> None:
        people = ["ada", "bob", "eve", "joe"]
        commit(store, Changes(profiles=[Profile(name) for name in people]), people)
        store.append([event("e1", "kim")])
        seen: list[str] = []
        with store.batch() as batch:
            assert batch.visit(2) is None
            assert batch.current() == 0
        assert not store.visiting()
        store.deploy(version("1"), visit=True)
        while store.visiting():
            with store.batch() as batch:
                seen += batch.visit(2) or ()
                assert batch.current() == 1
                batch.commit(Changes())

        assert seen == [*people, "kim"]

    def test_what_was_not_committed_is_visited_again(self, store: Store) -> None:
        commit(store, Changes(profiles=[Profile("ada"), Profile("bob")]), ["ada", "bob"])
        store.deploy(version("1"), visit=True)
        with store.batch() as batch:
            assert batch.visit(1) == ["ada"]
        with store.batch() as batch:
            assert batch.visit(1) == ["ada"]
            batch.commit(Changes())
        with store.batch() as batch:
            assert batch.visit(9) == ["bob"]
            batch.commit(Changes())

        assert not store.visiting()

    def test_a_deployment_begins_a_round_anew_and_none_ends_one(self, store: Store) -> None:
        commit(store, Changes(profiles=[Profile("ada"), Profile("bob")]), ["ada", "bob"])
        store.deploy(version("1"), visit=True)
        with store.batch() as batch:
            batch.visit(1)
            batch.commit(Changes())
        store.deploy(version("2"))
        with store.batch() as batch:
            assert batch.visit(1) == ["bob"]
        store.deploy(version("3"), visit=True)
        with store.batch() as batch:
            assert batch.visit(1) == ["ada"]

"""Gates: what several who hand over know of together."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from threading import Thread

from engine.core.gates import Gate
from engine.store.protocol import Store

__all__ = ["TestGates"]

_USED = Gate(free=7, used=((3, 2), (4, 1)), shut=9, failures=2, since=5, probe=6, why="503 Grüße")


class TestGates:
    """By name, and changed by one at a time."""

    def test_a_gate_that_nobody_has_changed_is_a_new_one(self, store: Store) -> None:
        assert store.gates.read(["a", "b"]) == {"a": Gate(), "b": Gate()}
        assert store.gates.known(0) == {}

    def test_what_is_changed_stays_so(self, store: Store) -> None:
        store.gates.turn(["b", "a"], lambda _: {"a": _USED})
        seen: list[Mapping[str, Gate]] = []

        def look(found: Mapping[str, Gate]) -> Mapping[str, Gate]:
            seen.append(found)
            return {}

        store.gates.turn(["a", "b"], look)

        assert seen == [{"a": _USED, "b": Gate()}]
        assert store.gates.read(["a"]) == {"a": _USED}

    def test_whoever_raises_has_changed_nothing(self, store: Store) -> None:
        def change(_: Mapping[str, Gate]) -> Mapping[str, Gate]:
            raise LookupError

        with suppress(LookupError):
            store.gates.turn(["a"], change)

        assert store.gates.read(["a"]) == {"a": Gate()}

    def test_those_that_are_as_good_as_new_are_forgotten(self, store: Store) -> None:
        kept = Gate(shut=100)
        store.gates.turn(["a", "b"], lambda _: {"a": Gate(free=20), "b": kept})
        store.gates.prune(50)

        assert store.gates.known(0) == {"b": kept}
        assert store.gates.known(101) == {}

    def test_nobody_changes_a_gate_that_another_is_changing(self, store: Store) -> None:
        def more(seen: Mapping[str, Gate]) -> Mapping[str, Gate]:
            return {name: gate._replace(free=gate.free + 1) for name, gate in seen.items()}

        def work(names: list[str]) -> None:
            for _ in range(25):
                store.gates.turn(names, more)

        threads = [Thread(target=work, args=(names,)) for names in (["a", "b"], ["b", "a"], ["b"])]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        found = store.gates.read(["a", "b"])
        assert (found["a"].free, found["b"].free) == (50, 75)

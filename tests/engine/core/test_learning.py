"""From what was counted to the shares by which people are divided."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dsl.machine import Learning, Path, Reads, Rule, Split
from engine.core.learning import Snapshot, shares, split_snapshot

TARGET = Rule("did buy within 7 days after offer", "a.yaml:1", Reads(), lambda _: True)
LEARNING = Learning(TARGET, (), Decimal("0.1"))


def split_of(*names: str) -> Split:
    return Split("offer", tuple(Path(name, Decimal(0), 1) for name in names), "j/offer")


def snapshot_of(names: str, counts: dict[str, int]) -> Snapshot:
    return Snapshot("s", 1, 0, split_snapshot(names.split(), counts))


def test_before_any_outcome_all_paths_are_equal() -> None:
    split = split_of("a", "b", "c", "d")

    assert shares(split, LEARNING, None) == (Decimal("0.25"),) * 4
    assert shares(split, LEARNING, snapshot_of("a b c d", {})) == (Decimal("0.25"),) * 4


def test_a_path_that_is_sure_to_be_worse_keeps_its_part_of_exploring() -> None:
    """Ten per cent among two paths are five for each, whatever is known."""
    snapshot = snapshot_of(
        "a b", {"reached a": 900, "missed a": 100, "reached b": 100, "missed b": 900}
    )

    assert shares(split_of("a", "b"), LEARNING, snapshot) == (Decimal("0.95"), Decimal("0.05"))


@pytest.mark.parametrize("exploring", ["0", "0.1", "0.333333", "1"])
def test_shares_are_one_together_and_never_below_the_floor(exploring: str) -> None:
    learning = Learning(TARGET, (), Decimal(exploring))
    snapshot = snapshot_of("a b c", {"reached a": 3, "missed a": 11, "missed b": 9, "missed c": 1})

    found = shares(split_of("a", "b", "c"), learning, snapshot)

    assert float(sum(found)) == pytest.approx(1, abs=1e-12)
    assert all(share >= Decimal(exploring) / 3 for share in found)


def test_a_new_path_gets_as_much_as_if_nothing_were_known() -> None:
    """However low or high the others' rates are; the others share the rest as before."""
    snapshot = snapshot_of("a b", {"reached a": 10, "missed a": 990, "missed b": 1000})

    first, second, new = shares(split_of("a", "b", "new"), LEARNING, snapshot)

    assert float(new) == pytest.approx(1 / 3)
    assert float(first + second) == pytest.approx(2 / 3)
    assert float(second) == pytest.approx(0.1 / 3, abs=0.001)


def test_a_removed_path_leaves_its_share_to_the_others() -> None:
    snapshot = snapshot_of(
        "a b c",
        {"reached a": 5, "missed a": 5, "reached b": 5, "missed b": 5, "reached c": 999},
    )

    assert shares(split_of("a", "b"), LEARNING, snapshot) == (Decimal("0.5"), Decimal("0.5"))


def test_a_snapshot_says_in_millionths_what_adds_up() -> None:
    values = split_snapshot(["a", "b", "c"], {"missed a": 7, "missed b": 7, "missed c": 7})

    assert [value[1:] for value in values.values()] == [[0, 7]] * 3
    assert sum(value[0] for value in values.values()) == 1_000_000


def test_nothing_is_said_of_a_path_without_outcomes() -> None:
    assert split_snapshot(["a", "b"], {"reached a": 2}) == {"a": [1_000_000, 2, 2]}

"""``wayline db``: tables brought up to date, stores moved."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import URL

from engine.cli.main import wayline
from engine.core.profile import Profile
from engine.store import open_store
from engine.store.protocol import Aside, Changes, StoreError
from engine.store.testing.samples import commit, delivery, event, process, run
from tests.postgres import address_of


def _say(*arguments: str) -> Result:
    return CliRunner().invoke(wayline, ["db", *arguments])


@pytest.fixture
def filled(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'wayline.db'}"
    store = open_store(url)
    store.append([event("e1"), event("e2", "bob\0")])
    process(store, 5)
    commit(
        store,
        Changes(
            profiles=[Profile("ada", {"n": 1}, wake=50)],
            runs=[run("r1", due=30), run("r0", status="closed", outcome="end")],
            deliveries=[delivery("d1")],
        ),
    )
    store.close()
    (tmp_path / "wayline.db.secret").write_text("c0ffee")
    return url


def test_a_store_moves_to_postgresql_and_goes_on_there(
    filled: str, tmp_path: Path, postgres: URL
) -> None:
    file = str(tmp_path / "moved")
    exported = _say("export", file, "--store", filled)
    imported = _say("import", file, "--store", address_of(postgres))

    assert (exported.exit_code, imported.exit_code) == (0, 0), exported.output + imported.output
    assert exported.output == imported.output
    assert exported.output == "2 people, 2 arrivals (2 of them wait), 1 deliveries.\n"
    store = open_store(address_of(postgres))
    assert store.secret() == b"c0ffee"
    assert sorted(store.people(["ada", "bob\0"], [])) == ["ada", "bob\0"]
    assert [each.id for each in store.people(["ada"], [])["ada"].runs] == ["r0", "r1"]
    assert store.append([event("e1"), event("e3")]).accepted == 1
    assert [each.id for each in process(store, 10)] == ["e1", "e3", "e2"]
    commit(store, Changes(runs=[run("r2", status="closed", outcome="end")]))
    assert store.next_wake() == 10
    store.close()
    checked = _say("check", "--store", address_of(postgres))
    assert checked.output.startswith("The tables are up to date.\n2 people, 3 arrivals (0 of them")


def test_what_numbers_said_and_what_links_are_signed_with_move_both(
    filled: str, tmp_path: Path, postgres: URL
) -> None:
    """Also into a store that a daemon has been at before."""
    source, target = open_store(filled), open_store(address_of(postgres))
    source.numbers.hear("sms", "+4915112345678", [], lambda said: (said._replace(stopped=7), []))
    source.close()
    assert target.secret() != b"c0ffee"
    target.close()
    file = str(tmp_path / "moved")
    _say("export", file, "--store", filled)

    assert _say("import", file, "--store", address_of(postgres)).exit_code == 0
    store = open_store(address_of(postgres))
    place = ("sms", "+4915112345678")
    assert store.numbers.said([place])[place].stopped == 7
    assert store.secret() == b"c0ffee"
    store.close()


def test_what_numbers_said_to_a_store_is_not_written_over(filled: str, tmp_path: Path) -> None:
    file, other = tmp_path / "moved", f"sqlite:///{tmp_path / 'other.db'}"
    _say("export", str(file), "--store", filled)
    store = open_store(other)
    store.numbers.hear("sms", "+4915112345678", [], lambda said: (said._replace(stopped=7), []))
    store.close()

    again = _say("import", str(file), "--store", other)

    assert "import into an empty one" in str(again.exception)


def test_a_store_is_not_mixed_with_another(filled: str, tmp_path: Path) -> None:
    file = str(tmp_path / "moved")
    _say("export", file, "--store", filled)

    again = _say("import", file, "--store", filled)

    assert isinstance(again.exception, StoreError)
    assert "import into an empty one" in str(again.exception)


def test_half_a_file_is_taken_for_nothing(filled: str, tmp_path: Path) -> None:
    file, other = tmp_path / "moved", f"sqlite:///{tmp_path / 'other.db'}"
    _say("export", str(file), "--store", filled)
    lines = gzip.decompress(file.read_bytes()).splitlines(keepends=True)
    for content in (gzip.compress(b"".join(lines[:-1])), file.read_bytes()[:-20], b"nonsense"):
        file.write_bytes(content)

        said = _say("import", str(file), "--store", other)

        assert isinstance(said.exception, StoreError), said.output
        assert str(file) in str(said.exception)
    store = open_store(other)
    assert store.people(["ada", "bob"], ()) == {}
    store.close()


def test_what_is_there_is_not_written_over(filled: str, tmp_path: Path) -> None:
    file = tmp_path / "moved"
    file.write_text("mine")

    said = _say("export", str(file), "--store", filled)

    assert "is there already" in str(said.exception)
    assert file.read_text() == "mine"


def test_tables_are_brought_up_to_date(filled: str, postgres: URL) -> None:
    for url in (filled, address_of(postgres)):
        said = _say("upgrade", "--store", url)

        assert said.exit_code == 0
        assert "The tables are up to date" in said.output


def test_who_is_set_aside_is_so_elsewhere_too(tmp_path: Path, postgres: URL) -> None:
    file, url = str(tmp_path / "moved"), f"sqlite:///{tmp_path / 'wayline.db'}"
    ada = Aside("ada", 10, "a bug")
    store = open_store(url)
    store.append([event("e1", "ada", 5)])
    commit(store, Changes(profiles=[Profile("ada", wake=7)]))
    commit(store, Changes(aside=[ada]))
    store.close()
    _say("export", file, "--store", url)
    _say("import", file, "--store", address_of(postgres))

    moved = open_store(address_of(postgres))
    assert moved.set_aside() == [ada]
    assert moved.next_wake() is None
    assert moved.release(20) == 1
    assert [each.id for each in process(moved, 20)] == ["e1"]
    moved.close()


def test_an_export_from_before_a_table_came_is_whole(filled: str, tmp_path: Path) -> None:
    file = tmp_path / "moved"
    _say("export", str(file), "--store", filled)
    *lines, end = gzip.decompress(file.read_bytes()).splitlines(keepends=True)
    before = end.replace(b'"set_aside":0,', b"")
    assert before != end
    file.write_bytes(gzip.compress(b"".join([*lines, before])))

    done = _say("import", str(file), "--store", f"sqlite:///{tmp_path / 'new.db'}")
    assert done.exit_code == 0, done.output

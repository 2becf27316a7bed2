"""The rules of the house that a linter does not know."""

from __future__ import annotations

import ast
import itertools
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parent.parent
ROOMS = ("benchmarks", "channels", "dsl", "engine", "examples", "journeys", "tests")
PACKAGES = ("channels", "dsl", "engine", "journeys")

FORBIDDEN_NAMES = frozenset({"common", "helper", "helpers", "manager", "misc", "models", "types"})
LONGEST = 400

# What tells the time by asking the machine. Only engine/clock.py may; everybody else is told.
CLOCKS = frozenset(
    {
        "date.today",
        "datetime.datetime.now",
        "datetime.datetime.utcnow",
        "datetime.now",
        "datetime.today",
        "datetime.utcnow",
        "time.time",
        "time.time_ns",
    }
)


def tracked() -> list[Path]:
    """The files of the house: what git knows and what is about to be added.

    Without git (a release unpacked from an archive) it is what lies in the rooms.
    """
    if shutil.which("git") and (HOUSE / ".git").exists():
        listing = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=HOUSE,
            capture_output=True,
            text=True,
            check=True,
        )
        paths = [HOUSE / name for name in listing.stdout.split("\0") if name]
    else:
        paths = [path for room in ROOMS for path in (HOUSE / room).rglob("*")]
        paths += list(HOUSE.glob("*"))
    return [path for path in paths if path.is_file() and "__pycache__" not in path.parts]


def sources(*rooms: str) -> list[Path]:
    """The Python files of some rooms."""
    return [
        path
        for path in tracked()
        if path.suffix == ".py" and path.relative_to(HOUSE).parts[0] in rooms
    ]


def named(path: Path) -> str:
    """A path as people say it."""
    return path.relative_to(HOUSE).as_posix()


def texts() -> Iterator[tuple[Path, str]]:
    """Every file that is text, with its text."""
    for path in tracked():
        raw = path.read_bytes()
        if b"\0" not in raw[:8000]:
            yield path, raw.decode()


def test_no_file_is_longer_than_400_lines() -> None:
    long = {
        named(path): lines
        for path in sources(*ROOMS)
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST
    }

    assert long == {}


def test_the_median_file_is_short() -> None:
    lengths = sorted(
        len(path.read_text(encoding="utf-8").splitlines()) for path in sources(*PACKAGES)
    )

    assert lengths[len(lengths) // 2] <= 200


def test_no_module_has_a_name_that_says_nothing() -> None:
    def says_nothing(path: Path) -> bool:
        words = {word for part in (*path.parent.parts, path.stem) for word in part.split("_")}
        return bool(words & FORBIDDEN_NAMES) or any("util" in word for word in words)

    assert [named(path) for path in sources(*ROOMS) if says_nothing(path.relative_to(HOUSE))] == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        named(path)
        for path in sources(*ROOMS)
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]

    assert silent == []


def public_names(tree: ast.Module) -> list[str]:
    """Functions and classes of a module that do not begin with an underscore."""
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return [
        node.name
        for node in tree.body
        if isinstance(node, definitions) and not node.name.startswith("_")
    ]


def exported(tree: ast.Module) -> list[str] | None:
    """``__all__`` as it is written, or None."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(
            isinstance(to, ast.Name) and to.id == "__all__" for to in node.targets
        ):
            names: list[str] = ast.literal_eval(node.value)
            return names
    return None


def test_every_module_with_something_public_lists_it() -> None:
    unlisted = {}
    for path in sources(*PACKAGES):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        public, listed = public_names(tree), exported(tree)
        if public and listed is None:
            unlisted[named(path)] = public

    assert unlisted == {}


def test_what_a_module_lists_is_there() -> None:
    missing = {}
    for path in sources(*PACKAGES):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        bound = {
            name
            for node in ast.walk(tree)
            for name in (
                [node.name]
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
                else [alias.asname or alias.name for alias in node.names]
                if isinstance(node, ast.Import | ast.ImportFrom)
                else [node.id]
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
                else []
            )
        }
        if absent := [name for name in exported(tree) or [] if name not in bound]:
            missing[named(path)] = absent

    assert missing == {}


def test_only_the_clock_asks_the_time() -> None:
    askers = [
        f"{named(path)}:{node.lineno}: {ast.unparse(node)}"
        for path in sources(*PACKAGES)
        if named(path) != "engine/clock.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in CLOCKS
    ]

    assert askers == []


def test_the_engine_has_a_plan_of_its_rooms() -> None:
    plan = (HOUSE / "engine/README.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"`(\w+)/`", plan.split("## Rooms")[1].split("\n## ")[0])) - {"v1"}
    rooms = {path.relative_to(HOUSE).parts[1] for path in sources("engine")}

    assert listed == {room for room in rooms if not room.endswith(".py")}


def test_nothing_is_left_for_later() -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    left = [
        f"{named(path)}:{number}"
        for path, text in texts()
        if path.suffix in {".py", ".yaml", ".md", ".toml", ".lark"} and path != Path(__file__)
        for number, line in enumerate(text.splitlines(), 1)
        if marks.search(line)
    ]

    assert left == []


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    homes = re.compile(r"(?<![\w.$}/])/(?:home|root|work|Users|mnt)/\w|\.\./shared\b|[A-Z]:\\Users")
    found = [
        f"{named(path)}:{number}: {line.strip()[:80]}"
        for path, text in texts()
        if path != Path(__file__)
        for number, line in enumerate(text.splitlines(), 1)
        if homes.search(line)
    ]

    assert found == []


def test_text_files_end_with_one_line_break_and_have_no_trailing_blanks() -> None:
    untidy = [
        named(path)
        for path, text in texts()
        if path.suffix in {".py", ".yaml", ".md", ".toml", ".cfg", ".lark"} and text
        if not text.endswith("\n")
        or text.endswith("\n\n")
        or re.search(r"[ \t]+$", text, re.MULTILINE)
    ]

    assert untidy == []


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"])
def test_the_papers_of_the_house_are_there(name: str) -> None:
    assert (HOUSE / name).read_text(encoding="utf-8").strip()


def test_the_changelog_speaks_of_this_version() -> None:
    version = re.search(
        r'^version = "(.+)"$', (HOUSE / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert version is not None

    changelog = (HOUSE / "CHANGELOG.md").read_text(encoding="utf-8")

    assert version[1] in changelog or "Unreleased" in changelog


def test_every_data_file_travels_in_the_wheel(tmp_path: Path) -> None:
    subprocess.run(
        [
            sys.executable,
            "-m",
            "hatchling",
            "build",
            "--target",
            "wheel",
            "--directory",
            str(tmp_path),
        ],
        cwd=HOUSE,
        capture_output=True,
        check=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    needed = {named(path) for path in tracked() if path.relative_to(HOUSE).parts[0] in PACKAGES}

    assert needed - packed == set()


def test_the_lock_pins_what_the_project_asks_for() -> None:
    lock = (HOUSE / "constraints.txt").read_text(encoding="utf-8")
    pinned = {_plain(line.split("==")[0]) for line in lock.splitlines() if "==" in line}
    asked = {_plain(name) for name in _requirements()}

    assert asked - {"wayline"} - pinned == set()


def test_every_library_that_is_imported_is_asked_for() -> None:
    providers = packages_distributions()
    declared = {_plain(name) for name in _requirements()}
    undeclared = {
        f"{named(path)}: {module}"
        for path in sources(*PACKAGES, "benchmarks", "tests")
        for module in _imports(path)
        if module in providers
        and "wayline" not in providers[module]
        and not declared & {_plain(name) for name in providers[module]}
    }

    assert undeclared == set()


def _imports(path: Path) -> set[str]:
    """The top-level modules that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def _requirements() -> list[str]:
    """What pyproject.toml asks for, extras included."""
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *itertools.chain(*project["optional-dependencies"].values())]
    return [re.split(r"[\[<>=!~ ]", each)[0] for each in asked]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()

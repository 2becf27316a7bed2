"""The README and the pages behind it are tried as they stand there: the project is written down,
the commands are run.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click
import pytest

from channels.registry import adapter_names
from dsl.compiler import compile_project
from engine.cli.main import wayline
from engine.config import read_settings
from tests.engine.scene import SHOP, journey
from tests.papers import GUIDE, guide

HOUSE = Path(__file__).resolve().parent.parent
README = guide()
MAKEFILE = (HOUSE / "Makefile").read_text(encoding="utf-8")
PATIENCE = 30  # seconds for a command that waits for something


class Block(NamedTuple):
    """A fenced block and its language."""

    language: str
    text: str


class Command(NamedTuple):
    """What is typed, and what the README says comes of it."""

    line: str
    expected: str


def blocks() -> Iterator[Block]:
    """Every fenced block, in order."""
    for found in re.finditer(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL):
        yield Block(found[1], found[2])


def files() -> dict[str, str]:
    """The files the README shows, by the path in their first line."""
    shown = {}
    for block in blocks():
        first, _, rest = block.text.partition("\n")
        if block.language in ("yaml", "json", "csv", "python") and first.startswith("# "):
            shown[first[2:]] = rest
    return shown


def commands() -> Iterator[Command]:
    """What the README types into a shell."""
    for block in blocks():
        if block.language == "console":
            for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
                line, _, expected = part.partition("\n")
                yield Command(line, expected)


def says(expected: str, output: str) -> bool:
    """Whether the output is what was promised; ``...`` stands for anything, or at the end nothing."""
    promised = expected.strip()
    pattern = re.escape(promised.removesuffix("\n...")).replace(r"\.\.\.", ".*")
    if promised.endswith("\n..."):
        pattern += r"(\n.*)?"
    return re.fullmatch(pattern, output.strip(), re.DOTALL) is not None


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Terminal:
    """A folder in which commands are typed as the README types them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.environment = {"PATH": path, "WAYLINE_LISTEN_PORT": str(self.port)}
        self.daemon: subprocess.Popen[str] | None = None

    def type(self, line: str) -> str:
        """Runs a line, and gives back what it printed. One with ``&`` is left running."""
        line = line.replace("8080", str(self.port))
        if "send-event" in line:
            line += f" --url http://127.0.0.1:{self.port}"
        if line.endswith(" &"):
            return self._serve(line.removesuffix(" &"))
        done = subprocess.run(
            line, shell=True, cwd=self.folder, env=self.environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        return done.stdout.replace(str(self.port), "8080")

    def _serve(self, line: str) -> str:
        self.daemon = subprocess.Popen(
            ["/bin/sh", "-c", f"exec {line}"], cwd=self.folder, env=self.environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        printed = ""
        for said in self.daemon.stdout or ():
            printed += said
            if said.startswith("listening"):
                break
        return printed.replace(str(self.port), "8080")

    def close(self) -> int | None:
        """Stops the daemon in good order, and says how it ended."""
        if self.daemon is None:
            return None
        self.daemon.send_signal(signal.SIGTERM)
        self.daemon.communicate(timeout=PATIENCE)
        return self.daemon.returncode


@pytest.mark.slow
def test_the_first_journey_does_what_the_readme_says(tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("the README uses curl, which is not here")
    for name, text in files().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    terminal = Terminal(tmp_path)
    wrong = []
    typed = list(commands())
    try:
        for line, expected in typed:
            output = terminal.type(line)
            # Messages are handed over a moment after the answer; "why" is asked until it knows.
            for _ in range(PATIENCE if line == "wayline why ada" else 0):
                if says(expected, output):
                    break
                output = terminal.type(line)
            if not says(expected, output):
                wrong.append(f"$ {line}\n{output}\n--- but the README says\n{expected}")
    finally:
        ended = terminal.close()

    assert len(typed) > 8
    assert "\n\n".join(wrong) == ""
    assert ended == 0


def test_the_settings_the_readme_shows_are_settings(tmp_path: Path) -> None:
    toml = [block.text for block in blocks() if block.language == "toml"]
    (tmp_path / "wayline.toml").write_text("\n".join(toml), encoding="utf-8")

    settings = read_settings(tmp_path / "wayline.toml", {"SMTP_PASSWORD": "secret"})

    assert settings.channels["email"].adapter in adapter_names()
    assert settings.traces is not None


def test_every_page_of_the_guide_is_one_click_from_the_readme() -> None:
    first, *pages = GUIDE
    assert sorted((HOUSE / "docs").glob("*.md")) == sorted(pages)
    for page in pages:
        assert f"]({page.relative_to(HOUSE)})" in first.read_text(encoding="utf-8")


def test_every_command_prints_its_help() -> None:
    context = click.Context(wayline)
    silent = []
    for name in wayline.list_commands(context):
        command = wayline.get_command(context, name)
        assert command is not None
        if not command.get_help(click.Context(command, info_name=name)).strip():
            silent.append(name)

    assert silent == []


def test_the_make_targets_that_are_mentioned_exist() -> None:
    targets = set(re.findall(r"^([\w-]+):", MAKEFILE, re.MULTILINE))
    papers = [
        README,
        *(
            (HOUSE / name).read_text(encoding="utf-8")
            for name in ("CONTRIBUTING.md", "benchmarks/README.md")
        ),
    ]
    mentioned = {name for text in papers for name in re.findall(r"`make ([a-z]+)", text)}
    mentioned |= set(re.findall(r'echo "make (\w+)', MAKEFILE))

    assert mentioned
    assert mentioned - targets == set()


def headings(paper: Path) -> set[str]:
    """The headings of a paper, as links name them."""
    text = re.sub(
        r"^```.*?^```", "", paper.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    }


def test_the_links_between_the_papers_lead_somewhere() -> None:
    papers = [
        paper
        for paper in HOUSE.rglob("*.md")
        if not any(
            part.startswith(".") or part == "build" for part in paper.relative_to(HOUSE).parts
        )
    ]
    broken = []
    for paper in papers:
        for link in re.findall(r"\]\(([^)\s]+)", paper.read_text(encoding="utf-8")):
            target, _, heading = link.partition("#")
            page = paper.parent / target if target else paper
            if "://" in link or (page.exists() and (not heading or heading in headings(page))):
                continue
            broken.append(f"{paper.relative_to(HOUSE)}: {link}")

    assert broken == []


def test_the_events_the_readme_shows_are_json() -> None:
    events = [json.loads(line) for line in files()["events.jsonl"].splitlines()]

    assert [event["type"] for event in events] == ["identify", "track", "identify", "track"]


def test_what_the_readme_says_of_privacy_can_be_done() -> None:
    """The commands are there, and what is marked as sensitive is refused and allowed as it says."""
    said = README.partition("\n## Privacy\n")[2].partition("\n## ")[0]
    context = click.Context(wayline)
    commands = re.findall(r"`wayline (\S+) ([^`]*)`", said)
    plan = re.findall(r"```yaml\n(.*?)```", said, re.DOTALL)[0]
    allowed = re.findall(r"`(sensitive allowed: [^`]+)`", said)[0]
    files = {
        **SHOP,
        "plan.yaml": SHOP["plan.yaml"].replace("profile:\n", plan, 1),
        "0.yaml": journey("  - {id: w, wait: 1 day}", head="eligible if: skin_condition is known"),
    }
    refused = [each.code for each in compile_project(files).diagnostics if each.stops]
    files["policy.yaml"] += f"{allowed}\n"

    assert {name for name, _ in commands} == {"export", "erase", "consent", "audit"}
    for name, rest in commands:
        command = wayline.get_command(context, name)
        assert command is not None
        command.make_parser(context).parse_args(rest.partition(" >")[0].split())
    assert refused == ["E150"]
    assert compile_project(files).project is not None

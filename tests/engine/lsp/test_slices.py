"""What is said while somebody types is what the check of the whole project says of that file."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from dsl.compiler import compile_project
from dsl.diagnostics import Diagnostic
from engine.lsp.document import Document
from engine.lsp.findings import Later
from engine.lsp.project import Project
from engine.lsp.slices import WHOLE, check_file
from tests.engine.lsp.desks import SHOP, YEAR, project_of, read

PATHS = [
    (folder, path.relative_to(folder).as_posix())
    for folder in (SHOP, YEAR)
    for path in sorted(folder.rglob("*.yaml"))
]


def whole(project: Project, path: str) -> list[Diagnostic]:
    found = compile_project(project.texts()).diagnostics
    return [one for one in found if one.span.path == path]


@pytest.mark.parametrize("folder", [SHOP, YEAR], ids=lambda folder: folder.name)
def test_of_a_file_as_it_is_the_same_is_said(folder: Path) -> None:
    project = read(folder)
    found = compile_project(project.texts()).diagnostics

    for path in project.documents:
        told = [one for one in found if one.span.path == path and one.code not in WHOLE]
        assert check_file(project, path) == told, "is there a check that needs all files?"


def damaged(text: str, chance: random.Random) -> str:
    """The text with one line changed as typing changes it."""
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    match chance.randrange(5):
        case 0:
            del lines[at]
        case 1:
            lines[at] = lines[at][: chance.randrange(len(lines[at]) + 1)]
        case 2:
            lines[at] = f"  {lines[at]}"
        case 3:
            other = chance.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        case _:
            words = lines[at].split(" ")
            place = chance.randrange(len(words))
            words[place] = chance.choice([f"{words[place]}x", words[place][:-1], "purchase", '"x"'])
            lines[at] = " ".join(words)
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(12))
def test_of_a_file_that_is_being_typed_the_same_is_said(seed: int) -> None:
    chance = random.Random(seed)
    folder, path = chance.choice(PATHS)
    project = read(folder)
    project.put(path, damaged(project.documents[path].text, chance))

    told = [one for one in whole(project, path) if one.code not in WHOLE]
    assert check_file(project, path) == told


FILES = {
    "tracking_plan.yaml": "tracking plan: x\nprofile: {email: text}\nevents: {bought: {has: {n: number}}}\n",
    "policy.yaml": "policy: x\ntime zone: Europe/Berlin\nlanguages: en\ncurrency: EUR\n"
    "channels: {email: {reachable when: email is known}}\ncategories: {news: {consent: required}}\n",
    "modules.yaml": "modules:\n  footer:\n    required in: email\n    blocks: [{text: Bye}]\n",
    "a.yaml": "journey: a\ncategory: news\ntrigger: {event: bought}\n"
    "steps: [{id: one, send: hello, to: email}]\n",
    "hello.yaml": "message: hello\nemail:\n  subject: Hi\n  blocks: [{text: Hi}]\n",
}  # fmt: skip


def codes(findings: list[Diagnostic]) -> list[str]:
    return [one.code for one in findings]


def test_a_name_that_another_file_defines_is_known_and_one_that_none_does_is_not() -> None:
    project = project_of(FILES)
    project.put("a.yaml", FILES["a.yaml"].replace("hello", "helo"))

    (one,) = check_file(project, "a.yaml")
    project.put("more.yaml", "messages:\n  helo:\n    email: {subject: a, blocks: [{text: b}]}\n")

    assert (one.code, one.hint) == ("N13", 'Did you mean "hello"?')
    assert check_file(project, "a.yaml") == []


def test_what_only_the_whole_project_tells_is_carried_along() -> None:
    project = project_of(FILES)
    document = project.documents["hello.yaml"]
    found = [
        one for one in whole(project, "hello.yaml") if one not in check_file(project, "hello.yaml")
    ]
    later = Later(document, found)

    moved = later.now(Document.of("hello.yaml", "# a word\n" + document.text))
    gone = later.now(Document.of("hello.yaml", document.text.replace("email:", "push:")))

    assert codes(found) == ["E122"]
    assert [one.span.line for one in moved] == [found[0].span.line + 1]
    assert gone == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "S01"),
        ("journey: b\n", "S07"),
        ("journey: a\ncategory: news\ntrigger: {event: bought}\nsteps: [{stop: x}]\n", "S14"),
    ],
)
def test_a_second_file_of_the_same_name_is_told_where_it_is_told_by_the_whole(
    text: str, code: str
) -> None:
    project = project_of(FILES)
    project.put("z.yaml", text)

    assert check_file(project, "z.yaml") == whole(project, "z.yaml")
    assert code in codes(check_file(project, "z.yaml"))

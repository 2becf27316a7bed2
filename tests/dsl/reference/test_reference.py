"""The reference of the language is true: its examples run, and it leaves nothing out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from lark import Lark, Token

from dsl.catalogue import codes
from dsl.expr.parse import START_SYMBOLS, grammar
from dsl.files.steps import STEPS
from engine.cli.main import wayline
from tests.dsl.reference.shop import FILE, Shop, fences
from tests.dsl.reference.tried import cells
from tests.papers import papers

TEXT = FILE.read_text(encoding="utf-8")
NOT_A_CONSTRUCT = {"WS"}  # the blanks between words


@pytest.mark.parametrize(
    "path", [path for path, _ in papers()], ids=lambda path: f"{path.parent.name}/{path.stem}"
)
def test_what_is_made_is_as_the_code_is(path: Path) -> None:
    again = dict(papers())[path]

    assert path.read_text(encoding="utf-8") == again, "make docs writes it again"


def test_the_shop_is_without_a_finding_and_its_scenario_passes(tmp_path: Path) -> None:
    shop = Shop(TEXT)
    for path, text in shop.files.items():
        (tmp_path / path).write_text(text, encoding="utf-8")

    played = CliRunner().invoke(wayline, ["test", str(tmp_path)])

    assert shop.compiled.diagnostics == ()
    assert played.exit_code == 0, played.output


def test_every_form_and_every_word_of_the_grammar_has_an_example() -> None:
    parser = Lark(
        grammar(),
        parser="lalr",
        lexer="contextual",
        start=list(START_SYMBOLS),
        keep_all_tokens=True,
    )
    forms = {
        str(rule.alias or rule.origin.name)
        for rule in parser.rules
        if not rule.origin.name.startswith("_") and (rule.alias or not rule.options.expand1)
    }
    words = {terminal.name for terminal in parser.terminals}
    for start, example in cells(TEXT):
        tree = parser.parse(example, start=start)
        forms -= {str(part.data) for part in tree.iter_subtrees()}
        words -= {one.type for one in tree.scan_values(lambda one: isinstance(one, Token))}

    assert forms == set()
    assert words - NOT_A_CONSTRUCT == set()


def test_every_step_has_an_example() -> None:
    told = re.findall(r"<!-- told: \w+ -->\n(.*?)<!-- end -->", TEXT, re.DOTALL)
    written = {
        found
        for part in told
        for _, block in fences(part)
        for found in re.findall(r"^ *(?:- |- \{)?([a-z ]+):", block, re.MULTILINE)
    }
    inside = {found for part in told for found in re.findall(r"\{(?:id: \w+, )?([a-z]+):", part)}

    assert STEPS.keys() - written - inside == set()


def test_every_finding_is_listed_and_its_link_leads_to_its_page() -> None:
    links = re.findall(r"^\| \[(\w+)\]\((catalogue/pages/\w+\.md)#([\w-]+)\)", TEXT, re.MULTILINE)

    assert [code for code, _, _ in links] == list(codes())
    for code, page, anchor in links:
        heads = re.findall(r"^## (.+)$", (FILE.parent / page).read_text("utf-8"), re.MULTILINE)
        slugs = [re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads]
        assert anchor in slugs, code


def test_the_contents_lead_to_sections() -> None:
    heads = re.findall(r"^#+ (.+)$", TEXT, re.MULTILINE)
    slugs = {head.lower().replace(" ", "-") for head in heads}

    assert set(re.findall(r"\]\(#([\w-]+)\)", TEXT)) <= slugs

"""What is told of an e-mail's size before it is built is about what comes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from channels.content import Built
from dsl.compiler import compile_folder
from dsl.lint.sizes import size_of_email
from dsl.message import EmailForm
from engine.preview import preview, sample_readers
from tests.engine.preview.shop import NOW

HOUSE = Path(__file__).parents[3]
LINK = "https://journeys.shop.example/unsubscribe/" + "x" * 40


@pytest.mark.parametrize("folder", ["journeys", "examples/online_retail"])
def test_the_size_of_a_letter_is_known_well_enough_beforehand(folder: str) -> None:
    project = compile_folder(HOUSE / folder).project
    assert project is not None
    language = project.policy.languages[0]
    ratios = {}
    for message in project.messages.values():
        form = message.forms.get("email")
        if not isinstance(form, EmailForm):
            continue
        readers = sample_readers(project, message, NOW, ("longest",))
        built = preview(project, message, readers, (language,), LINK, NOW).on("email")[0].built
        if isinstance(built, Built):
            real = len(built.parts["html"].encode())
            ratios[message.name] = size_of_email(form, message.modules, language) / real

    assert len(ratios) > 3
    assert {name: ratio for name, ratio in ratios.items() if not 0.8 < ratio < 1.3} == {}

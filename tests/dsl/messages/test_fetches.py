"""What modules fetch: what is known of it, and what can be wrong with it."""

from __future__ import annotations

import pytest

from dsl.kinds import Money
from tests.dsl.messages.shop import shop

HI = "messages:\n  hi: {email: {subject: Hi, blocks: [{use: a, with: {x: A}}]}}"
FETCHES = """\
modules:
  a:
    inputs: {x: text}
    fetch: recommend
    with: {product: = x, words: "for {{ x }}"}
    show if: count of recommend.items >= 2
    otherwise: {use: b, with: {y: = recommend.title}}
    blocks:
      - text: "{{ recommend.items | join(', ') }} {{ recommend.price | default('-') }}"
      - for each: item in recommend.items
        show: [{text: "{{ item }}"}]
  b: {inputs: {y: text}, blocks: [{text: B}]}
"""


def test_what_a_service_answers_is_known_in_its_module() -> None:
    """In "show if", in texts, in "for each", and in what stands in; with its kinds."""
    made = shop(HI, FETCHES)
    message = made.messages["hi"]
    fetch = message.modules["a"].fetch

    assert made.words == []
    assert fetch is not None
    assert (fetch.service, [name for name, _ in fetch.values]) == (
        "recommend",
        ["product", "words"],
    )
    assert fetch.answer.field("price") == Money("EUR")
    assert message.kept is not None


def test_a_message_that_fetches_nothing_keeps_nothing() -> None:
    made = shop("messages:\n  hi: {email: {subject: Hi, blocks: [{use: b}]}}", FETCHES)

    assert made.messages["hi"].kept is None


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "fetch: recommend",
            "fetch: recomend",
            ['N24 There is no web service called "recomend".'],
        ),
        (
            "fetch: recommend",
            "fetch: quiet",
            [
                'S07 The policy does not say what "quiet" returns, so nothing of it can be shown.',
                'N01 I do not know "recommend".',
            ],
        ),
        (
            "    fetch: recommend\n",
            "",
            [
                'S03 Here "with" belongs to "fetch", and there is none.',
                'N01 I do not know "recommend".',
            ],
        ),
        ("product: = x", "product: = y", ['N01 I do not know "y".']),
        ("for {{ x }}", "for {{ recommend.title }}", ['N01 I do not know "recommend".']),
        ("inputs: {x: text}\n    fetch", "inputs: {x: text, recommend: text}\n    fetch", None),
        (
            "recommend.price",
            "recommend.prices",
            ['N02 "recommend" has no property called "prices".'],
        ),
        (
            "    show if: count of recommend.items >= 2\n",
            "",
            ['W103 "recommend.items" can be missing, and then the module "a" cannot be shown.'],
        ),
        (
            "    fetch: recommend\n",
            "    required in: email\n    fetch: recommend\n",
            None,
        ),
    ],
)
def test_mistakes_in_what_is_fetched(old: str, new: str, words: list[str] | None) -> None:
    """Each is told once, however often the service is named after it."""
    assert old in FETCHES
    told = list(dict.fromkeys(shop(HI, FETCHES.replace(old, new, 1)).words))

    if words is None:
        assert told[0].startswith(("N18", "M14"))
    else:
        assert told == words


def test_a_required_module_can_stand_in_no_module_that_fetches() -> None:
    """Whether that one is shown depends on somebody else."""
    made = shop(
        "messages:\n  hi: {email: {subject: Hi, blocks: [{use: a}]}}",
        "modules:\n  a: {fetch: recommend, blocks: [{use: foot}, {text: \"{{ recommend.title | d('') }}\"}]}\n"
        "  foot: {required in: email, blocks: [{text: Bye}]}\n",
    )

    assert made.check_sent("promotional") != []

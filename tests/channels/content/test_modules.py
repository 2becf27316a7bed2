"""What happens when a module cannot be shown (language reference, section 3.6)."""

from __future__ import annotations

from typing import Any

import pytest
from markupsafe import escape

from channels.content import Built, Missing
from dsl.kinds import Code, ListOf, Text
from dsl.message import Columns, EmailForm, ForEach, Module, Show, TextBlock, Use
from tests.channels.content.samples import (
    ITEM,
    ITEMS,
    build,
    formula,
    message,
    module,
    person,
    required,
    rule,
    text,
    use,
)

YES = rule(lambda _: True, "yes")
NO = rule(lambda _: False, "points > 99")
NOTHING = formula(lambda _: None, Code(), "product_id")


def email(*blocks: Any) -> EmailForm:
    return EmailForm(text("Hello"), None, (TextBlock(text("Before")), *blocks))


def said(*modules: Module, top: Use, **more: Any) -> tuple[list[str], tuple[str, ...]] | str:
    """The paragraphs after the first one and what was degraded; or what is missing."""
    built = build(message({"email": email(top)}, *modules), "email", **more)
    if isinstance(built, Missing):
        return built.what
    words = built.parts["text"].strip().split("\n\n")
    for word in words:
        assert str(escape(word)) in built.parts["html"]
    assert words[0] == "Before"
    return words[1:], built.degraded


def shows(words: str) -> TextBlock:
    return TextBlock(text(words))


PLAIN = module("plain", shows("Plain"))
NEEDY = module("needy", shows("Needy {{ nick_name }}"))


def test_a_module_is_shown() -> None:
    assert said(PLAIN, top=use("plain")) == (["Plain"], ())


def test_show_if_true_shows_it() -> None:
    assert said(module("offer", shows("Offer"), show_if=YES), top=use("offer")) == (["Offer"], ())


def test_show_if_false_leaves_it_out() -> None:
    made = said(module("offer", shows("Offer"), show_if=NO), top=use("offer"))

    assert made == ([], ("offer: left out (show if: points > 99)",))


def test_show_if_false_shows_the_other_module() -> None:
    offer = module("offer", shows("Offer"), show_if=NO, otherwise=use("plain"))

    assert said(offer, PLAIN, top=use("offer")) == (
        ["Plain"],
        ("offer: replaced by plain (show if: points > 99)",),
    )


def test_show_if_is_asked_before_what_is_required() -> None:
    """An empty list is missing; still the module is left out and the message is sent."""
    items = {"items": required(ListOf(ITEM))}
    offer = module("offer", shows("Offer"), show_if=NO, inputs=items)
    empty = (("items", formula(lambda _: [], ListOf(ITEM))),)

    assert said(offer, top=use("offer", values=empty)) == (
        [],
        ("offer: left out (show if: points > 99)",),
    )


def test_a_missing_value_that_is_printed_stops_the_message() -> None:
    assert said(NEEDY, top=use("needy")) == "nick_name"


def test_a_missing_required_input_stops_the_message() -> None:
    offer = module("offer", shows("Offer"), inputs={"product_id": required(Code())})

    assert said(offer, top=use("offer", values=(("product_id", NOTHING),))) == "product_id of offer"


def test_a_missing_input_that_is_not_required_does_not_matter() -> None:
    offer = module("offer", shows("Offer {{ product_id | default('none') }}"))

    assert said(offer, top=use("offer", values=(("product_id", NOTHING),))) == (["Offer none"], ())


def test_a_missing_requires_stops_the_message() -> None:
    offer = module("offer", shows("Offer"), requires=(NOTHING,))

    assert said(offer, top=use("offer")) == "product_id of offer"


def test_if_missing_leaves_it_out() -> None:
    assert said(NEEDY, top=use("needy", if_missing="leave out")) == (
        [],
        ("needy: left out (nick_name)",),
    )


def test_if_missing_uses_another_module() -> None:
    made = said(NEEDY, PLAIN, top=use("needy", instead=use("plain")))

    assert made == (["Plain"], ("needy: replaced by plain (nick_name)",))


def test_otherwise_goes_before_if_missing() -> None:
    offer = module("offer", shows("{{ nick_name }}"), otherwise=use("plain"))
    last = module("last", shows("Last"))

    made = said(offer, PLAIN, last, top=use("offer", instead=use("last")))

    assert made == (["Plain"], ("offer: replaced by plain (nick_name)",))


def test_if_missing_is_asked_when_otherwise_is_missing_too() -> None:
    offer = module("offer", shows("{{ other_name }}"), otherwise=use("needy"))

    made = said(offer, NEEDY, PLAIN, top=use("offer", instead=use("plain")))

    assert made == (["Plain"], ("offer: replaced by plain (other_name)",))


def test_the_first_thing_that_was_missing_is_named() -> None:
    offer = module("offer", shows("{{ other_name }}"), otherwise=use("needy"))

    assert said(offer, NEEDY, top=use("offer")) == "other_name"


def test_otherwise_follows_the_same_rules() -> None:
    offer = module("offer", shows("{{ other_name }}"), otherwise=use("second"))
    second = module("second", shows("Second"), show_if=NO, otherwise=use("plain"))

    made = said(offer, second, PLAIN, top=use("offer"))

    assert made == (
        ["Plain"],
        (
            "offer: replaced by second (other_name)",
            "second: replaced by plain (show if: points > 99)",
        ),
    )


def test_show_if_false_of_a_stand_in_leaves_it_out() -> None:
    offer = module("offer", shows("{{ other_name }}"), otherwise=use("second"))
    second = module("second", shows("Second"), show_if=NO)

    made = said(offer, second, top=use("offer"))

    assert made == (
        [],
        (
            "offer: replaced by second (other_name)",
            "second: left out (show if: points > 99)",
        ),
    )


def test_a_module_within_a_module_fails_it() -> None:
    outer = module("outer", shows("Outer"), use("needy"))

    assert said(outer, NEEDY, top=use("outer", if_missing="leave out")) == (
        [],
        ("outer: left out (nick_name)",),
    )


def test_a_module_within_a_module_can_be_left_out_by_itself() -> None:
    outer = module("outer", shows("Outer"), use("needy", if_missing="leave out"), shows("After"))

    made = said(outer, NEEDY, top=use("outer"))

    assert made == (["Outer", "After"], ("needy: left out (nick_name)",))


def test_what_a_failed_module_left_out_is_not_told() -> None:
    outer = module("outer", use("needy", if_missing="leave out"), shows("{{ other_name }}"))

    made = said(outer, NEEDY, PLAIN, top=use("outer", instead=use("plain")))

    assert made == (["Plain"], ("outer: replaced by plain (other_name)",))


def test_what_is_shown_is_told_from_top_to_bottom_without_what_failed() -> None:
    inner = module("inner", shows("Inner"))
    outer = module("outer", use("inner"), use("inner"), shows("{{ other_name }}"))
    around = module("around", use("inner"), use("outer", instead=use("plain")))

    built = build(
        message({"email": email(use("around"), use("plain"))}, inner, outer, around, PLAIN), "email"
    )
    assert isinstance(built, Built)

    assert built.shown == ("around", "inner", "plain", "plain")


def test_a_stand_in_gets_its_values_from_the_module_it_stands_in_for() -> None:
    chosen = formula(lambda context: context.variables["name"], Text())
    offer = module(
        "offer",
        shows("{{ other_name }}"),
        inputs={"name": required(Text())},
        otherwise=use("second", values=(("called", chosen),)),
    )
    second = module("second", shows("Second {{ called }}"), inputs={"called": required(Text())})
    given = (("name", formula(lambda _: "Kim", Text())),)

    made = said(offer, second, top=use("offer", values=given))

    assert made == (["Second Kim"], ("offer: replaced by second (other_name)",))


def test_a_module_does_not_see_the_inputs_of_the_message() -> None:
    offer = module("offer", shows("{{ discount }}"))
    built = build(
        message({"email": email(use("offer"))}, offer, inputs={"discount": required(Text())}),
        "email",
        discount="15",
    )

    assert built == Missing("discount")


def test_rules_see_inputs_and_items_and_nothing_stays_behind() -> None:
    seen: list[dict[str, Any]] = []

    def holds(context: Any) -> bool:
        seen.append(dict(context.variables))
        return bool(context.variables["item"]["quantity"] > 1)

    items = formula(lambda context: context.variables["items"], ListOf(ITEM), "items")
    block = ForEach("item", items, None, (Show(rule(holds), (shows("{{ item.name }}"),)),))
    cart = module("cart", block, inputs={"items": required(ListOf(ITEM))})
    given = (("items", ITEMS),)
    context = person()
    context.variables = {"kept": 1}

    made = said(cart, top=use("cart", values=given), context=context)

    assert made == (["Tea <green>"], ())
    assert [sorted(each) for each in seen] == [["item", "items"], ["item", "items"]]
    assert context.variables == {"kept": 1}


def test_variables_are_put_back_when_the_message_cannot_be_built() -> None:
    context = person()
    context.variables = {"kept": 1}

    said(module("outer", use("needy")), NEEDY, top=use("outer"), context=context)

    assert context.variables == {"kept": 1}


def test_at_most_stops_a_list() -> None:
    items = formula(lambda _: ["a", "b", "c"], ListOf(Text()))
    block = ForEach("each", items, 2, (shows("{{ each }}"),))

    assert said(module("letters", block), top=use("letters")) == (["a", "b"], ())


def test_a_missing_list_is_an_empty_one() -> None:
    block = ForEach("each", formula(lambda _: None, ListOf(Text())), 2, (shows("{{ each }}"),))

    assert said(module("letters", shows("All"), block), top=use("letters")) == (["All"], ())


def test_columns_stand_one_after_the_other_in_plain_text() -> None:
    sides = Columns(((shows("Left"),), (shows("Right"), use("plain"))))

    assert said(module("sides", sides), PLAIN, top=use("sides")) == (["Left", "Right", "Plain"], ())


def test_columns_within_conditions_and_loops_stay_whole() -> None:
    sides = Columns(((shows("{{ each }} left"),), (shows("{{ each }} right"),)))
    items = formula(lambda _: ["a", "b"], ListOf(Text()))
    looped = ForEach("each", items, None, (Show(YES, (sides,)),))
    built = build(message({"email": email(looped)}), "email")

    assert isinstance(built, Built)
    assert built.parts["text"].split("\n\n")[1:] == ["a left", "a right", "b left", "b right\n"]
    html = built.parts["html"]
    assert html.count('mj-column-per-50"') == 4
    assert html.count("<table") == html.count("</table>")
    assert html.count("<div") == html.count("</div>")


def test_html_and_plain_text_show_the_same_whatever_is_asked_twice() -> None:
    """Rules are asked once: the plain text repeats what was decided for the HTML."""
    asked: list[int] = []

    def every_other(_: Any) -> bool:
        asked.append(1)
        return len(asked) % 2 == 1

    blocks = [Show(rule(every_other), (shows(f"Part {number}"),)) for number in range(4)]
    built = build(message({"email": email(*blocks)}), "email")

    assert isinstance(built, Built)
    assert len(asked) == 4
    assert built.parts["text"] == "Before\n\nPart 0\n\nPart 2\n"
    assert [number for number in range(4) if f"Part {number}" in built.parts["html"]] == [0, 2]


def test_modules_in_a_circle_are_refused() -> None:
    first, second = module("first", use("second")), module("second", use("first"))

    with pytest.raises(RuntimeError, match="circle"):
        build(message({"email": email(use("first"))}, first, second), "email")


def test_a_mistake_in_a_rule_of_ours_is_not_taken_for_missing_content() -> None:
    def broken(_: Any) -> bool:
        raise TypeError("ours")

    with pytest.raises(RuntimeError, match="a compiled rule broke"):
        build(message({"email": email(Show(rule(broken), ()))}), "email")

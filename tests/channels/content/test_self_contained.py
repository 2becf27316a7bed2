"""A rendered e-mail asks nobody but the sender's own servers for anything."""

from __future__ import annotations

import re
from pathlib import Path
from zoneinfo import ZoneInfo

from channels.content import Built
from channels.content.library import Library
from dsl.compiler import compile_folder
from dsl.expr.context import Context, Happened

RETAIL = Path(__file__).parents[3] / "examples" / "online_retail"


def test_an_email_loads_nothing_from_strangers() -> None:
    """No web fonts, no style sheets, no scripts: only our own pictures and links."""
    project = compile_folder(RETAIL).project
    assert project is not None
    library = Library(
        project.messages, ("en",), lambda delivery: f"https://shop.example/{delivery}"
    )
    products = [{"sku": "1", "name": "Lamp", "quantity": 2, "price": 250}]
    order = {"order_id": "1", "total": 500, "country": "Germany", "products": products}
    context = Context(
        now=0,
        zone=ZoneInfo("Europe/London"),
        attributes={"first_name": "Ada"},
        trigger=Happened("order_completed", 0, 0, 1, order),
    )

    built = [
        library.build(name, "email", context, {}, "d1")
        for name, message in project.messages.items()
        if "email" in message.forms
    ]

    pages = [each.parts["html"] for each in built if isinstance(each, Built)]
    hosts = {host for page in pages for host in re.findall(r"https?://([\w.-]+)", page)}
    assert pages
    assert {host for host in hosts if not host.endswith("shop.example")} <= {"www.w3.org"}
    assert not any(re.search(r"@import|<script|<link", page) for page in pages)

"""A letter in a real browser: opened, its button pressed, and the shop reached by way of the daemon."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from dsl.expr.context import Happened
from tests.browser import Page, browser, led

from .conftest import Daemon, Launch, until
from .post_office import PostOffice
from .shop import FILES

pytestmark = pytest.mark.slow

LINKS = "links: {utm: yes, measure: [clicks, opens]}\n"
MESSAGES = """\
messages:
  receipt:
    email:
      subject: {{en: Thank you}}
      blocks: [{{text: {{en: "We have your order."}}}}]
  review: {{email: {{subject: {{en: Hm}}, blocks: [{{text: {{en: "Tell us."}}}}]}}}}
  welcome:
    email:
      subject: {{en: Welcome}}
      blocks:
        - button: {{en: To your shop}}
          link: "http://127.0.0.1:{port}/hats?colour=red&size=7#all"
        - text: {{en: "Or see http://127.0.0.1:{port}/sale"}}
        - use: footer
"""
BUTTON = "a[href*='/c/']"
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/131.0.0.0 Safari/537.36"
)


class Shop(ThreadingHTTPServer):
    """The pages of a shop, and which of them were asked for."""

    def __init__(self) -> None:
        self.visits: list[str] = []
        visits = self.visits

        class Pages(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                visits.append(self.path)
                self.send_response(200)
                self.send_header("content-type", "text/html")
                self.end_headers()
                self.wfile.write(b"<title>Hats</title><main>All our hats</main>")

            def log_message(self, *_: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Pages)


@pytest.fixture
def shop() -> Iterator[Shop]:
    with Shop() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def history(daemon: Daemon, event: str) -> Sequence[Happened]:
    with closing(daemon.store()) as store:
        return store.people(["ada"], [event])["ada"].history[event]


async def reads(address: str, letter: Path) -> str:
    """Opens the letter, presses its button, and reads what comes."""
    async with led(address) as page:
        await page.ask("Network.setUserAgentOverride", userAgent=CHROME)
        await page.open(letter.as_uri())
        await stay(page, BUTTON)
        await page.press(BUTTON)
        return await page.text()


async def stay(page: Page, selector: str) -> None:
    """Lets a link lead on in the same window, as many mail programs do."""
    root = (await page.ask("DOM.getDocument"))["root"]["nodeId"]
    node = (await page.ask("DOM.querySelector", nodeId=root, selector=selector))["nodeId"]
    await page.ask("DOM.removeAttribute", nodeId=node, name="target")


def test_a_button_leads_to_the_shop_and_it_is_known_that_somebody_pressed_it(
    launch: Launch, office: PostOffice, shop: Shop, tmp_path: Path
) -> None:
    port = shop.server_address[1]
    changes = {
        "policy.yaml": FILES["policy.yaml"] + LINKS,
        "messages.yaml": MESSAGES.format(port=port),
    }
    daemon = launch(changes=changes)
    daemon.start("--dev", str(daemon.project))
    consent = {"category": "promotional"}
    person = {"userId": "ada"}
    everything = [
        {"type": "identify", **person, "traits": {"email": "ada@example.com"}},
        {"type": "track", **person, "event": "consent_granted", "properties": consent},
        {"type": "track", **person, "event": "Signed Up"},
    ]
    assert daemon.post("/v1/batch", {"batch": everything})[0] == 200
    (sent,) = office.wait_for(1)
    letter = tmp_path / "letter.html"
    letter.write_text(sent.html, encoding="utf-8")

    tags = "utm_source=email&utm_medium=promotional&utm_campaign=newcomers&utm_content=welcome/"
    ours = set(re.findall(r"http://127\.0\.0\.1:\d+/c/[\w-]{36}", sent.html))
    assert ours == set(re.findall(r"http://127\.0\.0\.1:\d+/c/[\w-]{36}", sent.text))
    assert len(ours) == 2
    assert f":{daemon.port}/unsubscribe/" in sent.text
    with browser() as address:
        assert asyncio.run(reads(address, letter)) == "All our hats"
        until(lambda: bool(history(daemon, "message_opened")), "the opening is known")
        until(lambda: bool(history(daemon, "message_clicked")), "the click is known")

        def by_somebody() -> bool:
            """Later than a scanner would."""
            asyncio.run(reads(address, letter))
            clicks = history(daemon, "message_clicked")
            return any(each.properties["by"] == "human" for each in clicks)

        until(by_somebody, "a click that no machine has made")

    led_to = f"http://127.0.0.1:{port}/hats?colour=red&size=7&{tags}1#all"
    assert {each for each in shop.visits if "hats" in each} == {f"/hats?colour=red&size=7&{tags}1"}
    click = history(daemon, "message_clicked")[0].properties
    assert (click["link"], click["message"], click["channel"]) == (led_to, "welcome", "email")
    assert daemon.stop() == 0

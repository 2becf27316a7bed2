"""On what a link is opened, by names that browsers really give themselves."""

from __future__ import annotations

import pytest

from channels.content import Destination
from engine.api.platforms import Platform, is_browser, leads_to, platform_of

AGENTS: list[tuple[Platform, str]] = [
    ("ios", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"),
    ("ios", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1"),
    ("ios", "Mozilla/5.0 (iPad; CPU OS 12_5_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1.2 Mobile/15E148 Safari/604.1"),
    ("ios", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"),
    ("android", "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36"),
    ("android", "Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/23.0 Chrome/115.0.0.0 Mobile Safari/537.36"),
    ("android", "Mozilla/5.0 (Android 14; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0"),
    ("android", "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/130.0.0.0 Mobile Safari/537.36 wv"),
    ("desktop", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0"),
    ("desktop", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15"),
    ("desktop", "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"),
    ("desktop", "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"),
    ("desktop", "Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/52.0.2743.116 Mobile Safari/537.36 Edge/15.15063"),
]  # fmt: skip


@pytest.mark.parametrize(("platform", "agent"), AGENTS)
def test_a_browser_says_on_what_it_runs(platform: Platform, agent: str) -> None:
    assert platform_of(agent) == platform
    assert is_browser(agent)


@pytest.mark.parametrize("agent", ["", "Mozilla/5.0", "curl/8.5.0", "WhatsApp/2.23", "x" * 100_000])
def test_what_says_nothing_is_no_browser(agent: str) -> None:
    assert platform_of(agent) == "desktop"
    assert not is_browser(agent)


@pytest.mark.parametrize(
    ("app", "platform", "leads"),
    [
        ("https://app.shop.example/c", "ios", "https://app.shop.example/c"),
        ("https://app.shop.example/c", "android", "https://app.shop.example/c"),
        ("https://app.shop.example/c", "desktop", "https://shop.example/c"),
        ("shop://c", "ios", "https://shop.example/c"),
        ("javascript:alert(1)", "android", "https://shop.example/c"),
        ("", "ios", "https://shop.example/c"),
    ],
)
def test_a_link_leads_into_an_app_where_there_may_be_one(
    app: str, platform: Platform, leads: str
) -> None:
    assert leads_to(Destination("https://shop.example/c", app), platform) == leads

"""Who opens and clicks, by the names of their programs."""

from __future__ import annotations

import pytest

from channels.agents import by_agent

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/131.0.0.0 Safari/537.36"
)


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0",
        "curl/8.5.0",
        "python-requests/2.32",
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "WhatsApp/2.23.20.0 A",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (X11) AppleWebKit/537.36 HeadlessChrome/131.0 Safari/537.36",
        "Microsoft Office Existence Discovery",
        "Mozilla/5.0 (compatible; link scanner)",
    ],
)
def test_who_says_so_is_a_machine(agent: str) -> None:
    assert by_agent(agent) == "machine"


@pytest.mark.parametrize(
    "agent",
    [
        CHROME,
        "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
        "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html",
        "Mozilla/5.0 (Linux; Android 14; Cubot X90) AppleWebKit/537.36",
        "",
        None,
        7,
        "M" * 1_000_000,
    ],
)
def test_nobody_is_a_machine_or_a_person_by_a_browsers_name(agent: object) -> None:
    assert by_agent(agent) == "unverified"

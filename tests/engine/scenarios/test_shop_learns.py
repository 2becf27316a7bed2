"""The two journeys of the example project that learn: its win-back and its newsletter."""

from __future__ import annotations

import re

from dsl.compiler import compile_project
from dsl.render import render
from engine.scenarios.play import play
from engine.scenarios.show import as_text
from tests.dsl.projects import shop_files

WIN_BACK = """
tests of: win_back
given:
  clock: 2026-03-02 10:00 Europe/Berlin
  profile: {email: ada@example.com, marketing_consent: double opt-in}
  channels: email
  history:
    - event: purchase
      happened: 89 days ago
      with: {order_id: o1, total: 40 EUR}
scenarios:
  - scenario: at the best time an offer, and then a last call
    given:
      pretend: [{offer: ten_percent}, best time is 18:00]
    script:
      - until: 2026-03-04 17:59
      - expect nothing
      - until: 2026-03-04 18:00
      - expect sent: winback_discount
        on: email
      - pass: 7 days
      - expect sent: winback_last_call
      - pass: 14 days
      - expect emitted: winback_finished
        with: {outcome: silent}
      - expect left: end
  - scenario: without a best time the offer comes as soon as there is a reason for it
    given:
      pretend: {offer: just_hello}
    script:
      - until: 2026-03-04 00:00
      - expect sent: winback_hello
      - event: purchase
        with: {order_id: o2, total: 20 EUR}
      - expect emitted: winback_finished
        with: {outcome: bought}
      - expect left: goal
"""
NEWS = """
tests of: friday_news
given:
  clock: 2026-03-05 12:00 Europe/Berlin
  profile: {email: ada@example.com, marketing_consent: double opt-in}
  channels: email
scenarios:
  - scenario: at eight where nothing is known but one opening long after
    given:
      history:
        - event: message_opened
          happened: 3 days ago
          with: {channel: email}
    script:
      - until: 2026-03-06 07:59
      - expect nothing
      - until: 2026-03-06 08:00
      - expect sent: newsletter
      - expect left: end
  - scenario: at the hour at which the newsletters of the last weeks were opened
    given:
      history:
        - event: message_opened
          happened: 2026-02-20 15:40
          with: {channel: email}
        - event: message_clicked
          happened: 2026-02-27 15:10
          with: {channel: email}
    script:
      - until: 2026-03-06 14:59
      - expect nothing
      - until: 2026-03-06 15:00
      - expect sent: newsletter
  - scenario: an hour that comes too late for ten hours does not count
    given:
      pretend: best time is 20:00
      history:
        - event: message_opened
          happened: 3 days ago
          with: {channel: email}
    script:
      - until: 2026-03-06 08:00
      - expect sent: newsletter
"""


def test_the_shop_s_win_back_and_newsletter_go_as_expected() -> None:
    files = shop_files()
    fetching = r"\n    (fetch|with|show if|otherwise):.*"
    files["modules/modules.yaml"] = re.sub(fetching, "", files["modules/modules.yaml"])
    files = {path: text for path, text in files.items() if not path.startswith("tests/")}
    files |= {"tests/win_back.yaml": WIN_BACK, "tests/friday_news.yaml": NEWS}

    compiled = compile_project(files)

    assert compiled.project is not None, render(compiled.diagnostics, compiled.sources)
    played = play(compiled.project, compiled.scenarios)
    assert len(played) == 5
    missed = [line for each in played if each.failures for _, line in as_text(each)]
    assert "\n".join(missed) == ""

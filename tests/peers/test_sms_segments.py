"""Parts of text messages: Twilio's own calculator counts them as we do."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from dsl.sms import measure

pytestmark = pytest.mark.peers

FOLDER = Path(__file__).parents[2] / "build/peers"
SCRIPT = """
    const { SegmentedMessage } = require('sms-segments-calculator');
    const texts = JSON.parse(require('fs').readFileSync(0, 'utf8'));
    console.log(JSON.stringify(texts.map(text => {
      const made = new SegmentedMessage(text);
      return [made.encodingName, made.segmentsCount];
    })));
"""


def test_twilios_own_calculator_counts_the_same() -> None:
    """It keeps together what is one picture (a family, an accent); that apart, it cuts as we do."""
    node = shutil.which("node")
    if node is None or not (FOLDER / "node_modules/sms-segments-calculator").exists():
        pytest.skip("no sms-segments-calculator here: make others installs it")
    texts = [
        sign * times + tail
        for sign in ("a", "€", "a€", "😀", "ж", "a😀", "ж😀", "“a", "ä")
        for times in (*range(30, 40), *range(64, 84), *range(150, 164), *range(300, 312))
        for tail in ("", "a", "€", "😀")
    ]

    answer = subprocess.run(
        [node, "-e", SCRIPT],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=True,
        cwd=FOLDER,
    )

    assert [[m.encoding, m.parts] for m in map(measure, texts)] == json.loads(answer.stdout)

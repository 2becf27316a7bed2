"""A message leaves, comes back, and its address is not written to any more: a process, a mail
server, and the pipe of that.
"""

from __future__ import annotations

from contextlib import closing

import pytest
from click.testing import CliRunner

from engine.cli.bounce import bounce
from tests.channels.email.returning import dsn, failed

from .conftest import Launch, until
from .post_office import PostOffice
from .test_serve import welcome

pytestmark = pytest.mark.slow

KEY = "a key of the tests, long enough"
SETTINGS = {
    "WAYLINE_CHANNELS_EMAIL_BOUNCE_KEY": KEY,
    "WAYLINE_CHANNELS_EMAIL_BOUNCE_LOGIN": "postfix:secret",
}
CONFIG = """
[channels.email]
adapter = "smtp"
bounce_login = "postfix:secret"
"""


def test_what_comes_back_through_a_pipe_is_heard(launch: Launch, office: PostOffice) -> None:
    daemon = launch()
    daemon.start("--dev", str(daemon.project), environment=SETTINGS)
    welcome(daemon)
    (letter,) = office.wait_for(1)
    config = daemon.folder / "pipe.toml"
    config.write_text(CONFIG)
    head = tuple(f"{name}: {letter.headers[name]}" for name in letter.headers)
    mail = dsn(failed(address=letter.to), quoted=head)
    forged = dsn(
        failed(address=letter.to), quoted=tuple(each for each in head if "seal" not in each)
    )
    url = f"http://127.0.0.1:{daemon.port}"
    for each in (forged, mail, mail):
        given = CliRunner().invoke(bounce, ["--url", url, "--config", str(config)], input=each)
        assert given.exit_code == 0, given.output

    with closing(daemon.store()) as store:
        until(lambda: bool(list(store.suppressed())), "an address that is given up")
        (ada,) = store.suppressed()
        told = [each for each in store.decisions("ada") if each.what == "suppressed"]
    assert ada.suppressed == {"email ada@example.com"}
    assert [each.reason for each in told] == ["a hard bounce"]
    assert told[0].detail.endswith("SMTP codes as of 2024-12: 5.1.1, told by email/smtp")
    heard = 'wayline_receipts_total{channel="email",what="bounced"} 2.0'
    assert heard in daemon.get("/metrics")[1]
    assert daemon.stop() == 0

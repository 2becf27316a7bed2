"""Postfix with a configuration, a queue and mailboxes of its own, on a port of this machine."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.channels.email.servers import certificate
from tests.engine.daemon.conftest import free_port, until

__all__ = ["LARGEST", "Postfix", "postfix", "why_not"]

LARGEST = 100_000
"""Bytes of a message that it takes."""

_MAIN = """\
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.example.com
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = reject_unauth_destination
smtpd_reject_unlisted_recipient = yes
virtual_mailbox_domains = example.com
virtual_mailbox_base = {home}/mail
virtual_mailbox_maps = texthash:{home}/boxes
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
message_size_limit = {largest}
smtpd_tls_cert_file = {home}/ca.pem
smtpd_tls_key_file = {home}/key.pem
smtpd_tls_security_level = encrypt
maillog_file = {home}/log
maillog_file_prefixes = {home}
"""
_SERVICES = (
    *("cleanup unix n - n - 0 cleanup", "qmgr unix n - n 300 1 qmgr"),
    *("rewrite unix - - n - - trivial-rewrite", "bounce unix - - n - 0 bounce"),
    *("defer unix - - n - 0 bounce", "trace unix - - n - 0 bounce", "error unix - - n - - error"),
    *("retry unix - - n - - error", "virtual unix - n n - - virtual", "anvil unix - - n - 1 anvil"),
    *("tlsmgr unix - - n 1000? 1 tlsmgr", "proxymap unix - - n - - proxymap"),
    "postlog unix-dgram n - n - 1 postlogd",
)


class Postfix(NamedTuple):
    """Where it listens, the certificate it shows, and where Ada's letters lie."""

    port: int
    ca: Path
    box: Path

    def letters(self, count: int) -> list[bytes]:
        """At least so many, as they were delivered."""
        until(lambda: len(list(self.box.glob("new/*"))) >= count, f"{count} letters")
        return [path.read_bytes() for path in sorted(self.box.glob("new/*"))]


def why_not() -> str:
    """Why it cannot be started here; empty if it can."""
    if shutil.which("postfix", path=f"{os.environ.get('PATH', '')}:/usr/sbin") is None:
        return "no Postfix here: make others installs it"
    return "" if os.geteuid() == 0 else "Postfix is started by root only"


@contextmanager
def postfix() -> Iterator[Postfix]:
    """It runs as users of its own, who have to get at its folder."""
    user = pwd.getpwnam("postfix")
    home = Path(tempfile.mkdtemp(prefix="wayline-postfix-"))
    home.chmod(0o755)
    for name, owner in (("queue", 0), ("data", user.pw_uid), ("mail", user.pw_uid)):
        (home / name).mkdir()
        os.chown(home / name, owner, 0)
    port = free_port()
    settings = {"home": home, "uid": user.pw_uid, "gid": user.pw_gid, "largest": LARGEST}
    (home / "main.cf").write_text(_MAIN.format(**settings))
    listens = f"127.0.0.1:{port} inet n - n - - smtpd"
    (home / "master.cf").write_text("\n".join((listens, *_SERVICES, "")))
    (home / "boxes").write_text("ada@example.com ada/\n")
    certificate(home)
    assert grp.getgrnam("postdrop")
    try:
        _say(home, "start")
        yield Postfix(port, home / "ca.pem", home / "mail" / "ada")
    finally:
        _say(home, "stop")
        shutil.rmtree(home)


def _say(home: Path, word: str) -> None:
    done = subprocess.run(
        ["/usr/sbin/postfix", "-c", str(home), word], capture_output=True, text=True, check=False
    )
    log = home / "log"
    assert done.returncode == 0, (done.stderr, log.read_text() if log.exists() else "")

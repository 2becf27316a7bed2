"""The processes of one installation, and whoever starts them again when they end."""

from __future__ import annotations

import http.client
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.soak.carrier import install

__all__ = ["House", "Process", "until"]

HOUSE = Path(__file__).parents[2]
PATIENCE = 180.0
_WAYLINE = [sys.executable, "-c", "from engine.cli import main; main()"]


def until(true: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
    """Asks other processes again and again; they cannot tell us."""
    end = time.monotonic() + patience
    while not true():
        assert time.monotonic() < end, f"waited in vain: {what}"
        threading.Event().wait(0.05)


class Process:
    """One ``wayline serve``, which is started again whenever it has ended."""

    def __init__(self, house: House, name: str, port: int, options: Iterable[str]) -> None:
        self.name = name
        self.port = port
        self._house = house
        self._options = [*options]
        self._wanted = False
        self._process: subprocess.Popen[bytes] | None = None
        self._log = house.folder / f"{name}.log"

    @property
    def log(self) -> str:
        """What it has said, in all its lives."""
        return self._log.read_text() if self._log.exists() else ""

    def start(self) -> None:
        """Starts it, now and whenever it has ended."""
        self._wanted = True
        self._process = self._house.run("serve", *self._arguments(), log=self._log)

    def look(self) -> None:
        """If it has ended, it begins again. Only for want of a database may it end by itself."""
        if self._process is None or not self._wanted or self._process.poll() is None:
            return
        code = self._process.returncode
        if code != -signal.SIGKILL:
            said = self.log.rstrip().rpartition("\n")[2]
            assert (code, "The store" in said) == (2, True), f"{self.name}: {code}, {self.log}"
            self._house.ended[said[:60]] += 1
        self.start()

    def kill(self) -> None:
        """SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> int:
        """SIGTERM; its exit code."""
        self._wanted = False
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(PATIENCE)

    def end(self) -> None:
        """Whatever state it is in."""
        self._wanted = False
        if self._process is not None and self._process.poll() is None:
            self.kill()

    def limit_files(self, bytes_: int | None) -> None:
        """Lets no file of it grow beyond that: for its writes, the disk is full."""
        if self._process is not None and self._process.poll() is None:
            most = resource.RLIM_INFINITY if bytes_ is None else bytes_
            resource.prlimit(
                self._process.pid, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY)
            )

    def is_well(self) -> bool:
        """Whether it says that it is ready."""
        return self.ask("GET", "/readyz", None) == 200

    def ask(self, method: str, path: str, body: bytes | None, seconds: float = 20.0) -> int:
        """The status of its answer; 0 if there is none."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        headers = {"content-type": "application/json"} if body else {}
        try:
            with closing(connection):
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                answer.read()
                return answer.status
        except (OSError, http.client.HTTPException):
            return 0

    def _arguments(self) -> list[str]:
        return ["--port", str(self.port), *self._options]


class House:
    """All processes on one store, between clients and providers."""

    def __init__(self, folder: Path, store: str, providers: tuple[int, int], project: Path) -> None:
        self.folder = folder
        self.store = store
        self.project = project
        self.processes: list[Process] = []
        self.ended: Counter[str] = Counter()  # by themselves, by what they said
        self._providers = providers
        self._site = install(folder / "site")
        self._over = threading.Event()
        self._failure: BaseException | None = None
        self._minder = threading.Thread(target=self._mind, daemon=True)

    def run(self, *command: str, log: Path) -> subprocess.Popen[bytes]:
        """A command of ``wayline``."""
        push, mail = self._providers
        settings: Mapping[str, Any] = {
            "PYTHONPATH": f"{HOUSE}{os.pathsep}{self._site}",
            "WAYLINE_STORE": self.store,
            "WAYLINE_PUBLIC_URL": "https://journeys.shop.example",
            "WAYLINE_CHANNELS_PUSH_ADAPTER": "soak",
            "WAYLINE_CHANNELS_PUSH_PORT": str(push),
            "WAYLINE_CHANNELS_EMAIL_ADAPTER": "smtp",
            "WAYLINE_CHANNELS_EMAIL_HOST": "127.0.0.1",
            "WAYLINE_CHANNELS_EMAIL_PORT": str(mail),
            "WAYLINE_CHANNELS_EMAIL_ENCRYPTION": "none",
            "WAYLINE_CHANNELS_EMAIL_FROM": "Shop <news@shop.example>",
            "WAYLINE_CHANNELS_EMAIL_TIMEOUT_SECONDS": "3",
        }
        with log.open("ab") as written:
            return subprocess.Popen(
                [*_WAYLINE, *command],
                cwd=self.folder,
                env={**os.environ, **settings},
                stdout=written,
                stderr=written,
            )

    def add(self, name: str, port: int, *options: str) -> Process:
        """One more process."""
        self.processes.append(Process(self, name, port, options))
        return self.processes[-1]

    def open(self) -> None:
        """Deploys, starts everything, and minds it from now on."""
        log = self.folder / "deploy.log"
        code = self.run("deploy", "--yes", str(self.project), log=log).wait(PATIENCE)
        assert code == 0, log.read_text()
        for each in self.processes:
            each.start()
        until(lambda: all(each.is_well() for each in self.processes), "everybody to be ready")
        self._minder.start()

    def check(self) -> None:
        """Raises what went wrong meanwhile."""
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """In good order: nobody has anything to complain of."""
        self._over.set()
        self._minder.join()
        self.check()
        for each in self.processes:
            code = each.stop()
            assert code == 0, f"{each.name} ended with {code}: {each.log}"
        for each in self.processes:
            assert "Traceback" not in each.log, each.log
            assert "broken" not in each.log, each.log

    def end(self) -> None:
        """Whatever state it is in."""
        self._over.set()
        for each in self.processes:
            each.end()

    def _mind(self) -> None:
        try:
            while not self._over.wait(0.1):
                for each in self.processes:
                    each.look()
        except BaseException as error:  # noqa: BLE001 - raised where it is asked for
            self._failure = error

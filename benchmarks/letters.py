"""One e-mail: rendered and assembled, against Jinja2 alone; and signed, against dkimpy.

The e-mail has five modules with a few values each, and is laid out, inlined and put into MIME form as
those that are sent. Jinja2 gets what came of it, with the values taken out again: the same HTML, the
same text and the same subject, as plain templates, compiled before. What both write is compared
first. Seconds of CPU, in turns; the median counts.

    python -m benchmarks.letters [--letters N]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from zoneinfo import ZoneInfo

import dkim
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jinja2 import Environment, Template

from benchmarks.line import Line
from channels.content import Built
from channels.content.library import Library
from channels.email.address import Address, read_address
from channels.email.dkim import Signer
from channels.email.mime import Sender, build
from channels.message import Message
from dsl.compiler import compile_project
from dsl.expr.context import Context

__all__ = ["SLOWEST", "SLOWEST_SIGNING", "lines", "main"]

SLOWEST, SLOWEST_SIGNING = 5.0, 10.0
_NOW = 1_772_445_600_000_000  # 2026-03-02 10:00 UTC
_TURNS = 7
_WORDS = "A quiet afternoon, a pot of tea and something new to read: that is what we wish you. " * 6
_NAMES = ("first_name", "city", "product", "maker", "colour", "shop")
_FILES: Mapping[str, str] = {
    "tracking_plan.yaml": "tracking plan: letters\nprofile:\n  email: text, personal\n"
    + "".join(f"  {name}: text\n" for name in _NAMES)
    + "events:\n  signed_up:\n    from: Signed Up\n",
    "policy.yaml": """\
policy: letters
time zone: UTC
languages: en
currency: EUR
channels:
  email: {reachable when: email is known}
categories:
  service:
    consent: not needed
""",
    "modules.yaml": f"""\
modules:
  header:
    blocks: [{{text: {{en: "{{{{ shop }}}}"}}}}, {{divider: yes}}]
  greeting:
    blocks: [{{text: {{en: "Hello {{{{ first_name }}}} in {{{{ city }}}}! {_WORDS}"}}}}]
  offer:
    requires: product
    blocks:
      - text: {{en: "{{{{ product }}}} by {{{{ maker }}}}, in {{{{ colour }}}}: only today."}}
      - button: {{en: "See it"}}
        link: https://shop.example/sale
  tips:
    show if: city is known
    blocks: [{{text: {{en: "Near you in {{{{ city }}}}: {_WORDS}"}}}}]
  footer:
    required in: email
    blocks: [{{text: {{en: "{{{{ shop }}}}, 1 High Street. Unsubscribe: {{{{ unsubscribe_link }}}}"}}}}]
""",
    "messages.yaml": """\
messages:
  letter:
    email:
      subject: {en: "{{ first_name }}, something new by {{ maker }}"}
      blocks: [{use: header}, {use: greeting}, {use: offer}, {use: tips}, {use: footer}]
""",
    "journeys/letters.yaml": """\
journey: letters
category: service
trigger: {event: signed_up}
steps:
  - {id: write, send: letter, to: email}
""",
}
_VALUES = dict(zip(_NAMES, ("Ada", "Riga", "Tea pot", "Miro", "green", "The Shop"), strict=True))


def _context(values: Mapping[str, str]) -> Context:
    return Context(_NOW, ZoneInfo("UTC"), {"email": "ada@example.com", **values})


class _Ours:
    """As messages are made."""

    def __init__(self) -> None:
        compiled = compile_project(_FILES)
        assert compiled.project is not None, compiled.diagnostics
        self._library = Library(
            compiled.project.messages, ("en",), lambda name: f"https://shop.example/u/{name}"
        )
        self._context = _context(_VALUES)
        to = read_address("ada@example.com")
        assert to is not None
        self._to: Address = to
        self._sender = Sender("Shop", self._to, "shop.example")

    def parts(self, context: Context, delivery: str) -> Mapping[str, str]:
        built = self._library.build("letter", "email", context, {}, delivery)
        assert isinstance(built, Built), built
        return built.parts

    def write(self) -> bytes:
        """Rendered and assembled."""
        parts = self.parts(self._context, "d1")
        message = Message("d1", "email", "ada@example.com", "news", "w", "letter", parts)
        return build(message, self._to, self._sender, _NOW)


class _Plain:
    """The same texts as plain templates."""

    def __init__(self, ours: _Ours) -> None:
        marked = ours.parts(_context({name: f"QQ{name}QQ" for name in _NAMES}), "QQdeliveryQQ")
        environment = Environment(
            autoescape=True,
            keep_trailing_newline=True,
            block_start_string="<%%",
            comment_start_string="<##",
        )
        self._templates: dict[str, Template] = {}
        for part in ("subject", "html", "text"):
            text = marked[part]
            for name in (*_NAMES, "delivery"):
                text = text.replace(f"QQ{name}QQ", f"{{{{ {name} }}}}")
            self._templates[part] = environment.from_string(text)
        self._values = {**_VALUES, "delivery": "d1"}

    def write(self) -> dict[str, str]:
        """Rendered."""
        return {name: each.render(self._values) for name, each in self._templates.items()}


def _cost(do: Callable[[], object], times: int) -> float:
    began = time.process_time()
    for _ in range(times):
        do()
    return (time.process_time() - began) / times


def _compare(one: Callable[[], object], other: Callable[[], object], times: int) -> float:
    """How many times as long one takes as the other."""
    one(), other()
    return statistics.median(_cost(one, times) / _cost(other, times) for _ in range(_TURNS))


def rendering(letters: int) -> float:
    """Ours ÷ Jinja2 alone. Raises if they do not write the same."""
    ours = _Ours()
    plain = _Plain(ours)
    written = ours.parts(_context(_VALUES), "d1")
    assert plain.write() == {name: written[name] for name in ("subject", "html", "text")}
    return _compare(ours.write, plain.write, letters)


def signing(letters: int) -> float:
    """Dkimpy ÷ ours, with the same key of 2048 bits, over the same headers."""
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    message, signer = _Ours().write(), Signer("shop.example", "s1", key)
    included = [
        b"from",
        b"to",
        b"subject",
        b"date",
        b"message-id",
        b"mime-version",
        b"content-type",
    ]

    def theirs() -> bytes:
        signed: bytes = dkim.sign(
            message,
            b"s1",
            b"shop.example",
            pem,
            None,
            (b"relaxed", b"simple"),
            include_headers=included,
        )
        return signed

    return _compare(theirs, lambda: signer.sign(message, _NOW), letters)


def lines(options: argparse.Namespace) -> Iterator[Line]:
    """(n) rendering and assembling, (o) signing."""
    del options
    ratio = rendering(300)
    yield Line(
        "(n) one e-mail rendered and assembled / Jinja2 alone",
        f"{ratio:.2f}",
        f"<= {SLOWEST:g}",
        ratio <= SLOWEST,
    )
    ratio = signing(20)
    yield Line(
        "(o) one e-mail signed with DKIM, dkimpy / ours",
        f"{ratio:.1f}",
        f">= {SLOWEST_SIGNING:g}",
        ratio >= SLOWEST_SIGNING,
    )


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.letters")
    parser.add_argument("--letters", type=int, default=300)
    options = parser.parse_args()
    print(f"rendered and assembled / Jinja2 alone: {rendering(options.letters):.2f}")
    print(f"signed, dkimpy / ours: {signing(max(1, options.letters // 15)):.1f}")


if __name__ == "__main__":
    main()

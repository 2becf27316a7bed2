"""What a file is, before anything of it is taken: its fingerprint, and in which letters it is."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from engine.lines import LONGEST_LINE, Bytes
from engine.operator import OperatorError

__all__ = ["Form", "Survey", "survey"]

Form: TypeAlias = Literal["csv", "ndjson"]

_FORMS: dict[str, Form] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".json": "ndjson",
}
_ZIPPED = b"PK\x03\x04"  # as spreadsheets are
_LARGE = 1 << 28  # bytes of what comes out of a packed file
_DENSE = 200  # times its size: no table of people is so much the same
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Survey(NamedTuple):
    """A file whose bytes (unpacked) have this ``digest``."""

    path: Path
    form: Form
    digest: str
    encoding: str


def survey(
    path: Path, encoding: str | None = None, seen: Callable[[int, int], None] = lambda _, __: None
) -> Survey:
    """Reads it once from end to end. ``seen`` is told how many bytes were read, of how many.

    Raises ``OperatorError`` if it is neither of the two forms, or not in the letters it is said to
    be in.
    """
    form = _form(path)
    source, digest, first = Bytes(path), sha256(), b""
    decoder: codecs.IncrementalDecoder | None = None
    length, line, total = 0, 1, 0  # of the line that goes on; which it is; of all
    for piece in source.pieces():
        digest.update(piece)
        if (total := total + len(piece)) > max(_LARGE, _DENSE * source.size):
            raise OperatorError(
                f"{path.name} becomes more than {_DENSE} times as large when it is unpacked, as no"
                " file of people does. If it is one, unpack it (gunzip) and bring in what comes out."
            )
        ended = piece.find(b"\n")
        length = length + len(piece) if ended < 0 else len(piece) - 1 - piece.rfind(b"\n")
        ends = piece.count(b"\n")
        if length > LONGEST_LINE:
            raise OperatorError(
                f"{path.name}: line {line + ends:,} is longer than 1 MB. Is that a file of lines?"
            )
        line += ends
        if decoder is None:
            first = piece[:4]
            if first == _ZIPPED:
                raise OperatorError(
                    f"{path.name} is a spreadsheet or a zip archive, whatever it is called: save the"
                    " sheet as CSV (UTF-8)."
                )
            encoding = encoding or _marked(first) or "utf-8"
            decoder = _decoder(encoding)
        _check(decoder, piece, path, encoding or "")
        seen(source.done, source.size)
    if decoder is not None:
        _check(decoder, b"", path, encoding or "", final=True)
    return Survey(path, form, digest.hexdigest(), encoding or "utf-8")


def _form(path: Path) -> Form:
    plain = path.name.removesuffix(".gz")
    form = _FORMS.get(Path(plain).suffix.lower())
    if form is None:
        raise OperatorError(
            f"What is in {path.name}? Its name should end with .csv or .ndjson (also with .gz). Save"
            " the sheet of a spreadsheet as CSV (UTF-8)."
        )
    return form


def _marked(first: bytes) -> str | None:
    return next((name for mark, name in _MARKS if first.startswith(mark)), None)


def _decoder(encoding: str) -> codecs.IncrementalDecoder:
    try:
        return codecs.getincrementaldecoder(encoding)("strict")
    except LookupError:
        raise OperatorError(
            f'There is no encoding "{encoding}": write for example utf-8, cp1252 or utf-16.'
        ) from None


def _check(
    decoder: codecs.IncrementalDecoder,
    piece: bytes,
    path: Path,
    encoding: str,
    *,
    final: bool = False,
) -> None:
    try:
        decoder.decode(piece, final)
    except UnicodeDecodeError:
        raise OperatorError(
            f"{path.name} is not written in {encoding}: say in what, with --encoding. Spreadsheets"
            " in Western Europe often write cp1252."
        ) from None

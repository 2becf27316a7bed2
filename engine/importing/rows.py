"""From a file to its rows, one after the other: what stands under which column, in which line."""

from __future__ import annotations

import csv
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from itertools import islice
from typing import Any, Final, NamedTuple

import orjson

from engine.importing.survey import Survey
from engine.lines import Bytes, numbered_lines
from engine.operator import OperatorError

__all__ = ["Row", "head_of", "rows_of"]

_DELIMITERS: Final = ",;\t|"
_MANY: Final = 2_000  # columns
_BETWEEN: Final = 512  # lines, between telling how far it has come
_FIRST: Final = 100  # lines of JSON that are looked at for what they are called

_new = tuple.__new__  # what a NamedTuple does at last, without its own function in between


class Row(NamedTuple):
    """A line of the file (the first one, if it goes over several) and what is in it: in a table, the
    cells in the order of the head. Or why it cannot be read.
    """

    line: int
    cells: dict[str, Any]
    trouble: str = ""
    values: Sequence[str] = ()


def head_of(survey: Survey, delimiter: str | None = None) -> tuple[str, ...]:
    """The names of the columns; of JSON, those in its first lines. A call in the Segment spec has
    none: it says itself what it is.
    """
    if survey.form == "csv":
        table = _Table(survey, delimiter)
        table.close()
        return table.head
    names: dict[str, None] = {}
    with closing(_records(survey, lambda _, __: None)) as records:
        for found in islice(records, _FIRST):
            if not is_call(found.cells):
                names.update(dict.fromkeys(found.cells))
    return tuple(names)


def is_call(cells: dict[str, Any]) -> bool:
    """Whether a line of JSON is a call in the Segment spec."""
    return "type" in cells and not {"traits", "properties", "event"}.isdisjoint(cells)


def rows_of(
    survey: Survey,
    delimiter: str | None = None,
    seen: Callable[[int, int], None] = lambda _, __: None,
) -> Generator[Row, None, None]:
    """All rows, to be closed by whoever does not want them all. ``seen`` is told now and then how many bytes were read, of how many."""
    if survey.form == "csv":
        return _Table(survey, delimiter, seen).rows()
    return _records(survey, seen)


def _records(survey: Survey, seen: Callable[[int, int], None]) -> Generator[Row, None, None]:
    with closing(Bytes(survey.path)) as source:
        for number, line in numbered_lines(source):
            if not number % 512:
                seen(source.done, source.size)
            yield _record(number, line, survey.encoding)
        seen(source.size, source.size)


def _record(number: int, line: bytes, encoding: str) -> Row:
    try:
        if encoding not in ("utf-8", "ascii"):
            line = line.decode(encoding).removeprefix("\ufeff").encode()
        found = orjson.loads(line)
    except (orjson.JSONDecodeError, UnicodeError):
        return Row(number, {}, "This is not JSON.")
    if not isinstance(found, dict):
        return Row(number, {}, "This is not a JSON object.")
    return Row(number, found)


class _Table:
    """A table of text, as spreadsheets write it. Its head has been read."""

    def __init__(
        self,
        survey: Survey,
        delimiter: str | None,
        seen: Callable[[int, int], None] = lambda _, __: None,
    ) -> None:
        self._name = survey.path.name
        self._source = Bytes(survey.path)
        self._seen = seen
        try:
            self._reader, self.head = self._begin(survey.encoding, delimiter)
        except BaseException:
            self.close()
            raise

    def _begin(self, encoding: str, delimiter: str | None) -> tuple[Any, tuple[str, ...]]:
        """Reads the head."""
        lines = self._source.text(encoding)
        if delimiter is None:
            delimiter = max(_DELIMITERS, key=_unquoted(lines.readline()).count)
            lines.seek(0)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        try:
            head = tuple(cell.strip() for cell in next(reader, ()))
        except csv.Error as error:
            raise OperatorError(f"The head of {self._name} cannot be read: {error}.") from None
        if not any(head):
            raise OperatorError(f"{self._name} has no head: its first line names the columns.")
        twice = [name for name in head if name and head.count(name) > 1]
        if twice:
            raise OperatorError(f'{self._name} has two columns that are called "{twice[0]}".')
        if len(head) > _MANY:
            raise OperatorError(f"{self._name} has {len(head):,} columns; {_MANY:,} may be.")
        return reader, head

    def close(self) -> None:
        self._source.close()

    def rows(self) -> Generator[Row, None, None]:
        width, none = len(self.head), dict[str, Any]()
        reader, first, ahead = self._reader, self._reader.line_num + 1, 0
        try:
            while True:
                if first > ahead:
                    self._seen(self._source.done, self._source.size)
                    ahead = first + _BETWEEN
                try:
                    for cells in reader:
                        last = reader.line_num
                        if len(cells) == width:
                            yield _new(Row, (first, none, "", cells))
                        elif any(cells):
                            yield Row(first, {}, _ragged(cells, width))
                        first = last + 1
                        if first > ahead:
                            break
                    else:
                        break
                except csv.Error as error:
                    yield Row(first, {}, _trouble(error, first, reader.line_num))
                    first = reader.line_num + 1
        finally:
            self.close()
        self._seen(self._source.size, self._source.size)


def _unquoted(line: str) -> str:
    """A line without what stands in quotation marks."""
    return "".join(line.split('"')[::2])


def _ragged(cells: Sequence[str], width: int) -> str:
    return f"This line has {len(cells)} cells, and the head has {width}."


def _trouble(error: csv.Error, first: int, last: int) -> str:
    if "field larger" in str(error):
        return f"A quotation mark is opened and not closed: lines {first} to {last} are left out."
    if "unexpected end" in str(error):
        return "A quotation mark is opened and not closed until the end of the file."
    return f"This line cannot be read as a table: {error}."

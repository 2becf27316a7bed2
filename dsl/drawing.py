"""A journey as a calm SVG picture, from top to bottom, with or without numbers.

Own layout: a block is as wide as its widest row, a box stands over the middle of its lanes, and
lanes that go on join under them. Text is measured with the widths of a wide typeface before
it is set, so it stays inside its box whatever typeface the reader has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from types import MappingProxyType

from dsl.graph import Block, Edge, Lane, Node, Row, graph
from dsl.machine import Machine

__all__ = ["Numbers", "draw", "lines_of", "width_of"]

_BOX = 232  # width of a box
_PAD = 12
_GAP = 28  # between lanes
_DROP = 38  # length of an edge
_BEND = 16  # from a box to the bar that its lanes hang from, and from lanes to where they join
_SLIM = 92  # least width of a lane without boxes
_TITLE, _SMALL = 13.0, 11.5
_LEADING = 1.35
_MOST_LINES = 5

# Every rule begins with the class of the picture: a style inside an SVG holds for its whole page.
_STYLE = (
    ".drawing text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;"
    "fill:#1f2933}"
    ".drawing .t{font-size:13px;font-weight:600}"
    ".drawing .s{font-size:11.5px;fill:#52606d}"
    ".drawing .n{font-size:11.5px;fill:#334e68;font-variant-numeric:tabular-nums}"
    ".drawing .h{paint-order:stroke;stroke:#fff;stroke-width:6px;stroke-linejoin:round}"
    ".drawing path{fill:none;stroke:#9aa5b1;stroke-width:1.5}"
    ".drawing .box{stroke-width:1}"
    ".drawing .wait{fill:#f5f7fa;stroke:#cbd2d9}"
    ".drawing .send{fill:#e6f3ff;stroke:#7db5e8}"
    ".drawing .ask{fill:#fff8e6;stroke:#e0c068}"
    ".drawing .do{fill:#f0f4f8;stroke:#bcccdc}"
    ".drawing .entry{fill:#e7f6ec;stroke:#7fbf97}"
    ".drawing .stop,.drawing .end{fill:#fff;stroke:#9aa5b1}"
)


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a drawing may say beyond the steps: people on edges, notes under boxes."""

    edges: Mapping[Edge, int] = field(default_factory=lambda: MappingProxyType({}))
    notes: Mapping[int, Sequence[str]] = field(default_factory=lambda: MappingProxyType({}))


def draw(machine: Machine, numbers: Numbers | None = None) -> str:
    """The SVG of a journey. Stands alone, and may be set into a page as it is."""
    pen = _Pen(numbers)
    block = graph(machine)
    width, height = pen.size(block)
    pen.block(block, width / 2 + 1, 1)
    label = escape(f"The steps of {machine.title or machine.journey}", quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="drawing" width="{width + 2:.0f}" height="{height + 2:.0f}"'
        f' viewBox="0 0 {width + 2:.0f} {height + 2:.0f}" role="img" aria-label="{label}">'
        f"<style>{_STYLE}</style>{''.join(pen.lines)}{''.join(pen.shapes)}</svg>"
    )


class _Pen:
    """Measures and draws. Lines are kept apart, so that boxes lie on top of them."""

    def __init__(self, numbers: Numbers | None) -> None:
        self._numbers = numbers
        self.lines: list[str] = []
        self.shapes: list[str] = []

    # ------------------------------------------------------------------------------ sizes

    def size(self, block: Block) -> tuple[float, float]:
        """Width and height of a block."""
        width = height = 0.0
        for number, row in enumerate(block.rows):
            last = number == len(block.rows) - 1
            wide, high = self._row_size(row)
            width, height = max(width, wide), height + high + (0 if last else self._gap(row))
        return width, height

    def _gap(self, row: Row) -> float:
        return _BEND if row.lanes else _DROP

    def _row_size(self, row: Row) -> tuple[float, float]:
        high = self._box_height(row.node)
        if not row.lanes:
            return _BOX, high
        sizes = [self._lane_size(lane) for lane in row.lanes]
        width = sum(wide for wide, _ in sizes) + _GAP * (len(sizes) - 1)
        deep = max(size[1] for size in sizes)
        return max(_BOX, width), high + _BEND + self._head(row) + deep + _BEND

    def _lane_size(self, lane: Lane) -> tuple[float, float]:
        wide, high = self.size(lane.block)
        slim = max((width_of(line, _SMALL) for line in self._label(lane)), default=0.0) + 12
        return max(wide, slim, _SLIM), high

    def _head(self, row: Row) -> float:
        """Height of the labels over the lanes."""
        most = max(len(self._label(lane)) for lane in row.lanes)
        return most * _SMALL * _LEADING + 18

    def _label(self, lane: Lane) -> list[str]:
        """The words on the way into a lane, and how many people went there."""
        words = lines_of(lane.label, _SMALL, _BOX - 2 * _PAD, 3)
        count = self._count(lane.edges)
        return [*words, count] if count else words

    def _count(self, edges: Sequence[Edge]) -> str:
        if self._numbers is None or not edges:
            return ""
        return f"{sum(self._numbers.edges.get(edge, 0) for edge in edges):,}"

    def _texts(self, node: Node) -> tuple[list[str], list[str]]:
        room = _BOX - 2 * _PAD
        title = lines_of(node.title, _TITLE, room, _MOST_LINES, bold=True)
        notes = () if self._numbers is None else self._numbers.notes.get(node.index, ())
        small = [
            line
            for text in (*node.lines, *notes)
            for line in lines_of(text, _SMALL, room, _MOST_LINES)
        ]
        return title, small

    def _box_height(self, node: Node) -> float:
        title, small = self._texts(node)
        return 19 + (len(title) * _TITLE + len(small) * _SMALL) * _LEADING

    # ---------------------------------------------------------------------------- drawing

    def block(self, block: Block, x: float, y: float) -> float:
        """Draws a block around the axis ``x`` from ``y`` down; returns where it ends."""
        for number, row in enumerate(block.rows):
            y = self._row(row, x, y)
            if number < len(block.rows) - 1:
                gap = self._gap(row)
                self._line(f"M{x:.1f} {y:.1f}V{y + gap:.1f}", arrow=(x, y + gap))
                if not row.lanes:
                    self._text(x + 7, y + gap / 2 + 2, [self._count(row.onward)], "n", "start")
                y += gap
        return y

    def _row(self, row: Row, x: float, y: float) -> float:
        y = self._box(row.node, x, y)
        if not row.lanes:
            return y
        sizes = [self._lane_size(lane) for lane in row.lanes]
        left = x - (sum(wide for wide, _ in sizes) + _GAP * (len(sizes) - 1)) / 2
        bar, top = y + _BEND, y + _BEND + self._head(row)
        bottom = top + max(high for _, high in sizes) + _BEND
        self._line(f"M{x:.1f} {y:.1f}V{bar:.1f}")
        for lane, (wide, _) in zip(row.lanes, sizes, strict=True):
            middle = left + wide / 2
            self._lane(lane, (x, bar), (middle, top), bottom)
            left += wide + _GAP
        return bottom

    def _lane(
        self, lane: Lane, bar: tuple[float, float], start: tuple[float, float], bottom: float
    ) -> None:
        (axis, bar_y), (x, top) = bar, start
        arrow = (x, top) if lane.block.rows else None
        self._line(f"M{axis:.1f} {bar_y:.1f}H{x:.1f}V{top:.1f}", arrow=arrow)
        label = self._label(lane)
        self._text(x, bar_y + 6 + _SMALL, label, "n h", "middle")
        end = self.block(lane.block, x, top)
        if lane.open:
            self._line(f"M{x:.1f} {end:.1f}V{bottom:.1f}H{axis:.1f}")
            if lane.block.rows and not lane.block.rows[-1].lanes:
                count = self._count(lane.block.leaving)
                self._text(x + 7, end + _SMALL + 1, [count], "n", "start")

    def _box(self, node: Node, x: float, y: float) -> float:
        title, small = self._texts(node)
        height = self._box_height(node)
        round_ = height / 2 if node.sort in ("stop", "end") and len(title) == 1 else 6
        tip = " · ".join(part for part in (node.name, node.title, *node.lines) if part)
        self.shapes.append(
            f'<g><title>{escape(tip)}</title><rect class="box {node.sort}"'
            f' x="{x - _BOX / 2:.1f}" y="{y:.1f}" width="{_BOX}" height="{height:.1f}"'
            f' rx="{round_:.0f}"/>'
        )
        self._text(x, y + 8 + _TITLE, title, "t", "middle", _TITLE)
        below = y + 9 + len(title) * _TITLE * _LEADING + _SMALL
        self._text(x, below, small, "s", "middle")
        self.shapes.append("</g>")
        return y + height

    def _line(self, path: str, arrow: tuple[float, float] | None = None) -> None:
        self.lines.append(f'<path d="{path}"/>')
        if arrow is not None:
            x, y = arrow
            self.lines.append(
                f'<path d="M{x - 4:.1f} {y - 6:.1f}L{x:.1f} {y:.1f}L{x + 4:.1f} {y - 6:.1f}"/>'
            )

    def _text(
        self,
        x: float,
        y: float,
        lines: Sequence[str],
        style: str,
        anchor: str,
        size: float = _SMALL,
    ) -> None:
        for number, line in enumerate(lines):
            if line:
                self.shapes.append(
                    f'<text class="{style}" x="{x:.1f}" y="{y + number * size * _LEADING:.1f}"'
                    f' text-anchor="{anchor}">{escape(line)}</text>'
                )


# ---------------------------------------------------------------------------------- measuring

_NARROW = frozenset("iljtfrI.,:;'|!()[]{}/\\ -\"`")
_BROAD = frozenset("mwMW@%&—…+=<>#")


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a text is at most, in a wide typeface."""
    em = sum(
        0.42
        if c in _NARROW
        else 1.0
        if c in _BROAD or ord(c) > 0x2000
        else 0.74
        if c.isupper()
        else 0.64
        for c in text
    )
    return em * size * (1.08 if bold else 1.0)


def lines_of(text: str, size: float, room: float, most: int, *, bold: bool = False) -> list[str]:
    """The text in at most ``most`` lines, none wider than ``room``; the rest becomes "…"."""
    lines: list[str] = []
    current = ""
    for piece in _pieces(text, size, room, bold=bold):
        if width_of((current + piece).rstrip(), size, bold=bold) <= room:
            current += piece
        else:
            lines.append(current.rstrip())
            current = piece.lstrip()
    lines.append(current.rstrip())
    lines = [line for line in lines if line]
    if len(lines) > most:
        cut = lines[most - 1]
        while cut and width_of(cut + "…", size, bold=bold) > room:
            cut = cut[:-1]
        lines = [*lines[: most - 1], cut.rstrip() + "…"]
    return lines


def _pieces(text: str, size: float, room: float, *, bold: bool) -> list[str]:
    """Words with the blank after them; names are cut after _ and . if they must be."""
    pieces: list[str] = []
    for word in text.split(" "):
        if width_of(word, size, bold=bold) <= room:
            pieces.append(word + " ")
            continue
        current = ""
        for part in word.replace("_", "_\0").replace(".", ".\0").split("\0"):
            for character in part:
                if width_of(current + character, size, bold=bold) > room:
                    pieces.append(current)
                    current = ""
                current += character
            if width_of(current, size, bold=bold) > room / 2:
                pieces.append(current)
                current = ""
        pieces.append(current + " ")
    return pieces

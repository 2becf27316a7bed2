"""Code for questions about rows: one small function with one loop for each.

Every window becomes two instants, ``start`` included and ``end`` not; instants are whole numbers,
so that (now - D, now] is [now - D + 1, now + 1).
"""

from __future__ import annotations

from typing import Literal, NamedTuple, assert_never

from dsl import kinds
from dsl.expr import typed_test as tt
from dsl.expr import typed_value as tv
from dsl.expr.emit import Body, Taken
from dsl.expr.emit_tests import EmitTests
from dsl.expr.timing import reach
from dsl.expr.typed_test import Test
from dsl.expr.typed_value import Rows, Value, Window

__all__ = ["Emitter"]


class _Loop(NamedTuple):
    """A loop over rows: the lines before it, its head, and what a row must be to count."""

    setup: list[str]
    head: str
    skips: list[str]  # lines inside the loop that leave out rows


class Emitter(EmitTests):
    """All parts of the emitter together. One function, one emitter."""

    def fork(self) -> Emitter:
        return Emitter(self.program)

    # -- questions

    def ask(self, test: Test) -> str:
        match test:
            case tt.Messaged():
                return self._messaged(test)
            case tt.Some():
                return self._some(test)
            case tt.Every(rows=rows, test=each):
                inner = self.fork()
                lines = ["found = False"]
                body = [f"if not {inner.test(each)}:", "    return False", "found = True"]
                return self._query(inner, rows, lines, body, ["return found"], "False")
            case _:
                raise AssertionError(test)

    def count_rows(self, rows: Rows) -> Taken:
        inner = self.fork()
        if rows.where is None and isinstance(rows, tv.Items):
            taken = self.take(rows.items)
            return Taken(
                (), f"(len({taken.source}) if {' and '.join(taken.tests)} else 0)", whole=True
            )
        if (
            isinstance(rows, tv.Events)
            and rows.where is None
            and not (isinstance(rows.window, tv.SinceEntry))
        ):
            return Taken((), self._counted(inner, rows), whole=True)
        source = self._query(inner, rows, ["n = 0"], ["n += 1"], ["return n"], "0")
        return Taken((), source, whole=True)

    def measure(self, value: Value) -> Taken:
        match value:
            case tv.Pick():
                return self._pick(value)
            case tv.Aggregate():
                return self._aggregate(value)
            case _:
                raise AssertionError(value)

    # -- loops

    def _query(
        self,
        inner: Body,
        rows: Rows,
        before: list[str],
        body: list[str],
        after: list[str],
        empty: str,
        *,
        forward: bool = False,
    ) -> str:
        """Adds a function that loops over rows; the source of its call."""
        assert isinstance(inner, Emitter)
        name = self.program.fresh("q")
        loop = inner.loop(rows, empty, forward=forward)
        where = [] if rows.where is None else [f"if {inner.test(rows.where)}:"]
        indent = "    " if where else ""
        inside = [*loop.skips, *where, *(indent + line for line in body)]
        if "p" in inner.uses and isinstance(rows, tv.Events):
            inside.insert(len(loop.skips), "p = h.properties")
        lines = [*loop.setup, *before, loop.head, *(f"    {line}" for line in inside), *after]
        if isinstance(rows, tv.Events):
            first = [f"E = c.history.get({rows.event!r})", "if not E:", f"    return {empty}"]
            inner.define(name, "c", lines, first)
            return f"{name}(c)"
        inner.define(name, "c, L", lines, [])
        return f"{name}(c, {self._listed(rows.items)})"

    def _listed(self, items: Value) -> str:
        taken = self.take(items)
        if taken.sure:
            return taken.source
        return f"({taken.source} if {' and '.join(taken.tests)} else [])"

    def loop(self, rows: Rows, empty: str, *, forward: bool) -> _Loop:
        """The loop over rows, in this function."""
        if isinstance(rows, tv.Items):
            order = "L" if forward else "reversed(L)"
            item = rows.items.kind
            record = isinstance(item, kinds.ListOf) and isinstance(item.item, kinds.Record)
            if not record:
                return _Loop([], f"for x in {order}:", [])
            return _Loop([], f"for p in {order}:", ["if p.__class__ is not dict:", "    continue"])
        setup, skips = self._bounds(rows.window, empty, forward=forward)
        order = "E" if forward else "reversed(E)"
        return _Loop(setup, f"for h in {order}:", skips)

    def _bounds(
        self, window: Window | None, empty: str, *, forward: bool
    ) -> tuple[list[str], list[str]]:
        if window is None:
            return [], []
        before, behind = ("continue", "break") if forward else ("break", "continue")
        limits = reach(window.length) if isinstance(window, tv.Last) else None
        if isinstance(window, tv.Last) and limits is not None:
            return self._roughly(window, limits, before, behind)
        setup, start, end = self.edges(window, empty)
        skips = ["t = h.occurred"]
        if start:
            skips += ["if t < start:", f"    {before}"]
        if end:
            skips += ["if t >= end:", f"    {behind}"]
        if isinstance(window, tv.SinceEntry):
            # The number of a trigger that is not kept may be that of a later event.
            setup += [
                "first = None if c.trigger is None else c.trigger.number",
                "named = None if c.trigger is None else c.trigger.name",
            ]
            it = "h.number == first and h.name == named"
            earlier = "t == start and h.number < first"
            skips += [f"if first is not None and ({it} or {earlier}):", "    continue"]
        return setup, skips

    def _roughly(
        self, window: tv.Last, limits: tuple[int, int], before: str, behind: str
    ) -> tuple[list[str], list[str]]:
        """The last days, asking the calendar only for what is near the edge."""
        now, (least, most) = self.use("now"), limits
        setup = [f"sure = {now} - {least}", "start = None", f"end = {now} + 1"]
        skips = [
            "t = h.occurred",
            "if t <= sure:",
            f"    if t < {now} - {most}:",
            f"        {before}",
            "    if start is None:",
            f"        start = back({now}, {self.program.constant(window.length)}, c)",
            "    if t <= start:",
            f"        {before}",
            "elif t >= end:",
            f"    {behind}",
        ]
        return setup, skips

    def edges(self, window: Window, empty: str) -> tuple[list[str], bool, bool]:
        """Lines that set ``start`` and ``end``, and which of them there are."""
        until_now = f"end = {self.use('now')} + 1"

        def setting(name: str, taken: Taken) -> list[str]:
            if taken.sure:
                return [f"{name} = {taken.source}"]
            return [
                f"if not ({' and '.join(taken.tests)}):",
                f"    return {empty}",
                f"{name} = {taken.source}",
            ]

        match window:
            case tv.Last(length=length) if length.exact:
                return [f"start = {self.use('now')} - {length.micros - 1}", until_now], True, True
            case tv.Last(length=length):
                edge = f"back({self.use('now')}, {self.program.constant(length)}, c)"
                return [f"start = {edge} + 1", until_now], True, True
            case tv.Since(moment=moment):
                return [*setting("start", self.take(moment)), until_now], True, True
            case tv.SinceEntry():
                return [*setting("start", self.take(tv.Entry())), until_now], True, True
            case tv.Before(moment=moment):
                return setting("end", self.take(moment)), False, True
            case tv.Range(low=low, high=high):
                lines = setting("start", self.take(low)) + setting("end", self.take(high))
                return lines, True, True
            case tv.WithinAfter(length=length, moment=moment):
                lines = setting("start", self.take(moment))
                return lines + setting("end", self.shifted("start", length, back=False)), True, True
            case tv.Period(name="yesterday"):
                start, end = (
                    self.may_be_none(f"period_start({name!r}, c)")
                    for name in ("yesterday", "today")
                )
                return setting("start", start) + setting("end", end), True, True
            case tv.Period(name=name):
                start = self.may_be_none(f"period_start({name!r}, c)")
                return [*setting("start", start), until_now], True, True
            case _:
                assert_never(window)

    # -- some

    def _some(self, test: tt.Some) -> str:
        rows = test.rows
        inner = self.fork()
        follow = [] if test.followed is None else [self._followed(test.followed)]
        if test.times is None:
            if isinstance(rows, tv.Items) and rows.where is None:
                return self.all_of(*self.take(rows.items).tests)
            if isinstance(rows, tv.Events) and rows == tv.Events(rows.event) and not follow:
                return f"(len(c.history.get({rows.event!r}, ())) > 0)"
            body = [*(f"if {one}:" for one in follow), "    " * len(follow) + "return True"]
            return self._query(inner, rows, [], body, ["return False"], "False")
        sign, count = test.times
        enough = count + 1
        lines = ["n += 1", f"if n == {enough}:", "    break"]
        body = [*(f"if {one}:" for one in follow), *("    " * len(follow) + line for line in lines)]
        result = [f"return n {sign} {count}"]
        return self._query(inner, rows, ["n = 0"], body, result, repr(_holds(sign, count)))

    def _followed(self, follow: tt.Follow) -> str:
        inner = self.fork()
        name = self.program.fresh("q")
        lines: list[str] = []
        skips: list[str] = []
        if follow.within is not None:
            edge = inner.shifted("s0", follow.within, back=False)
            if not edge.sure:
                lines += [f"if not {' and '.join(edge.tests)}:", "    return False"]
            lines.append(f"end = {edge.source}")
            skips = ["if h.occurred > end:", "    return False"]
        lines.append("for h in after(E, s0):")
        inside = [*skips]
        if follow.where is not None:
            test = inner.test(follow.where)
            inside += ["p = h.properties", f"if {test}:", "    return True"]
        else:
            inside.append("return True")
        lines += [f"    {line}" for line in inside]
        lines.append("return False")
        first = [f"E = c.history.get({follow.event!r})", "if not E:", "    return False"]
        inner.define(name, "c, s0", lines, first)
        call = f"{name}(c, h.occurred)"
        return f"not {call}" if follow.negated else call

    # -- messages

    def _messaged(self, test: tt.Messaged) -> str:
        who = f"{test.channel!r}, {test.category!r}, {test.journey!r}"
        if test.window is None:
            return f"c.facts.messaged({who}, None, None, c)"
        inner = self.fork()
        name = self.program.fresh("q")
        lines, start, end = inner.edges(test.window, "False")
        edges = f"{'start' if start else 'None'}, {'end' if end else 'None'}"
        lines.append(f"return c.facts.messaged({who}, {edges}, c)")
        inner.define(name, "c", lines, [])
        return f"{name}(c)"

    # -- numbers

    def _counted(self, inner: Emitter, rows: tv.Events) -> str:
        if rows.window is None:
            return f"len(c.history.get({rows.event!r}, ()))"
        name = self.program.fresh("q")
        limits = reach(rows.window.length) if isinstance(rows.window, tv.Last) else None
        if isinstance(rows.window, tv.Last) and limits is not None:
            length = self.program.constant(rows.window.length)
            lines = [f"return count_last(E, {limits[0]}, {limits[1]}, {length}, c)"]
        else:
            lines, start, end = inner.edges(rows.window, "0")
            edges = f"{'start' if start else 'None'}, {'end' if end else 'None'}"
            lines.append(f"return count_between(E, {edges})")
        first = [f"E = c.history.get({rows.event!r})", "if not E:", "    return 0"]
        inner.define(name, "c", lines, first)
        return f"{name}(c)"

    def _aggregate(self, value: tv.Aggregate) -> Taken:
        assert value.of is not None
        inner = self.fork()
        of = inner.take(value.of)
        known = [f"if {' and '.join(of.tests)}:"] if of.tests else []
        pad = "    " * len(known)

        def query(before: str, body: list[str], after: str, empty: str) -> str:
            inside = [*known, *(pad + line for line in body)]
            forward = value.how == "unique"
            return self._query(inner, value.rows, [before], inside, [after], empty, forward=forward)

        add = f"n += {of.source}" if of.whole else f"n = plus(n, {of.source})"
        match value.how:
            case "count":
                return Taken((), query("n = 0", ["n += 1"], "return n", "0"), whole=True)
            case "sum":
                return Taken((), query("n = 0", [add], "return n", "0"), of.whole)
            case "average":
                lines = [add, "m += 1"]
                return self.may_be_none(query("n = m = 0", lines, "return over(n, m)", "None"))
            case "lowest" | "highest":
                sign = "<" if value.how == "lowest" else ">"
                lines = [f"if n is None or {of.source} {sign} n:", f"    n = {of.source}"]
                made = self.may_be_none(query("n = None", lines, "return n", "None"))
                return made._replace(whole=of.whole)
            case "unique":
                key = f"fold({of.source})" if isinstance(value.of.kind, kinds.Text) else of.source
                lines = [f"if {key} not in n:", f"    n[{key}] = as_stored({of.source})"]
                return self.may_be_none(
                    query("n = {}", lines, "return list(n.values()) or None", "None")
                )

    def _pick(self, value: tv.Pick) -> Taken:
        inner = self.fork()
        of = inner.take(value.of)
        lines = [f"return {inner.or_none(of)}"]
        source = self._query(
            inner, value.rows, [], lines, ["return None"], "None", forward=not value.last
        )
        return self.may_be_none(source)._replace(whole=of.whole)


def _holds(sign: Literal["==", "<", "<=", ">", ">="], count: int) -> bool:
    """Whether nought compares so with ``count``."""
    match sign:
        case "==":
            return count == 0
        case "<":
            return count > 0
        case "<=":
            return True
        case ">":
            return False
        case ">=":
            return count == 0

"""Journeys drawn at random, of everything the language has. What is drawn always compiles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from hypothesis import strategies as st

from tests.proof.shop import MESSAGES, policies, shop
from tests.proof.yaml import written

__all__ = ["projects"]

Step: TypeAlias = dict[str, Any]

RULES = (
    "visits > 2",
    'tier is "gold"',
    "did buy since entry",
    "not did viewed in the last 1 day",
    "count of viewed in the last 2 days >= 2",
    "sum of purchase.total since entry >= 30 EUR",
    "in segment rich",
    "not in segment active",
    "messaged on push in the last 24 hours",
    "messaged about promotional in the last 3 days",
    "subscribed to promotional on email",
    "push is reachable",
    "phone is known and not email is missing",
    "did viewed not followed by purchase within 1 day",
    "time since last viewed.time >= 2 days",
    'weekday(now) is one of ("Saturday", "Sunday")',
    "renewal_date is within the next 7 days",
)
GUARDS = (
    "did buy since entry",
    "visits > 5",
    "in segment rich",
    "did viewed since entry",
    "not subscribed to promotional",
    "messaged on sms in the last 2 days",
    "time since last viewed.time >= 1 day",
)
MOMENTS = (
    "a weekday at 10:00",
    "tomorrow at 09:00",
    "18:30",
    "a weekday between 09:00 and 17:00",
    "renewal_date - 1 day at 10:00",
    "best time on email within 9 hours",
    "next Monday at 02:30",
)
LENGTHS = ("10 minutes", "1 hour", "20 hours", "1 day", "3 days", "0 minutes")
EVENTS = ("viewed", "purchase", "cart_updated")

rules = st.sampled_from(RULES)
lengths = st.sampled_from(LENGTHS)
blocked = st.sampled_from(("next channel", "skip", "wait up to 5 hours"))


class _Scope:
    """What a step may name: ids in use, and journeys further down."""

    def __init__(self, later: tuple[str, ...], *, emits: bool) -> None:
        self.later = later
        self.emits = emits
        self.fragment = False
        self.inside_loop = False
        self.sent: list[str] = []
        self._count = 0

    def name(self, kind: str) -> str:
        self._count += 1
        return f"{kind}_{self._count}"


def _maybe(draw: st.DrawFn, one_in: int = 3) -> bool:
    return draw(st.integers(1, one_in)) == one_in


def _send(draw: st.DrawFn, scope: _Scope) -> Step:
    message = draw(st.sampled_from(list(MESSAGES)))
    channels = draw(st.permutations(MESSAGES[message]))
    step: Step = {"id": scope.name("send"), "send": message}
    way = draw(st.sampled_from(("to", "to first of", "to first of", "to all of")))
    if way == "to":
        step[way] = channels[0]
    elif _maybe(draw):
        step[way] = [f"{channels[0]} if {draw(rules)}", *channels[1:]]
    else:
        step[way] = list(channels)
    if message == "offer":
        step["with"] = {"discount": draw(st.sampled_from(("10", "= visits * 2")))}
    if _maybe(draw):
        step["expires after"] = draw(st.sampled_from(("2 hours", "1 day")))
    for key in ("when capped", "when quiet", "when unreachable"):
        if _maybe(draw, 5):
            step[key] = draw(blocked)
    if way == "to first of" and _maybe(draw, 4):
        step["escalate after"] = "2 hours"
        step["unless"] = draw(st.sampled_from(("delivered", "opened", "clicked", "answered")))
    if _maybe(draw, 5):
        step["category"] = "promotional"
    scope.sent.append(step["id"])
    return step


def _wait(draw: st.DrawFn, scope: _Scope) -> Step:
    return {"id": scope.name("wait"), "wait": draw(lengths)}


def _until(draw: st.DrawFn, scope: _Scope) -> Step:
    moment = draw(st.sampled_from(MOMENTS))
    step: Step = {"id": scope.name("until"), "wait until": moment}
    if "renewal" in moment:
        step["if past"] = draw(st.sampled_from(("continue", "stop")))
    elif "weekday" in moment and _maybe(draw):
        step["after"] = "1 day"
    return step


def _until_rule(draw: st.DrawFn, scope: _Scope, depth: int) -> Step:
    step: Step = {"id": scope.name("until"), "wait until": draw(rules), "at most": "2 days"}
    return _outcomes(draw, scope, depth, step)


def _wait_for(draw: st.DrawFn, scope: _Scope, depth: int) -> Step:
    step: Step = {"id": scope.name("listen")}
    if _maybe(draw):
        restart = {"event": "cart_updated", "restart wait": "yes"}
        step["wait for"] = [
            restart,
            {"event": "viewed", "do": _steps(draw, scope, depth - 1)},
            {"event": "purchase", "where": "total >= 20 EUR"},
        ]
        step["at most"] = draw(st.sampled_from(("6 hours", "2 days")))
        return step
    step["wait for"] = draw(st.sampled_from((*EVENTS, "message_opened")))
    if step["wait for"] == "viewed" and _maybe(draw):
        step["where"] = 'product is "lamp"'
    if _maybe(draw):
        step["looking back"] = "1 day"
    step["at most"] = draw(st.sampled_from(("6 hours", "2 days")))
    return _outcomes(draw, scope, depth, step)


def _outcomes(draw: st.DrawFn, scope: _Scope, depth: int, step: Step) -> Step:
    for key in ("then", "otherwise"):
        if depth and _maybe(draw):
            step[key] = _steps(draw, scope, depth - 1)
    return step


def _if(draw: st.DrawFn, scope: _Scope, depth: int) -> Step:
    rule = draw(rules)
    if scope.sent and _maybe(draw):
        rule = f"{scope.sent[-1]} was {draw(st.sampled_from(('sent', 'clicked', 'skipped')))}"
    step: Step = {"if": rule, "then": _steps(draw, scope, depth - 1)}
    if _maybe(draw):
        step["else"] = _steps(draw, scope, depth - 1)
    return step


def _choose(draw: st.DrawFn, scope: _Scope, depth: int) -> Step:
    cases: list[Step] = [
        {"when": draw(rules), "do": _steps(draw, scope, depth - 1)},
        {"when": draw(rules), "do": _steps(draw, scope, depth - 1)},
    ]
    if _maybe(draw, 2):
        cases.append({"otherwise": _steps(draw, scope, depth - 1)})
    return {"choose": cases}


def _split(draw: st.DrawFn, scope: _Scope, depth: int) -> Step:
    name = scope.name("split")
    paths = (_steps(draw, scope, depth - 1), _steps(draw, scope, depth - 1))
    if not scope.inside_loop and _maybe(draw, 2):
        return {
            "id": name,
            "split": dict(zip(("one", "two"), paths, strict=True)),
            "optimise for": f"did buy within 1 day after {name}",
            "keep exploring": "20%",
        }
    step: Step = {"id": name, "split": dict(zip(("one 40%", "two 60%"), paths, strict=True))}
    if _maybe(draw):
        step["reassign"] = "every time"
    return step


def _repeat(draw: st.DrawFn, scope: _Scope, depth: int) -> Step:
    step: Step = {
        "id": scope.name("loop"),
        "repeat": draw(st.sampled_from(("up to 2 times", "3 times"))),
    }
    if _maybe(draw, 2):
        step[draw(st.sampled_from(("while", "until")))] = draw(st.sampled_from(GUARDS))
    outside, scope.inside_loop = scope.inside_loop, True
    step["do"] = [_wait(draw, scope), *_steps(draw, scope, depth - 1)]
    scope.inside_loop = outside
    return step


def _webhook(draw: st.DrawFn, scope: _Scope) -> Step:
    step: Step = {
        "id": scope.name("call"),
        "webhook": "desk",
        "with": {"visits": "= visits or else 0"},
    }
    if _maybe(draw):
        step["at most"] = "1 hour"
    step["if it fails"] = draw(st.sampled_from(("continue", "stop")))
    return step


def _small(draw: st.DrawFn, scope: _Scope) -> Step:
    ways: list[Step] = [
        {"set profile": {"visits": "= (visits or else 0) + 1"}},
        {"set profile": {"tier": "gold"}},
        {"let": {scope.name("known"): "= count of viewed in the last 7 days"}},
        {"stop": "enough"},
    ]
    if scope.emits:
        ways.append({"emit": "finished", "with": {"outcome": "said"}})
    ways += [{"start journey": name} for name in scope.later]
    ways += [{"go to journey": name} for name in scope.later]
    if not scope.fragment:
        ways.append({"use": "ask_twice", "with": {"patience": "2 hours"}})
    step = draw(st.sampled_from(ways))
    scope.fragment = scope.fragment or "use" in step
    return step


_FLAT: tuple[Callable[[st.DrawFn, _Scope], Step], ...] = (
    _send,
    _send,
    _send,
    _wait,
    _wait,
    _until,
    _webhook,
    _small,
    _small,
)
_DEEP: tuple[Callable[[st.DrawFn, _Scope, int], Step], ...] = (
    _until_rule,
    _wait_for,
    _wait_for,
    _if,
    _choose,
    _split,
    _repeat,
)


def _steps(draw: st.DrawFn, scope: _Scope, depth: int, least: int = 1, most: int = 2) -> list[Step]:
    made: list[Step] = []
    for _ in range(draw(st.integers(least, most))):
        which = draw(st.integers(0, len(_FLAT) + (len(_DEEP) if depth > 0 else 0) - 1))
        if which < len(_FLAT):
            made.append(_FLAT[which](draw, scope))
        else:
            made.append(_DEEP[which - len(_FLAT)](draw, scope, depth))
        if made[-1].keys() & {"stop", "go to journey"}:
            break  # nothing behind it is ever reached
    return made


_TRIGGERS: tuple[tuple[Any, str], ...] = (
    ({"event": "signed_up"}, ""),
    ({"event": "signed_up"}, ""),
    ({"event": "cart_updated", "where": "value >= 20 EUR"}, "trigger.cart_id"),
    ({"event": "cart_updated", "accept older": "7 days"}, "trigger.cart_id"),
    ({"event": "viewed"}, ""),
    ({"enters segment": "rich"}, ""),
    ({"leaves segment": "active"}, ""),
    ({"date": "renewal_date - 7 days", "at": "10:00"}, "renewal_date"),
    ({"schedule": "every Friday at 08:00 in recipient's time zone", "for": "asleep"}, ""),
    ({"schedule": "every 2 weeks from 2026-03-09 at 10:00", "for": "active"}, ""),
    ([{"event": "signed_up"}, {"enters segment": "active"}], ""),
    ({"api": "yes", "inputs": {"voucher": "text"}}, ""),
)


@st.composite
def _journey(draw: st.DrawFn, name: str, later: tuple[str, ...], last: str, emits: bool) -> Step:
    scope = _Scope(later, emits=emits)
    category = draw(st.sampled_from(("promotional", "promotional", "service")))
    head: Step = {"journey": name, "title": name, "category": category, "status": "live"}
    head["priority"] = draw(st.integers(0, 3)) * 25
    if last == "finished":
        head["trigger"], key = {"event": "finished"}, ""
    elif last:
        head["trigger"], key = last, ""
    else:
        head["trigger"], key = draw(st.sampled_from(_TRIGGERS))
    if key:
        head["one per"] = key
    inside = draw(st.sampled_from(("ignore", "restart", "allow", "update")))
    if inside != "update" or key.startswith("trigger"):
        head["if already inside"] = inside
    head["re-enter"] = draw(
        st.sampled_from(("any time", "any time", "after 1 day", "after 2 days since leaving"))
    )
    if _maybe(draw, 5):
        head["eligible if"] = draw(st.sampled_from(RULES))
    if _maybe(draw, 4):
        head["exclude if"] = [draw(st.sampled_from(GUARDS))]
    if _maybe(draw):
        head["goal"] = draw(st.sampled_from(("did buy since entry", "visits > 5")))
        head["goal within"] = "5 days"
    if _maybe(draw, 4):
        head["exit if"] = draw(st.sampled_from(GUARDS))
    for key, value, odds in (("holdout", "20%", 5), ("rollout", "70%", 6)):
        if _maybe(draw, odds):
            head[key] = value
    if _maybe(draw, 4):
        head["frequency caps"] = [
            draw(st.sampled_from(("2 per 7 days", "1 per 24 hours on email")))
        ]
    head["steps"] = _steps(draw, scope, 2, 3, 6)
    if "goal" in head and _maybe(draw, 2):
        head["on goal"] = [{"set profile": {"tier": "silver"}}]
    return head


@st.composite
def projects(draw: st.DrawFn) -> Mapping[str, str]:
    """The files of a project. Journeys may start those below them, so that there is no circle."""
    count = draw(st.integers(1, 3))
    names = [f"journey_{number}" for number in range(1, count + 1)]
    last = draw(st.sampled_from(("", "finished", "other journeys"))) if count > 1 else ""
    files = shop(draw(policies()))
    for name in names:
        is_last = name == names[-1]
        later = (names[-1],) if last == "other journeys" and not is_last else ()
        made = draw(
            _journey(name, later, last if is_last else "", last == "finished" and not is_last)
        )
        files[f"journeys/{name}.yaml"] = written(made)
    return files

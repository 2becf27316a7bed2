"""What stops a deploy that the files alone do not show: it is about what runs now."""

from __future__ import annotations

from collections.abc import Iterable

from dsl.diagnostics import Diagnostic, Span
from dsl.files.reading import error, warning

__all__ = ["consent_text_changed", "kind_changed", "single_channel", "step_removed", "type_changed"]


def step_removed(path: str, step: str, people: int, onward: str | None, twin: str) -> Diagnostic:
    """``onward`` is a step at which they could go on; ``twin`` one that is the same but for its
    name, if there is one.
    """
    are = "person is" if people == 1 else "people are"
    lines = ["Say where they go:", "removed steps:"]
    if onward is None:
        lines.append(f"  {step}: leave")
    else:
        lines.append(f"  {step}: continue with {onward}      (or: leave)")
    if twin:
        lines += ["Or, if it only has another name:", "renamed steps:", f"  {step}: {twin}"]
    message = f'You removed the step "{step}", and {people:,} {are} in it.'
    return error("E140", Span(path, 0, 0), message, "\n".join(lines))


def kind_changed(path: str, step: str, people: int, before: str, after: str) -> Diagnostic:
    """A wait became a send, say: nobody could rest on in it."""
    are = "person is" if people == 1 else "people are"
    message = f'The step "{step}" was "{before}" and is "{after}" now, and {people:,} {are} in it.'
    hint = "\n".join(
        (
            "Give the new step an id of its own, and say where they go:",
            "removed steps:",
            f"  {step}: continue with THE_NEW_ID      (or: leave)",
        )
    )
    return error("E142", Span(path, 0, 0), message, hint)


def consent_text_changed(span: Span, name: str, *, gone: bool) -> Diagnostic:
    """People may have agreed to it, and it would not be known any more to what."""
    if gone:
        message = f'The consent text "{name}" is gone, and people may have agreed to it.'
        return error(
            "E151", span, message, "Leave it where it was: what is not shown harms nobody."
        )
    message = f'The consent text "{name}" has changed, and people may have agreed to it as it was.'
    return error("E151", span, message, "Put the former text back, and give the new one a new id.")


def type_changed(
    span: Span, name: str, kinds: tuple[str, str], rules: Iterable[Span]
) -> Diagnostic:
    """``rules`` are those that use it as it was."""
    places = _places(rules)
    many = len(places)
    use = "1 rule uses" if many == 1 else f"{many} rules use"
    before, after = kinds
    message = f'You changed "{name}" from {before} to {after}; {use} it with other values.'
    return error("E141", span, message, _listed(places))


def single_channel(span: Span, segment: str, share: int) -> Diagnostic:
    """``share`` is the percentage of the people in the segment who cannot be reached."""
    message = (
        "There is only one channel and no fallback;"
        f" {share}% of the people in segment {segment} are not reachable there."
    )
    return warning("W112", span, message, 'Use "to first of" with a second channel.')


def _places(spans: Iterable[Span]) -> list[tuple[str, int]]:
    return sorted({(span.path, span.line) for span in spans})


def _listed(places: list[tuple[str, int]]) -> str:
    """``journeys/renewal.yaml:14, segments.yaml:30 and :44``."""
    by_path: dict[str, list[int]] = {}
    for path, line in places:
        by_path.setdefault(path, []).append(line)
    said = []
    for path, lines in by_path.items():
        more = [f":{line}" for line in lines]
        said.append(
            f"{path}{', '.join(more[:-1])} and {more[-1]}" if more[1:] else f"{path}{more[0]}"
        )
    return ", ".join(said)

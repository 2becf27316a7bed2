"""Whether people can answer STOP to what is sent: a sender that is a name hears nothing."""

from __future__ import annotations

from collections.abc import Iterator

from channels.phone import read_number
from dsl.compile.obligations import UNSUBSCRIBE, languages_of, said_in_text
from dsl.machine import ConsentNotNeeded, Machine, Policy, Project, Send
from dsl.message import SmsForm
from engine.config import ChannelSettings, Settings
from engine.doctor.finding import Finding, problem

__all__ = ["stoppable"]


def stoppable(settings: Settings, project: Project) -> Iterator[Finding]:
    """Texts that need consent and come from a name must say where to unsubscribe."""
    channel = settings.channels.get("sms")
    names = [] if channel is None else [*_names(channel)]
    if not names:
        return
    silent = [name for name in _promotional(project) if not _tells(project, name)]
    if silent:
        listed = ", ".join(silent[:5]) + (" and others" if len(silent) > 5 else "")
        yield problem(
            "channels",
            f'Nobody can answer STOP to "{names[0]}", which is a name and no number, and these'
            f" texts do not say how else to stop them: {listed}.",
            "Write {{ unsubscribe_link }} into them, in every language, or set a number as sender.",
        )


def _names(channel: ChannelSettings) -> Iterator[str]:
    """The senders of a channel that are names."""
    each: ChannelSettings | None = channel
    while each is not None:
        sender = each.of_adapter.get("sender")
        if isinstance(sender, str) and sender and not _is_number(sender):
            yield sender
        each = each.otherwise


def _is_number(sender: str) -> bool:
    """A number, or the short code of a country."""
    return read_number(sender) is not None or sender.removeprefix("+").isdigit()


def _promotional(project: Project) -> list[str]:
    """The messages that go out by SMS in a category that needs consent."""
    machines = project.machines.values()
    return sorted({name for machine in machines for name in _of(machine, project.policy)})


def _of(machine: Machine, policy: Policy) -> Iterator[str]:
    for step in machine.code:
        if not isinstance(step, Send) or step.category not in policy.categories:
            continue
        asks = not isinstance(policy.categories[step.category].consent, ConsentNotNeeded)
        if asks and any(choice.channel == "sms" for choice in step.choices):
            yield step.message


def _tells(project: Project, name: str) -> bool:
    """Whether a text says to everybody where to unsubscribe."""
    message = project.messages.get(name)
    form = None if message is None else message.forms.get("sms")
    if not isinstance(form, SmsForm):
        return True
    languages = project.policy.languages
    return all(
        UNSUBSCRIBE in said_in_text(form.text, language, languages[0])
        for language in languages_of([form.text], languages)
    )

"""Messages that fetch something, between the decision and the hand-over: nothing is asked too early,
and nothing but the answer is decided too late (language reference, 3.6).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, Rejected
from channels.services import Answer, NoAnswer, Question, ScriptedServices
from dsl.calendar import DAY, HOUR, MINUTE
from engine.core.former import Former
from engine.dispatcher import Dispatcher
from engine.store import open_store
from engine.store.memory import MemoryStore
from tests.engine.fetching import (
    MODULES,
    PAIR,
    POLICY,
    STEPS,
    STRICT,
    decide,
    files,
    lines,
    only,
    stage,
    texts,
)
from tests.engine.scene import Scene, journey, program_of

# -------------------------------------------------------------------------- nothing too early


def test_nothing_is_asked_at_the_decision() -> None:
    """Deciding writes down the whole message but for the answer; only the dispatcher asks."""
    services = ScriptedServices()
    scene = stage(PAIR, services=services)
    decide(scene)

    delivery = only(scene)
    assert services.questions == []
    assert delivery.status == "queued"
    assert delivery.unfinished is not None
    assert "Our bestsellers" in delivery.parts["text"]


def test_a_change_of_profile_meanwhile_does_not_change_the_text() -> None:
    """Not the words, not the language, not the clock, and not what the service is told."""
    services = ScriptedServices()
    scene = stage(PAIR, services=services)
    decide(scene)
    scene.change("ada", {"first_name": "Grace", "language": "de", "time_zone": "America/New_York"})

    text = texts(scene)[0]
    assert text.startswith("Dear Ada\n\nAda may like Green tea, Pot from €12.50")
    assert scene.adapter.accepted[0].parts["subject"] == "Tips for Ada"
    assert services.questions[0].values["name"] == "for Ada"


def test_guards_and_consent_are_asked_before_the_service_is() -> None:
    """Who must not get the message is not told of to anybody."""
    services = ScriptedServices()
    scene = stage(PAIR, services=services)
    decide(scene)
    scene.event("consent_withdrawn", category="promotional")

    assert scene.adapter.accepted == []
    assert services.questions == []
    assert scene.story("ada", "stopped") == [
        "stopped consent: no consent for promotional on email email"
    ]


def test_what_was_handed_over_is_what_the_store_shows() -> None:
    scene = stage(PAIR)
    scene.event("signed_up")

    delivery = only(scene)
    assert delivery.parts == scene.adapter.accepted[0].parts
    assert delivery.unfinished is None
    assert delivery.attempts == 1


def test_another_attempt_hands_over_the_same_text_and_asks_nobody_again() -> None:
    """The provider was busy; the second answer would have been another one."""
    busy: list[Outcome] = [Rejected(FailureClass.TRANSIENT, "421", "busy")]
    services = ScriptedServices()
    scene = stage(
        PAIR,
        Answer({"items": ["Other", "Things"]}),
        services=services,
        answer=lambda message: busy.pop() if busy else Accepted(message.id),
    )
    scene.event("signed_up")
    scene.after(HOUR)

    assert len(services.questions) == 1
    assert "Green tea" in texts(scene)[0]


# --------------------------------------------------------------- between decision and hand-over


def hand_over(scene: Scene, *rounds: int) -> None:
    for _ in rounds or (1, 2):
        asyncio.run(scene.dispatcher.run_once(scene.now))


def test_a_message_changed_meanwhile_is_finished_as_it_was_decided() -> None:
    """The deployment before this one is still known."""
    scene = stage(PAIR)
    decide(scene)
    changed = {
        **scene.files,
        "modules.yaml": MODULES.replace("may like", "will love"),
    }
    program = program_of(changed, before=scene.program)
    scene.dispatcher.deploy(program)
    hand_over(scene)

    assert lines(scene)[0] == "Ada may like Green tea, Pot from €12.50"


def test_a_version_in_which_people_still_are_finishes_its_own_messages() -> None:
    """After a restart too: that version is deployed beside the present one."""
    scene = stage(PAIR)
    decide(scene)
    changed = {**scene.files, "modules.yaml": MODULES.replace("may like", "will love")}
    machine = scene.program.project.machines["welcome"]
    former = Former(machine, scene.program.content)
    program = replace(program_of(changed), formers={("welcome", machine.version): former})
    scene.dispatcher.deploy(program)
    hand_over(scene)

    assert lines(scene)[0] == "Ada may like Green tea, Pot from €12.50"


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        ("plan.yaml", "tracking plan: shop", "tracking plan: shops", "Ada may like Green tea"),
        ("modules.yaml", "may like", "will love", "Our bestsellers"),
    ],
)
def test_after_a_restart_only_the_present_deployment_is_known(
    path: str, old: str, new: str, said: str
) -> None:
    """If the message is as it was, it is finished; if not, it says what it says without an answer,
    which was written down at the decision.
    """
    scene = stage(PAIR)
    decide(scene)
    changed = {**scene.files, path: scene.files[path].replace(old, new)}
    scene.dispatcher.deploy(program_of(changed))
    hand_over(scene)

    assert lines(scene)[0].startswith(said)


def test_a_message_nobody_knows_any_more_that_needs_the_answer_is_refused() -> None:
    scene = stage(Answer({"price": 7}), use=STRICT)
    decide(scene)
    changed = {**scene.files, "modules.yaml": MODULES.replace("From {{", "Only {{")}
    scene.dispatcher.deploy(program_of(changed))
    hand_over(scene)
    scene.settle()

    assert scene.story("ada", "refused") == ["refused content: missing: reco.price email"]
    assert texts(scene) == ["push"]


def test_a_service_the_policy_no_longer_has_gives_no_answer() -> None:
    scene = stage(PAIR)
    decide(scene)
    policy = replace(scene.program.policy, services={})
    project = replace(scene.program.project, policy=policy)
    scene.dispatcher.deploy(replace(scene.program, project=project))
    hand_over(scene)

    assert lines(scene) == ["Our bestsellers"]


class Killed(BaseException):
    """The process ends here."""


class _Deadly(ScriptedServices):
    """Is asked, and then the process is gone."""

    async def ask(self, question: Question, timeout_seconds: float) -> Answer | NoAnswer:
        self.ask_now(question)
        raise Killed


@pytest.mark.parametrize("lasting", [False, True])
def test_killed_while_a_service_is_asked_the_message_is_neither_lost_nor_doubled(
    lasting: bool, tmp_path: Path
) -> None:
    """It had certainly not left, so it is finished and handed over, under the same question id."""
    store = open_store(f"sqlite:///{tmp_path}/store.db") if lasting else MemoryStore()
    deadly = _Deadly()
    scene = stage(services=deadly, store=store)
    with pytest.raises(Killed):
        scene.event("signed_up")
    assert only(scene).status == "calling"

    services = ScriptedServices(answer=lambda _: PAIR)
    adapters = dict.fromkeys(scene.program.policy.channels, scene.adapter)
    scene.dispatcher = Dispatcher(store, scene.program, adapters, services=services)
    recovered = asyncio.run(scene.dispatcher.recover(scene.now))
    scene.settle()

    assert (recovered.unknown, recovered.put_back) == (0, 1)
    assert services.questions[0].id == deadly.questions[0].id
    assert "Green tea" in texts(scene)[0]
    assert only(scene).attempts == 1
    store.close()


class _Overtaken(ScriptedServices):
    """While it is asked for the first time, another process takes everything over."""

    def __init__(self, meanwhile: Callable[[], Awaitable[object]]) -> None:
        super().__init__(answer=lambda _: PAIR)
        self._meanwhile = meanwhile

    async def ask(self, question: Question, timeout_seconds: float) -> Answer | NoAnswer:
        if not self.questions:
            self.questions.append(question)
            await self._meanwhile()
        return self.ask_now(question)


def test_whoever_finishes_a_message_too_late_does_not_send_it_again() -> None:
    """Its lease is over, and somebody else has finished the message and handed it over."""

    async def meanwhile() -> None:
        await other.recover(scene.now)
        for _ in range(2):
            await other.run_once(scene.now)

    scene = stage(services=_Overtaken(meanwhile))
    adapters = dict.fromkeys(scene.program.policy.channels, scene.adapter)
    services = ScriptedServices(answer=lambda _: Answer({}))
    other = Dispatcher(scene.store, scene.program, adapters, services=services)
    scene.event("signed_up")
    scene.after(HOUR)

    assert lines(scene) == ["Our bestsellers"]
    assert only(scene).status == "accepted"


def test_killed_after_it_was_finished_the_usual_rules_hold() -> None:
    """The provider may have it: nobody knows, so it is not sent again."""

    def die(_: Message) -> Outcome:
        raise Killed

    scene = stage(PAIR, answer=die)
    with pytest.raises(Killed):
        scene.event("signed_up")
    recovered = asyncio.run(scene.dispatcher.recover(scene.now))

    assert recovered.unknown == 1
    assert "Green tea" in only(scene).parts["text"]


@pytest.mark.parametrize("lasting", [False, True])
def test_every_store_keeps_a_message_unfinished(lasting: bool, tmp_path: Path) -> None:
    """What comes back from the store is finished as what went in."""
    store = open_store(f"sqlite:///{tmp_path}/store.db") if lasting else MemoryStore()
    scene = stage(PAIR, store=store)
    decide(scene)
    delivery = only(scene)
    scene.settle()

    assert delivery.unfinished is not None
    assert delivery.unfinished.person.attributes["first_name"] == "Ada"
    assert lines(scene)[0] == "Ada may like Green tea, Pot from €12.50"
    assert only(scene).unfinished is None
    store.close()


# -------------------------------------------------------------------------------------- rules


ASKING = MODULES.replace(
    "show if: count of reco.items >= 2",
    """show if: >
      count of reco.items >= 2 and in segment fans and subscribed to promotional on email
      and did viewed in the last 2 days and messaged on push in the last 3 days
      and push is reachable and country is "DE" """,
)


def test_rules_about_the_answer_ask_the_person_as_they_were() -> None:
    """Segments, consent, history, messages and reachability are kept from the decision."""
    services = ScriptedServices(answer=lambda _: PAIR)
    more = {"segments.yaml": 'segments:\n  fans: {who: tier is "gold"}\n'}
    for tier, said in (("gold", "Ada may like"), ("silver", "Our bestsellers")):
        scene = Scene(
            journey("  - {id: hi, send: hello, to: push}\n" + STEPS),
            policy=POLICY,
            files={**files(modules=ASKING), **more},
            services=services,
        )
        scene.person(first_name="Ada", tier=tier, country="DE")
        scene.event("viewed", product="tea")
        scene.after(DAY)
        decide(scene)
        scene.change("ada", {"tier": "bronze", "country": "FR"}, {"push": None})

        assert said in texts(scene)[-1]


def test_a_message_without_fetch_is_not_touched() -> None:
    """Only an e-mail is made of modules; the other channels of the message wait for nobody."""
    scene = stage(steps=STEPS.replace("[email, push]", "[push]"))
    scene.event("signed_up")

    assert texts(scene) == ["push"]
    assert only(scene).unfinished is None


def test_the_decision_says_what_it_waits_for() -> None:
    scene = stage(PAIR)
    scene.event("signed_up")
    (sent,) = [each for each in scene.decisions() if each.what == "sent"]

    assert sent.detail == "reco: waits for an answer (reco)"


def test_quiet_hours_after_the_decision_keep_it_unfinished_and_unasked() -> None:
    """What is fetched is fetched when the message leaves, not hours before."""
    services = ScriptedServices(answer=lambda _: PAIR)
    quiet = POLICY + "\nquiet hours:\n  - {on: email, from: 10:30 to 12:00}\n"
    scene = Scene(journey(STEPS), policy=quiet, files=files(), services=services)
    scene.person(first_name="Ada")
    decide(scene)
    scene.now += 45 * MINUTE
    scene.settle()
    assert services.questions == []
    scene.until("2026-03-02 12:30")

    assert len(services.questions) == 1
    assert "Green tea" in texts(scene)[0]

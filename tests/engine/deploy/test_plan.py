"""What a deploy would change is said before, and who would be lost stops it."""

from __future__ import annotations

from dsl.calendar import DAY, HOUR
from dsl.changes import Continues, Finishes, Leaves, Stays, WaitsAnew
from dsl.project import Folder
from engine.deploy import apply_plan, deploy_folder, make_plan
from tests.engine.deploy.shops import STEPS, errors, folder, planned, told
from tests.engine.desk import OTHER
from tests.engine.editing.edits import where
from tests.engine.scene import SHOP, Scene, journey


def entered(*people: str, steps: str = STEPS, head: str = "") -> Scene:
    """A deployed journey with people at its first step."""
    scene = Scene(journey(steps, head=head))
    deploy_folder(scene.store, folder(journey(steps, head=head)), scene.now)
    for name in people or ("ada",):
        scene.person(name)
        scene.event("signed_up", name)
    return scene


def fates(scene: Scene, steps: str, head: str = "") -> dict[str, tuple[int, object]]:
    [found] = planned(scene, steps, head).journeys
    return {group.step: (group.people, group.fate) for group in found.groups}


# ---------------------------------------------------------------------------------- calls


def test_a_call_that_is_edited_is_said() -> None:
    """Another service or another time is waited for anew; what a failure leads to is told."""
    services = {"policy.yaml": SHOP["policy.yaml"] + OTHER}
    steps = "  - {id: task, webhook: crm, at most: 2 hours}\n"
    scene = Scene(journey(steps), files=services)
    scene.silent = True
    deploy_folder(scene.store, Folder(scene.files, ()), scene.now)
    scene.person()
    scene.event("signed_up")

    def planned_with(steps: str) -> tuple[dict[str, object], str]:
        files = {**scene.files, "journeys/0.yaml": journey(steps)}
        plan = make_plan(scene.store, Folder(files, ()))
        [found] = plan.journeys
        return {group.step: group.fate for group in found.groups}, " ".join(told(plan))

    assert planned_with(steps.replace("crm", "desk"))[0] == {"task": WaitsAnew("task")}
    assert planned_with(steps.replace("2 hours", "1 hour"))[0] == {"task": WaitsAnew("task")}
    fates, words = planned_with(steps.replace("2 hours", "2 hours, if it fails: stop"))
    assert fates == {"task": Stays("task")}
    assert "If there is none: leaves." in words


# ------------------------------------------------------------------------------- refusals


def test_a_removed_step_with_people_in_it_is_refused_with_the_lines_to_add() -> None:
    scene = entered("ada", "bob")
    scene.after(DAY + HOUR)
    plan = planned(scene, STEPS.replace("  - {id: nudge, wait: 2 days}\n", ""))

    assert not plan.possible
    assert errors(plan) == (
        "error E140  journeys/0.yaml (deploy)\n"
        '  You removed the step "nudge", and 2 people are in it.\n'
        "\n"
        "  Hint: Say where they go:\n"
        "        removed steps:\n"
        "          nudge: continue with day_two      (or: leave)\n"
    )


def test_one_person_is_enough_and_a_new_name_is_recognised() -> None:
    scene = entered()
    plan = planned(scene, STEPS.replace("id: hello", "id: welcome_pause"))

    assert errors(plan) == (
        "error E140  journeys/0.yaml (deploy)\n"
        '  You removed the step "hello", and 1 person is in it.\n'
        "\n"
        "  Hint: Say where they go:\n"
        "        removed steps:\n"
        "          hello: continue with nudge      (or: leave)\n"
        "        Or, if it only has another name:\n"
        "        renamed steps:\n"
        "          hello: welcome_pause\n"
    )


def test_another_kind_of_step_under_the_same_id_is_refused() -> None:
    scene = entered()
    plan = planned(scene, STEPS.replace("hello, wait: 1 day", "hello, send: hello, to: push"))

    assert "error E142  journeys/0.yaml (deploy)\n" in errors(plan)
    assert 'The step "hello" was "wait" and is "send" now, and 1 person is in it.' in errors(plan)


def test_a_kind_that_nobody_can_rest_in_is_another_kind_too() -> None:
    scene = entered()
    steps = STEPS.replace("{id: hello, wait: 1 day}", "{id: hello, set profile: {visits: 1}}")

    assert 'was "wait" and is "set profile" now' in errors(planned(scene, steps))


def test_an_empty_step_can_go() -> None:
    scene = entered()
    plan = planned(scene, STEPS.replace("  - {id: nudge, wait: 2 days}\n", ""))

    assert plan.possible


def test_nobody_comes_into_a_step_between_the_plan_and_the_deploy() -> None:
    """It was empty when the plan was shown; then somebody came, and it is not applied."""
    scene = entered()
    plan = planned(scene, STEPS.replace("  - {id: nudge, wait: 2 days}\n", ""))
    scene.after(DAY + HOUR)

    assert apply_plan(scene.store, plan, scene.now) == "occupied"
    assert len(scene.store.deployments()) == 1


def test_two_plans_for_one_version_only_the_first_is_deployed() -> None:
    scene = entered()
    first = planned(scene, STEPS.replace("2 days", "3 days"))
    second = planned(scene, STEPS.replace("2 days", "4 days"))

    assert apply_plan(scene.store, first, scene.now) == "deployed"
    assert apply_plan(scene.store, second, scene.now) == "overtaken"
    assert scene.store.deployments()[-1].version == first.compiled.project.version  # type: ignore[union-attr]


def test_a_step_of_a_version_before_the_last_one_counts_as_well() -> None:
    """Nobody has been moved yet, and what says where to go is gone again from the file."""
    scene = entered()
    steps = STEPS.replace("{id: hello, wait: 1 day}", "{id: greeting, wait: 1 day}")
    one = planned(scene, steps, "removed steps: {hello: continue with greeting}")
    assert apply_plan(scene.store, one, scene.now) == "deployed"
    two = planned(scene, steps)
    assert 'removed the step "hello", and 1 person is in it' in errors(two)
    scene.deploy()
    scene.settle()

    assert planned(scene, steps).possible


def test_in_dev_a_refusal_is_shown_and_the_old_version_runs_on() -> None:
    scene = entered()
    compiled = deploy_folder(scene.store, folder(journey("  - {id: x, wait: 1 day}\n")), scene.now)

    assert compiled.project is None
    assert [one.code for one in compiled.diagnostics if one.stops] == ["E140"]
    assert len(scene.store.deployments()) == 1


def test_a_changed_type_is_told_once_with_the_rules_that_use_it() -> None:
    scene = entered(steps=STEPS)
    head = 'exit if: country is "de"\nexclude if:\n  - country is "ch"'
    head += '\n  - country is "at" and visits > 3'
    assert apply_plan(scene.store, planned(scene, STEPS, head), scene.now) == "deployed"
    plan_file = folder().files["plan.yaml"].replace("country: text", "country: one of AT / CH")
    plan = planned(scene, STEPS, head, files={"plan.yaml": plan_file})

    assert errors(plan) == (
        "error E141  plan.yaml:7:3\n"
        '  You changed "country" from text to one of; 3 rules use it with other values.\n'
        "\n"
        "    7 |   country: one of AT / CH\n"
        "      |   ^^^^^^^\n"
        "  Hint: journeys/0.yaml:7, :9 and :10\n"
        "  (+ T03)\n"
    )


# ----------------------------------------------------------------------------------- fates


def test_everybody_is_told_what_becomes_of_them() -> None:
    scene = entered("ada", "bob", "eve")
    scene.after(DAY + HOUR)
    scene.person("new")
    scene.event("signed_up", "new")
    steps = """
  - {id: welcome_pause, wait: 1 day}
  - {id: nudge, wait: 3 days}
  - {id: day_two, send: hello, to: email}
"""
    found = fates(scene, steps, "renamed steps: {hello: welcome_pause}")

    assert found == {"hello": (1, Stays("welcome_pause")), "nudge": (3, WaitsAnew("nudge"))}


def test_removed_steps_say_it_all() -> None:
    scene = entered("ada", "bob")
    scene.after(DAY + HOUR)
    scene.person("new")
    scene.event("signed_up", "new")
    head = "removed steps:\n  hello: leave\n  nudge: continue with day_two"

    found = fates(scene, "  - {id: day_two, send: hello, to: email}\n", head)
    assert found == {"hello": (1, Leaves()), "nudge": (2, Continues("day_two"))}


def test_who_stays_finishes_the_version_they_entered() -> None:
    scene = entered(head="people inside: stay")

    found = fates(scene, "  - {id: other, wait: 1 day}\n", "people inside: stay")
    assert found == {"hello": (1, Finishes())}


def test_the_plan_in_words() -> None:
    scene = entered("ada", "bob", head="goal: did buy since entry")
    scene.after(DAY + HOUR)
    scene.person("new")
    scene.event("signed_up", "new")
    steps = """
  - {id: hello, wait: 1 day}
  - {id: nudge, wait: 36 hours}
  - {id: reminder, send: named, to first of: [push, email]}
"""
    other = journey("  - {id: x, wait: 1 day}\n", name="other", head="status: draft")
    edited = journey(steps, head="exit if: visits > 3\nremoved steps: {day_two: leave}")
    plan = make_plan(scene.store, folder(edited, other))

    assert told(plan) == [
        "Compared with version 1 (deployed on 2 March 2026, 10:00):",
        "",
        "other is new (draft)",
        "",
        "welcome changes, 3 people inside",
        "  - Success       a purchase after entry.",
        "  + Leaves early  visits is more than 3.",
        "  - day_two       Is gone. Sends hello by e-mail.",
        "  ~ nudge         Waits 36 hours. Until now: Waits 2 days.",
        "  + reminder      Sends named by push, else by e-mail.",
        "",
        "    2 in nudge        wait anew, counted from when they came there",
        "    1 in other steps  stay where they are",
    ]


def test_a_journey_that_is_gone_says_who_leaves() -> None:
    scene = entered("ada", "bob")
    plan = make_plan(scene.store, folder())

    assert told(plan)[2:] == [
        "welcome is gone, 2 people inside",
        "    2 in hello  leave, because the journey ends",
    ]


def test_messages_segments_and_the_policy_are_told_for_all_journeys() -> None:
    scene = entered()
    files = dict(folder().files)
    files["messages.yaml"] = files["messages.yaml"].replace("Good to see you", "Welcome")
    files["segments.yaml"] = files["segments.yaml"] + "  keen: {who: visits > 9}\n"
    files["policy.yaml"] = files["policy.yaml"] + "frequency caps: [3 per 7 days]\n"
    plan = planned(scene, files=files)

    assert told(plan)[2:] == [
        "For all journeys",
        "  + segment   keen.",
        "  ~ messages  hello, named.",
        "  ~ policy    frequency caps.",
    ]


def test_a_segment_that_is_another_one_changes_the_journeys_that_ask_about_it() -> None:
    """Somebody leaves sooner now, all by themselves: after ten days, and not after thirty."""
    head = "exit if: in segment keen"
    keen = "segments:\n  keen: {who: time since last purchase >= 30 days}\n"
    scene = Scene(journey(STEPS, head=head), files={"segments.yaml": keen})
    scene.person("ada")
    scene.event("purchase", total="5 EUR")
    steps = "  - {id: hello, wait: 90 days}\n"
    scene.edit(journey(steps, head=head))
    scene.event("signed_up")
    plan = planned(scene, steps, head, files={"segments.yaml": keen.replace("30", "10")})
    assert [change.what for change in plan.journeys[0].changes] == ["Segment keen"]
    scene.edit(journey(steps, head=head), files={"segments.yaml": keen.replace("30", "10")})
    scene.after(11 * DAY)

    assert where(scene) == "left exit if"


def test_a_comment_changes_nothing_that_anybody_would_notice() -> None:
    scene = entered()
    plan = planned(scene, "  # a new comment\n" + STEPS)

    assert not plan.is_idle
    assert told(plan)[-1] == "Nothing that anybody would notice."
    assert planned(scene).is_idle


def test_steps_that_change_places_are_told_to_have_moved() -> None:
    scene = entered()
    steps = """
  - {id: nudge, wait: 2 days}
  - {id: hello, wait: 1 day}
  - {id: day_two, send: hello, to: email}
"""
    [found] = planned(scene, steps).journeys

    assert [(each.sign, each.words) for each in found.changes] == [
        ("~", "Stands somewhere else now.")
    ]


# -------------------------------------------------------------------------------- going back


def test_going_back_is_a_plan_like_any_other() -> None:
    """People are in a step that only the new version has."""
    scene = entered()
    scene.edit(journey("  - {id: fresh, wait: 5 days}\n" + STEPS))
    scene.person("bob")
    scene.event("signed_up", "bob")
    first = scene.store.deployment(1)
    assert first is not None
    plan = make_plan(scene.store, folder(journey(STEPS)))

    assert plan.files == first.files
    assert 'You removed the step "fresh", and 1 person is in it.' in errors(plan)


def test_there_and_back_again_everybody_is_where_they_were() -> None:
    """New names are taken back without a word, and timers are what they were."""
    scene = entered("ada", "bob", "eve")
    scene.after(HOUR)
    before = {name: (where(scene, name), scene.runs(name)[0].due) for name in ("ada", "bob")}
    renamed = STEPS.replace("id: hello, wait: 1 day", "id: greeting, wait: 3 days")
    scene.edit(journey(renamed, head="renamed steps: {hello: greeting}"))
    assert where(scene) == "greeting"
    first = scene.store.deployment(1)
    assert first is not None
    scene.edit(journey(STEPS))

    now = {name: (where(scene, name), scene.runs(name)[0].due) for name in ("ada", "bob")}
    assert now == before
    assert scene.store.deployed() == first._replace(
        number=3, deployed=scene.now, changes=scene.store.deployments()[2].changes
    )


def test_a_changed_type_of_a_property_is_told_at_the_event() -> None:
    scene = entered(head='exit if: did finished where outcome is "bought"')
    plan_file = folder().files["plan.yaml"]
    changed = plan_file.replace("has: {outcome: text}", "has: {outcome: one of kept / sold}")
    plan = planned(
        scene,
        STEPS,
        'exit if: did finished where outcome is "bought"',
        files={"plan.yaml": changed},
    )

    assert 'You changed "outcome" from text to one of; 1 rule uses it' in errors(plan)
    assert "(+ T03)" in errors(plan)
    assert errors(plan).count("error ") == 1


def test_other_mistakes_stay_what_they_are() -> None:
    scene = entered(head='exit if: country is "de"')
    plan_file = folder().files["plan.yaml"].replace("country: text", "country: one of AT / CH")
    head = 'exit if: country is "de"\nexclude if: tier is "tin"\ngoal: did bye'
    plan = planned(scene, STEPS, head, files={"plan.yaml": plan_file})

    assert [one.code for one in plan.compiled.diagnostics if one.stops] == ["T03", "N04", "E141"]


def test_a_text_that_people_have_agreed_to_stays_as_it_is() -> None:
    """Another text gets another id, or nobody could show any more what was agreed to."""
    scene = Scene(journey(STEPS))
    agreed = "consent texts:\n  v1: Send me offers.\n"

    def files(texts: str) -> Folder:
        return Folder({**scene.files, "policy.yaml": SHOP["policy.yaml"] + texts}, ())

    deploy_folder(scene.store, files(agreed), scene.now)
    changed = make_plan(scene.store, files(agreed.replace("offers", "anything")))
    gone = make_plan(scene.store, files(""))
    more = make_plan(scene.store, files(agreed + "  v2: {en: Send me more.}\n"))

    (wrong,) = [each for each in changed.compiled.diagnostics if each.stops]
    assert (wrong.code, wrong.span.path) == ("E151", "policy.yaml")
    assert 'The consent text "v1" has changed' in wrong.message
    assert 'The consent text "v1" is gone' in errors(gone)
    assert not any(each.stops for each in more.compiled.diagnostics)

"""schedule-silent: someone stopped a schedule, deleted one, or took a function's concurrency away."""

from runbook import RUNBOOKS

SWEEP, RECONCILER = "health-sweep", "wiring-reconciler"


def last_ran(world, **ago):
    with world.clock.ago(**ago):
        world.tick(RECONCILER)
        world.tick(SWEEP)


def test_a_stopped_schedule_is_started_again(world):
    scheduler = world.client("scheduler")
    before = scheduler.get_schedule(Name=f"{world.name}-{SWEEP}")
    last_ran(world, minutes=12)
    assert "sweep-silent" not in world.alarms.evaluate(minutes=-10)
    named = ("Name", "Description", "ScheduleExpression", "FlexibleTimeWindow", "Target")
    scheduler.update_schedule(**{key: before[key] for key in named}, State="DISABLED")
    world.tick(RECONCILER)
    assert world.tick(SWEEP) is None
    assert world.alarms.evaluate() == {"sweep-silent"}

    shell = world.shell("schedule-silent")
    seen = shell.run(0)
    assert f"{world.name}-{SWEEP}\tDISABLED" in seen and f"{world.name}-{RECONCILER}\tENABLED" in seen
    assert "\n10\n" in seen and "\n4\n" in seen
    shell.run(1, NAME=SWEEP)
    after = scheduler.get_schedule(Name=f"{world.name}-{SWEEP}")
    assert after["State"] == "ENABLED"
    assert [after[key] for key in named] == [before[key] for key in named]
    assert world.tick(SWEEP)["failed"] == 0

    world.alarms.evaluate()
    over = shell.run(5)
    assert f"{world.name}-sweep-silent\tOK" in over and f"{world.name}-reconciler-silent\tOK" in over
    assert "latest sweep began" in over


def test_a_deleted_schedule_is_made_again(world):
    scheduler = world.client("scheduler")
    before = scheduler.get_schedule(Name=f"{world.name}-{RECONCILER}")
    scheduler.delete_schedule(Name=f"{world.name}-{RECONCILER}")
    assert world.tick(RECONCILER) is None
    assert "reconciler-silent" in world.alarms.evaluate()

    shell = world.shell("schedule-silent")
    assert f"{world.name}-{RECONCILER}" not in shell.run(0).replace("errors", "")
    shell.run(2, NAME=RECONCILER, FUNCTION="salesforce-patch", ROLE="ReconcileScheduleRole", RHYTHM="1")
    after = scheduler.get_schedule(Name=f"{world.name}-{RECONCILER}")
    for key in ("ScheduleExpression", "FlexibleTimeWindow", "State", "Target"):
        assert after[key] == before[key], key
    assert world.tick(RECONCILER) == {"reconciled": 0}
    assert "reconciler-silent" not in world.alarms.evaluate()


def test_an_emergency_stop_is_lifted_and_both_run_by_hand(world):
    world.client("lambda").put_function_concurrency(FunctionName=f"{world.name}-salesforce-patch", ReservedConcurrentExecutions=0)
    assert world.tick(RECONCILER) is None
    assert "reconciler-silent" in world.alarms.evaluate()

    shell = world.shell("schedule-silent")
    assert "\n0\n" in shell.run(0)
    template = world.template.properties("SalesforcePatch")["ReservedConcurrentExecutions"]
    shell.run(3, FUNCTION="salesforce-patch", RESERVED=template)
    did = shell.run(4)
    assert '{"reconciled": 0}' in did and '"checked": 0' in did and "Unhandled" not in did
    world.alarms.evaluate()
    assert f"{world.name}-reconciler-silent\tOK" in shell.run(5)


def test_the_table_of_the_runbook_is_the_template_s(world):
    text = (RUNBOOKS / "schedule-silent.md").read_text()
    for logical, function in (("SalesforcePatch", "salesforce-patch"), ("HealthCheck", "health-check")):
        reserved = world.template.properties(logical)["ReservedConcurrentExecutions"]
        assert f"| `{function}` | {reserved} |" in text

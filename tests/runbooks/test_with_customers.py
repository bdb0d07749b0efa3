"""wiring-late, wiring-given-up, sweep-behind, refresh-failing: what happens to connections that work.

A customer walks all the way once, an hour ago; the tests share the connection, in this order, and each leaves it connected, the last
one waiting for a person. Time goes forward only: a lease that was given back later would still be held earlier.
"""

import json

import pytest
from simulators import order
from world import World

SWEEP, RECONCILER = "health-sweep", "wiring-reconciler"
LOOK_SECONDS = 45  # what a sweep wants to have left when it begins a look


@pytest.fixture(scope="module")
def world(endpoint):
    with World(endpoint) as running:
        yield running


@pytest.fixture(scope="module")
def customer(world):
    with world.clock.ago(minutes=60):
        return world.connect()


def lines_of(printed):
    return [json.loads(line) for line in printed.splitlines() if line.startswith("{")]


def due(sweep, queue):
    """How many are due in a queue, as `cargo operator -- sweep` prints it."""
    return int(next(line.split()[2] for line in sweep.splitlines() if line.split()[:1] == [queue]))


def repair(world, connection):
    world.operator("POST", f"/operator/connections/{connection}/repair")


def check(world, connection):
    world.operator("POST", f"/operator/connections/{connection}/check")


def item(world, connection):
    key = {"pk": {"S": f"connection#{connection}"}, "sk": {"S": "connection"}}
    return world.client("dynamodb").get_item(TableName=world.deployment.physical["Table"], Key=key)["Item"]


def due_behind(world, connection, other):
    """Another connection to the same PIM, without secrets, that is due right behind this one."""
    record = item(world, connection)
    text = json.dumps({**record, "due_at": {"N": str(int(record["due_at"]["N"]) + 1)}}).replace(connection, other)
    world.client("dynamodb").put_item(TableName=world.deployment.physical["Table"], Item=json.loads(text))


def stage(world, connection):
    return world.operator("GET", f"/operator/connections/{connection}")


def test_wiring_late_a_reader_that_was_switched_off_is_switched_on_and_drains(world, customer):
    with world.clock.ago(minutes=56):
        world.client("lambda").update_event_source_mapping(UUID=world.wiring.uuid, Enabled=False)
        repair(world, customer)
        assert world.wiring.deliver() == 0
    shell = world.shell("wiring-late")
    seen = shell.run(0)
    assert any(line.startswith("Disabled\t") and line.endswith("\t4\t4") for line in seen.splitlines())
    assert due(seen, "wiring") == 1
    assert shell.run(1).strip() in ("Enabled", "Enabling")

    with world.clock.ago(minutes=55):
        assert world.wiring.deliver(minutes=3) > 0
    for minutes in (54, 53):
        with world.clock.ago(minutes=minutes):
            repair(world, customer)
            assert world.wiring.deliver(minutes=3) > 0
    assert "wiring-late" in world.alarms.evaluate(minutes=-52)
    with world.clock.ago(minutes=50):
        repair(world, customer)
        assert world.wiring.deliver() > 0
    world.alarms.evaluate(minutes=-45)
    over = shell.run(2)
    assert f"{world.name}-wiring-late\tOK" in over and due(over, "wiring") == 0


def test_sweep_behind_a_slow_host_is_named_and_sweeps_catch_up(world, customer):
    service, name = world.client("lambda"), f"{world.name}-health-check"
    deployed = service.get_function_configuration(FunctionName=name)["Timeout"]
    # So that one slow look is all that a sweep has time for, without waiting for five minutes.
    service.update_function_configuration(FunctionName=name, Timeout=LOOK_SECONDS + 2)
    order(world.simulators.org, "faults", {"path_prefix": "/services/data", "kind": "delay", "delay_ms": 1500, "count": 1000})
    for minutes in (45, 15):
        with world.clock.ago(minutes=minutes):
            check(world, customer)
            due_behind(world, customer, "f" * 20)
            did = world.tick(SWEEP)
            assert did["unfinished"] and did["checked"] == 1, did
    assert "sweep-behind" in world.alarms.evaluate()

    shell = world.shell("sweep-behind")
    seen = shell.run(0)
    unfinished = seen.split("SweepUnfinished\n")[1]
    assert unfinished.count("\t1.0") >= 2
    assert due(seen, "health") >= 1
    slow = [line for line in lines_of(seen) if line.get("name") == "health.slow"]
    assert slow and {line["pim"].rstrip("/") for line in slow} == {world.simulators.pim}
    assert all(line["duration_ms"] > 10_000 for line in slow)

    order(world.simulators.org, "faults", method="DELETE")
    service.update_function_configuration(FunctionName=name, Timeout=deployed)
    did = world.tick(SWEEP)
    assert not did["unfinished"] and did["checked"] >= 1, did
    world.client("dynamodb").delete_item(
        TableName=world.deployment.physical["Table"], Key={"pk": {"S": "connection#" + "f" * 20}, "sk": {"S": "connection"}}
    )
    world.alarms.evaluate()
    over = shell.run(1)
    assert f"{world.name}-sweep-behind\tOK" in over and due(over, "health") == 0


def test_wiring_given_up_the_reconciler_does_it_and_the_queue_is_cleaned(world, customer):
    connection = customer
    repair(world, connection)
    with world.front.out_of_order("dynamodb", function="salesforce-patch"):
        assert world.wiring.deliver() > 0
    assert world.waiting("WiringDeadLetters") > 0
    assert "wiring-given-up" in world.alarms.evaluate()

    shell = world.shell("wiring-given-up")
    seen = shell.run(0)
    notes = [line for line in lines_of(seen) if "requestContext" in line]
    assert notes and all(note["requestContext"]["condition"] == "RetryAttemptsExhausted" for note in notes)
    failed = [line for line in lines_of(seen) if line.get("name") == "wiring.failed"]
    assert {line["connection"] for line in failed} == {connection} and all("the store is unavailable: " in line["error"] for line in failed)
    assert due(seen, "wiring") == 1

    assert world.tick(RECONCILER) == {"reconciled": 1}
    assert "connected" in shell.run(1, CONNECTION=connection)
    shell.run(2)
    world.alarms.evaluate(minutes=6)
    over = shell.run(3)
    assert over.startswith("0\n") and f"{world.name}-wiring-given-up\tOK" in over


def test_refresh_failing_an_outage_passes_and_a_lost_grant_waits_for_the_admin(world, customer):
    order(world.simulators.org, "actions/expire-sessions")
    order(world.simulators.org, "faults", {"path_prefix": "/services/oauth2/token", "kind": "status", "status": 503, "count": 1000})
    for _ in range(3):
        check(world, customer)
        world.tick(SWEEP)
    assert "refresh-failing" in world.alarms.evaluate()
    shell = world.shell("refresh-failing")
    seen = shell.run(0)
    lost, silent = seen.split("no_answer\n")
    assert lost.strip() == "grant_lost" and float(silent.split()[1]) >= 3
    assert customer in {line["connection"] for line in lines_of(seen)}
    assert any(customer in line and "org_unreachable" in line for line in seen.splitlines())

    order(world.simulators.org, "faults", method="DELETE")
    check(world, customer)
    world.tick(SWEEP)
    assert stage(world, customer)["health"] == "healthy"

    order(world.simulators.org, "actions/revoke-tokens")
    check(world, customer)
    world.tick(SWEEP)
    seen = shell.run(0)
    assert seen.split("no_answer\n")[0].strip() != "grant_lost"
    assert "the org's grant is lost" in {line["error"] for line in lines_of(seen)}
    assert any(customer in line and "org_grant_lost" in line for line in seen.splitlines())
    assert "/setup/" in shell.run(1, CONNECTION=customer)
    world.alarms.evaluate(minutes=15)
    over = shell.run(2)
    assert f"{world.name}-refresh-failing\tOK" in over
    assert any(customer in line and "salesforce_admin" in line for line in over.splitlines())

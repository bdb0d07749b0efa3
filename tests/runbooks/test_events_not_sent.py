"""events-not-sent: a receiver with another signing secret, one that stays silent for days, and a delivery that fails on our side."""

import json

import pytest
from receiver import Receiver
from world import World

SWEEP = "health-sweep"
OURS, THEIRS = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


@pytest.fixture
def receiver():
    with Receiver(THEIRS) as running:
        yield running


@pytest.fixture
def world(endpoint, receiver):
    with World(endpoint, permitted=[receiver.url], WebhookUrl=receiver.url, webhook_secret={"secret": OURS}) as running:
        yield running


def invite(world):
    return world.operator("POST", "/operator/invitations", {"customer": "Acme"})["connection"]


def test_the_right_signing_secret_is_put_in(world, receiver):
    with world.clock.ago(minutes=28):
        invite(world)
        assert world.events.deliver() > 0
    for minutes in (18, 8):
        with world.clock.ago(minutes=minutes):
            world.tick(SWEEP)
    assert receiver.taken == [] and receiver.refused >= 3
    assert "events-not-sent" in world.alarms.evaluate()

    shell = world.shell("events-not-sent")
    seen = shell.run(0)
    lines = [json.loads(line) for line in seen.splitlines() if line.startswith("{")]
    assert {(line["destination"], line["error"]) for line in lines} == {("webhook", "the destination answered 401")}
    bus, webhook = seen.split("bus\n")[1].split("slack\n")[0].split("webhook\n")
    assert bus == "" and webhook.count("\n") >= 3
    assert f"default\t{receiver.url}\t" in seen

    typed = json.dumps({"secret": THEIRS})
    assert THEIRS not in shell.run(1, typed=typed)
    world.tick(SWEEP)
    assert [event["type"] for event in receiver.taken] == ["invited"]
    world.alarms.evaluate(minutes=30)
    over = shell.run(3)
    assert f"{world.name}-events-not-sent\tOK" in over and "invited" in over


def test_what_was_given_up_is_in_the_audit_trail(world, receiver):
    with world.clock.ago(days=3, hours=2):
        connection = invite(world)
        world.events.deliver()
    with world.clock.ago(minutes=2):
        world.tick(SWEEP)
    assert "events-given-up" in world.alarms.evaluate()
    shell = world.shell("events-not-sent")
    assert '"name":"events.given_up"' in shell.run(0)
    world.alarms.evaluate(hours=1)
    over = shell.run(3)
    assert f"{world.name}-events-given-up\tOK" in over
    assert any(connection in line and "invited" in line for line in over.splitlines())


def test_entries_that_were_set_aside_are_delivered_by_the_schedule(world, receiver):
    receiver.secret = OURS
    invite(world)
    with world.front.out_of_order("dynamodb", function="health-check"):
        assert world.events.deliver() > 0
    assert world.waiting("EventDeadLetters") > 0
    assert "events-set-aside" in world.alarms.evaluate()
    shell = world.shell("events-not-sent")
    [*_, told] = [json.loads(line) for line in shell.run(0).splitlines() if line.startswith("{")]
    assert told["name"] == "events.failed" and "the store is unavailable: " in told["error"]
    world.tick(SWEEP)
    assert len(receiver.taken) == 1
    shell.run(2)
    assert world.waiting("EventDeadLetters") == 0
    world.alarms.evaluate(minutes=6)
    assert f"{world.name}-events-set-aside\tOK" in shell.run(3)

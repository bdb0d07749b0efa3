"""server-errors: a store of ours does not answer, and a function that cannot start."""

import json

from test_throttles import visit


def test_an_outage_of_the_table_is_told_and_passes(world):
    link = "/setup/" + world.operator("POST", "/operator/invitations", {"customer": "Acme"})["invitation"]
    with world.front.out_of_order("dynamodb"), world.clock.ago(minutes=20):
        assert [visit(world, link) for _ in range(3)] == [503, 503, 503]
    assert "server-errors" in world.alarms.evaluate(minutes=-19)

    shell = world.shell("server-errors")
    seen = shell.run(0)
    lines = [json.loads(line) for line in seen.splitlines() if line.startswith("{")]
    assert [line["route"] for line in lines if line.get("status") == "503"] == ["GET /setup/{proxy+}"] * 3
    told = [line for line in lines if line.get("level") == "ERROR"]
    assert told and all("the store is unavailable" in line["error"] + line.get("cause", "") for line in told)
    assert all(line["reference"] == line["trace"] for line in told)
    assert f"{world.name}-server-errors" in seen.splitlines()

    lines = [json.loads(line) for line in shell.run(1, REFERENCE=told[0]["reference"]).splitlines()]
    assert {line["name"] for line in lines} >= {"problem", "request"}
    assert {line["trace"] for line in lines} == {told[0]["reference"]}

    state = shell.run(2)
    assert f"{world.name}-setup-start\tActive" in state and f"{world.deployment.physical['Table']}\tACTIVE" in state
    assert visit(world, link) == 200
    world.alarms.evaluate()
    assert f"{world.name}-server-errors\tOK" in shell.run(3)
    assert '"status":"5' not in shell.run(3)

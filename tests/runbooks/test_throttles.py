"""throttles: more requests at once than a function may have."""

import concurrent.futures
import json
import urllib.error
import urllib.request


def visit(world, path="/setup/unknown"):
    try:
        with urllib.request.urlopen(world.url + path, timeout=60) as answer:
            return answer.status
    except urllib.error.HTTPError as answer:
        return answer.code


def crowd(world, people):
    with concurrent.futures.ThreadPoolExecutor(people) as pool:
        return list(pool.map(lambda _: visit(world), range(people)))


def squeeze(world):
    world.client("lambda").put_function_concurrency(FunctionName=f"{world.name}-setup-start", ReservedConcurrentExecutions=1)


def test_a_number_that_someone_changed_is_put_back(world):
    squeeze(world)
    with world.clock.ago(minutes=1):
        assert {503} < set(crowd(world, 6))
    assert {"throttles", "server-errors"} <= world.alarms.evaluate()

    shell = world.shell("throttles")
    seen = shell.run(0).splitlines()
    assert "setup-start 1" in seen and "oauth-callback 20" in seen
    counted = seen[seen.index("setup-start 1") + 1]
    assert float(counted.split("\t")[1]) >= 1
    assert seen[seen.index("oauth-callback 20") + 1].startswith("salesforce-patch")
    assert "1000\t960" in seen  # the other functions' 39 and this one's 1
    lines = [json.loads(line) for line in seen if line.startswith("{")]
    assert lines and all(line["status"] == "503" and line["route"] == "GET /setup/{proxy+}" for line in lines)

    shell.run(2, FUNCTION="setup-start", RESERVED=40)
    assert 503 not in crowd(world, 6)
    world.alarms.evaluate(minutes=15)
    assert f"{world.name}-throttles\tOK" in shell.run(4)


def test_a_flood_is_slowed_at_the_front_door(world):
    squeeze(world)
    with world.clock.ago(minutes=1):
        assert 503 in crowd(world, 6)
    shell = world.shell("throttles")
    shell.run(0)
    slowed = json.loads(shell.run(1))
    assert (slowed["ThrottlingBurstLimit"], slowed["ThrottlingRateLimit"]) == (20, 10)
    assert world.gateway.limits() == (20, 10)
    assert 429 in crowd(world, 40)
    shell.run(3)
    stage = world.template.properties("HttpApiApiGatewayDefaultStage")["DefaultRouteSettings"]
    assert world.gateway.limits() == (stage["ThrottlingBurstLimit"], stage["ThrottlingRateLimit"])


def test_one_function_alone_raises_the_alarm(world):
    """A function that nobody called has no points; the sum must not wait for it."""
    squeeze(world)
    crowd(world, 6)
    silent = [name for name in world.functions.values() if ("AWS/Lambda", "Throttles", (("FunctionName", f"{world.name}-{name}"),)) not in world.metrics.points]
    assert "operator" in silent
    assert "throttles" in world.alarms.evaluate()

"""connections-stuck: a customer opened the link four days ago, and nothing happened since."""

import json
import re
import urllib.request

from test_throttles import visit

SWEEP = "health-sweep"


def test_somebody_is_reminded_with_a_new_link(world):
    with world.clock.ago(days=4):
        made = world.operator("POST", "/operator/invitations", {"customer": "Acme"})
        world.events.deliver()
        assert world.tick(SWEEP)["reminded"] == 0
    with world.clock.ago(minutes=2):
        assert world.tick(SWEEP)["reminded"] == 1
    assert "connections-stuck" in world.alarms.evaluate()

    shell = world.shell("connections-stuck")
    listed = shell.run(0)
    row = next((line for line in listed.splitlines() if made["connection"] in line), listed)
    assert "Acme" in row and re.search(r"salesforce_admin|pim_admin", row)
    letter = shell.run(1, CONNECTION=made["connection"])
    [link] = set(re.findall(rf"{re.escape(world.url)}/setup/[\w-]+", letter))
    assert "Acme" in letter and not link.endswith(made["invitation"])
    assert visit(world, "/setup/" + made["invitation"]) in (404, 410)
    with urllib.request.urlopen(link, timeout=30) as answer:
        assert answer.status == 200

    assert world.tick(SWEEP)["reminded"] == 0
    world.alarms.evaluate(hours=1)
    over = shell.run(2)
    assert f"{world.name}-connections-stuck\tOK" in over
    assert "stuck" in over and "invited" in over
    assert any(json.loads(line).get("Kind") == "stuck" for _, line in world.logs.lines if line.startswith("{"))

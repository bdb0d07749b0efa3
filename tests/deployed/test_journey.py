"""The main job as deployed: compiled functions behind cargo-lambda's router, DynamoDB and Secrets Manager from the emulator, both
simulators outside. A headless browser walks from the link to "connected"; nothing runs in the same process as anything else.
"""

import json
import subprocess
import urllib.request

import pytest
from event_source import every_mapping
from stack import ROOT, TABLE, scheduled


def state(simulator):
    with urllib.request.urlopen(simulator + "/_simulator/state", timeout=30) as answer:
        return json.loads(answer.read())


@pytest.fixture(scope="module")
def walked(stack, simulators):
    walk = [str(ROOT / "target" / "debug" / "walk"), "--service", stack.url, "--pim", simulators.pim, "--org", simulators.org]
    with every_mapping(stack) as sources:
        done = subprocess.run(walk, cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [source.given_up for source in sources] == [[], []]
    return json.loads(done.stdout.splitlines()[-1])


def secret(stack, connection, side):
    prefix = stack.variables["CONNECTOR_SECRET_PREFIX"]
    name = f"{prefix}/{connection}/{side}"
    return json.loads(stack.client("secretsmanager").get_secret_value(SecretId=name, VersionStage="AWSCURRENT")["SecretString"])


def test_the_journey_ends_connected(walked, simulators):
    assert walked["result"] == "connected"
    assert walked["named_credential_url"] == simulators.pim
    assert walked["callouts"] == "Enabled"
    assert walked["grants"] == "complete"
    assert walked["pim_probe"] == "9 of 9 scopes work"


def test_both_sides_hold_the_same_token_after_one_consent(stack, simulators, walked):
    pim = state(simulators.pim)
    live = [token["value"] for token in pim["live_tokens"]]
    assert len(live) == 1
    assert walked["org_holds_that_token"] is True
    assert secret(stack, walked["connection"], "akeneo")["token"] == live[0]
    assert pim["consents"] == {"shown": 1, "accepted": 1}


def test_a_second_run_writes_nothing_to_the_org(stack, simulators, walked):
    def writes():
        with urllib.request.urlopen(simulators.org + "/_simulator/requests", timeout=30) as answer:
            journal = json.loads(answer.read())
        return [entry for entry in journal if entry["method"] != "GET" and entry["path"].startswith("/services/data/")]

    before = len(writes())
    answer = stack.invoke("salesforce-patch", {"connection": walked["connection"]})
    assert answer == {"reconciled": 1}
    assert writes()[before:] == []


def test_no_secret_lies_in_the_table(stack, simulators, walked):
    items = json.dumps(stack.client("dynamodb").scan(TableName=TABLE)["Items"])
    akeneo, salesforce = secret(stack, walked["connection"], "akeneo"), secret(stack, walked["connection"], "salesforce")
    values = [akeneo[name] for name in ("client_secret", "code_identifier", "code_challenge", "token")]
    values += [salesforce["refresh_token"], salesforce["access_token"], stack.client_secret]
    for value in values:
        assert value and value not in items


def test_the_sweep_finds_nothing_to_do(stack, walked):
    answer = stack.invoke("health-check", scheduled("health-sweep"))
    assert answer["failed"] == 0


def test_callouts_that_salesforce_switched_off_are_switched_on_again(stack, simulators, walked):
    def callouts():
        return [named["callout_status"] for named in state(simulators.org)["named_credentials"]]

    off = urllib.request.Request(simulators.org + "/_simulator/actions/callouts-off", b"{}", {"Content-Type": "application/json"}, method="POST")
    urllib.request.urlopen(off, timeout=30).close()
    assert "Disabled" in callouts()
    assert stack.invoke("health-check", {"connection": walked["connection"]})["checked"] == 1
    assert set(callouts()) == {"Enabled"}

"""Events as deployed: what happens to a connection goes through the table's stream to health-check, and from there to EventBridge
and to a webhook receiver that knows nothing of our code.
"""

import json
import urllib.request

import pytest
from event_source import EVENTS, EventSource
from receiver import Receiver
from stack import TABLE, DeployedStack

SIGNING = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SECRET = "connector-webhook"


@pytest.fixture(scope="module")
def receiver():
    with Receiver(SIGNING) as running:
        yield running


@pytest.fixture(scope="module")
def telling(receiver):
    variables = {
        "CONNECTOR_OUTBOUND_PERMIT": receiver.url,
        "CONNECTOR_WEBHOOK_URL": f"{receiver.url}/events",
        "CONNECTOR_WEBHOOK_SECRET": SECRET,
    }
    with DeployedStack(variables=variables) as stack:
        stack.client("secretsmanager").create_secret(Name=SECRET, SecretString=json.dumps({"secret": SIGNING}))
        yield stack


@pytest.fixture(scope="module")
def bus(telling):
    """A queue behind a rule for everything that has our source."""
    sqs, events = telling.client("sqs"), telling.client("events")
    url = sqs.create_queue(QueueName="heard")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="ours", EventPattern=json.dumps({"source": ["connector-setup"]}))
    events.put_targets(Rule="ours", Targets=[{"Id": "heard", "Arn": arn}])
    return lambda: [json.loads(m["Body"]) for m in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])]


@pytest.fixture(scope="module")
def invited(telling, bus):
    source = EventSource(telling, EVENTS)
    request = urllib.request.Request(f"{telling.url}/operator/invitations", b'{"customer": "Acme"}', {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        made = json.load(answer)
    assert source.deliver() == 1
    assert source.given_up == []
    return made


def test_the_bus_hears_of_it_once(invited, bus):
    [heard] = bus()
    assert (heard["source"], heard["detail-type"]) == ("connector-setup", "invited")
    assert (heard["detail"]["connection"], heard["detail"]["customer"]) == (invited["connection"], "Acme")


def test_the_receiver_takes_the_same_event_by_its_signature(invited, receiver):
    assert receiver.refused == 0
    [taken] = receiver.taken
    assert (taken["type"], taken["connection"]) == ("invited", invited["connection"])
    assert invited["invitation"] not in json.dumps(taken)


def test_what_was_told_is_due_no_more_and_is_not_told_again(telling, invited, bus, receiver):
    entries = [i for i in telling.client("dynamodb").scan(TableName=TABLE)["Items"] if i["sk"]["S"].startswith("audit#")]
    assert entries and all("queue" not in entry for entry in entries)
    assert EventSource(telling, EVENTS).deliver() >= 1, "the stream is read again from its beginning"
    assert bus() == [] and len(receiver.taken) == 1

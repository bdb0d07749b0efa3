"""The harness itself: the template's table and routes behind cargo-lambda's real router, with echoes in place of the functions.

It proves what the journey relies on, and that the local router leads every deployed route to the function that the template names.
"""

import http.client
import json
import socket
import threading
import time
import urllib.request

import pytest
from event_source import EventSource, matches
from stack import TABLE, DeployedStack, scheduled

ROUTES = [
    ("GET", "/setup", "setup-start"),
    ("HEAD", "/setup", "setup-start"),
    ("POST", "/setup", "setup-start"),
    ("GET", "/setup/inv_1", "setup-start"),
    ("POST", "/setup/akeneo/start", "setup-start"),
    ("POST", "/setup/principal", "oauth-callback"),
    ("GET", "/akeneo/c1/activate?pim_url=x", "setup-start"),
    ("GET", "/akeneo/c1/callback?code=1&state=2", "oauth-callback"),
    ("GET", "/salesforce/callback?code=1&state=2", "oauth-callback"),
    ("GET", "/operator/connections", "operator"),
    ("POST", "/operator/connections/c1/revoke", "operator"),
]


class Echo(threading.Thread):
    """A function that answers with its own name and the event, over the Lambda runtime API."""

    def __init__(self, stack, function):
        super().__init__(daemon=True)
        self.function, self.events = function, []
        self.host, _, self.base = stack.runtime_api(function).partition("/")

    def run(self):
        while True:
            try:
                identifier, event = self._next()
                self.events.append(event)
                self._answer(identifier, event)
            except (OSError, http.client.HTTPException):
                return  # the stack has ended

    def _next(self):
        connection = http.client.HTTPConnection(self.host, timeout=60)
        connection.request("GET", f"/{self.base}/2018-06-01/runtime/invocation/next")
        answer = connection.getresponse()
        return answer.getheader("lambda-runtime-aws-request-id"), json.loads(answer.read())

    def _answer(self, identifier, event):
        if "requestContext" in event:
            # API Gateway makes do without `cookies`; this emulator answers 500 when it is missing.
            body = {"statusCode": 200, "headers": {"x-function": self.function}, "cookies": [], "body": json.dumps(event)}
        else:
            body = {"batchItemFailures": []}
        # In one packet: the emulator may lose a body that comes after the head, and answers 500 then.
        payload = json.dumps(body).encode()
        head = f"POST /{self.base}/2018-06-01/runtime/invocation/{identifier}/response HTTP/1.1\r\nHost: {self.host}\r\n"
        host, _, port = self.host.partition(":")
        with socket.create_connection((host, int(port)), timeout=60) as connection:
            connection.sendall(f"{head}Content-Length: {len(payload)}\r\nConnection: close\r\n\r\n".encode() + payload)
            connection.recv(4096)


@pytest.fixture(scope="module")
def echoing():
    with DeployedStack(functions_from="elsewhere") as stack:
        echoes = {folder: Echo(stack, folder) for folder in stack.functions.values()}
        for echo in echoes.values():
            echo.start()
        yield stack, echoes


def send(stack, method, path):
    request = urllib.request.Request(stack.url + path, method=method, data=b"a=1" if method == "POST" else None)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.getheader("x-function"), answer.read()


@pytest.mark.parametrize(("method", "path", "function"), ROUTES)
def test_a_route_reaches_its_function(echoing, method, path, function):
    reached, body = send(echoing[0], method, path)
    assert reached == function
    if method != "HEAD":
        event = json.loads(body)
        assert event["version"] == "2.0"
        assert event["rawPath"] == path.partition("?")[0]
        assert (event["rawQueryString"] or "") == path.partition("?")[2]


def test_the_table_is_the_template_s(echoing):
    stack, _ = echoing
    table = stack.client("dynamodb").describe_table(TableName=TABLE)["Table"]
    assert {k["AttributeName"] for k in table["KeySchema"]} == {"pk", "sk"}
    assert table["GlobalSecondaryIndexes"][0]["IndexName"] == "by-due"
    assert table["StreamSpecification"]["StreamViewType"] == "NEW_IMAGE"
    expiry = stack.client("dynamodb").describe_time_to_live(TableName=TABLE)["TimeToLiveDescription"]
    assert expiry["AttributeName"] == "expires_at"


def test_due_wiring_is_delivered_and_nothing_else(echoing):
    stack, echoes = echoing
    dynamodb = stack.client("dynamodb")
    before = len(echoes["salesforce-patch"].events)
    for number, queue in enumerate(["wiring", "health", "wiring", "idle", None]):
        item = {"pk": {"S": f"connection#{number}"}, "sk": {"S": "record"}}
        item |= {"queue": {"S": queue}, "due_at": {"N": "1"}} if queue else {}
        dynamodb.put_item(TableName=TABLE, Item=item)
    dynamodb.delete_item(TableName=TABLE, Key={"pk": {"S": "connection#0"}, "sk": {"S": "record"}})
    source = EventSource(stack)
    assert source.deliver() == 2
    assert source.deliver() == 0
    delivered = [r for event in echoes["salesforce-patch"].events[before:] for r in event["Records"]]
    assert [r["dynamodb"]["NewImage"]["pk"]["S"] for r in delivered] == ["connection#0", "connection#2"]
    assert source.given_up == []


def test_a_filter_matches_exactly():
    pattern = {"eventName": ["INSERT", "MODIFY"], "dynamodb": {"NewImage": {"queue": {"S": ["wiring"]}}}}
    record = {"eventName": "MODIFY", "dynamodb": {"NewImage": {"queue": {"S": "wiring"}, "pk": {"S": "x"}}}}
    assert matches(pattern, record)
    assert not matches(pattern, {**record, "eventName": "REMOVE"})
    assert not matches(pattern, {**record, "dynamodb": {"NewImage": {"queue": {"S": "wiring2"}}}})
    assert not matches(pattern, {**record, "dynamodb": {}})


def test_a_schedule_can_be_played(echoing):
    stack, echoes = echoing
    stack.invoke("health-check", scheduled("health-sweep"))
    assert echoes["health-check"].events[-1]["source"] == "aws.scheduler"


def test_nothing_is_left_behind():
    with DeployedStack(functions_from="elsewhere") as stack:
        url, endpoint = stack.url, stack.endpoint
    time.sleep(0.5)
    for gone in (url, endpoint):
        with pytest.raises(OSError):
            urllib.request.urlopen(gone, timeout=2)

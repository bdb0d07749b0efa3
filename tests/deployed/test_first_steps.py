"""The real functions behind the harness: an invitation is made and opened, and the table holds no token of it."""

import json
import urllib.error
import urllib.request

import pytest
from event_source import EventSource
from stack import TABLE, scheduled


def call(stack, method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(stack.url + path, data, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers, answer.read()


@pytest.fixture(scope="module")
def invitation(stack):
    status, _, body = call(stack, "POST", "/operator/invitations", {"customer": "Acme"})
    assert status == 201, body
    return json.loads(body)


def test_the_link_is_built_from_the_configured_address(stack, invitation):
    assert invitation["link"].startswith(f"{stack.url}/setup/")
    assert invitation["link"].endswith(invitation["invitation"])


def test_the_link_opens(stack, invitation):
    status, headers, body = call(stack, "GET", "/setup/" + invitation["invitation"])
    assert status == 200
    assert headers["content-type"].startswith("text/html")
    assert b"Acme" in body


def test_an_unknown_link_says_nothing(stack, invitation):
    known, unknown = invitation["invitation"], "A" * len(invitation["invitation"])
    assert call(stack, "GET", f"/setup/{unknown}")[0] in (404, 410)
    assert known.encode() not in call(stack, "GET", f"/setup/{unknown}")[2]


def test_customer_success_sees_it(stack, invitation):
    status, _, body = call(stack, "GET", "/operator/connections")
    assert status == 200
    rows = {row["connection"]: row for row in json.loads(body)["connections"]}
    assert rows[invitation["connection"]]["customer"] == "Acme"


def test_no_token_lies_in_the_table(stack, invitation):
    items = stack.client("dynamodb").scan(TableName=TABLE)["Items"]
    assert items
    assert invitation["invitation"] not in json.dumps(items)


def test_the_triggers_run_with_nothing_to_do(stack):
    assert EventSource(stack).deliver() == 0
    for function in ("salesforce-patch", "health-check"):
        answer = stack.invoke(function, scheduled(function))
        assert "errorType" not in (answer or {}), answer

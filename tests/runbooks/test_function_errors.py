"""function-errors: a permission that was taken away, a parameter that is wrong, and a function that runs out of time."""

import json

import pytest

SWEEP = "health-sweep"


def lines_of(printed):
    return [json.loads(line) for line in printed.splitlines() if line.startswith("{")]


def test_a_missing_permission_is_named_and_put_back(world):
    iam, role = world.client("iam"), world.deployment.physical["HealthCheckRole"]
    policy = iam.get_role_policy(RoleName=role, PolicyName="health-check")["PolicyDocument"]
    less = {**policy, "Statement": [s for s in policy["Statement"] if s["Sid"] != "FindDueConnections"]}
    iam.put_role_policy(RoleName=role, PolicyName="health-check", PolicyDocument=json.dumps(less))
    world.access.forget()
    with world.clock.ago(minutes=10):
        assert "errorType" in world.tick(SWEEP)
    assert "errors-health-check" in world.alarms.evaluate(minutes=-9)

    shell = world.shell("function-errors")
    seen = lines_of(shell.run(0, FUNCTION="health-check"))
    assert any(line.get("level") == "ERROR" and "Query" in json.dumps(line) and "AccessDeniedException" in json.dumps(line) for line in seen)
    assert any(line.get("type") == "platform.report" and line["record"]["status"] == "failure" for line in seen)

    allowed = [line.split("\t") for line in shell.run(1).splitlines()]
    wanted = [[s["Sid"], s["Effect"]] for p in world.template.properties("HealthCheckRole")["Policies"] for s in p["PolicyDocument"]["Statement"]]
    assert [row for row in wanted if row not in allowed] == [["FindDueConnections", "Allow"]]
    iam.put_role_policy(RoleName=role, PolicyName="health-check", PolicyDocument=json.dumps(policy))
    world.access.forget()
    assert world.tick(SWEEP)["failed"] == 0
    world.alarms.evaluate()
    assert f"{world.name}-errors-health-check\tOK" in shell.run(3)


def test_a_wrong_parameter_is_named(world):
    service, name = world.client("lambda"), f"{world.name}-oauth-callback"
    right = service.get_function_configuration(FunctionName=name)["Environment"]
    wrong = {"Variables": {**right["Variables"], "CONNECTOR_SALESFORCE_LOGIN_URL": "login.salesforce.com"}}
    service.update_function_configuration(FunctionName=name, Environment=wrong)
    event = {"version": "2.0"}
    with world.clock.ago(minutes=10):
        assert world.invoke("oauth-callback", event)["errorType"] == "Runtime.ExitError"
    assert "errors-oauth-callback" in world.alarms.evaluate(minutes=-9)

    shell = world.shell("function-errors")
    seen = lines_of(shell.run(0, FUNCTION="oauth-callback"))
    [told] = [line for line in seen if line.get("name") == "service.start"]
    assert "the configuration has" in told["error"] and "CONNECTOR_SALESFORCE_LOGIN_URL" in told["error"]
    began = shell.run(2)
    assert '"CONNECTOR_SALESFORCE_LOGIN_URL"' in began and "login.salesforce.com" not in began and "CREATE_COMPLETE" in began

    service.update_function_configuration(FunctionName=name, Environment=right)  # deployed again
    with pytest.raises(KeyError):
        world.operator("GET", "/operator/connections")["errorType"]
    world.alarms.evaluate()
    assert f"{world.name}-errors-oauth-callback\tOK" in shell.run(3)


def test_a_function_that_runs_out_of_time_is_told_as_such(world):
    world.client("lambda").update_function_configuration(FunctionName=f"{world.name}-health-check", Timeout=1)
    world.front.delays["dynamodb"] = 3
    with world.clock.ago(minutes=10):
        assert world.tick(SWEEP)["errorType"] == "Sandbox.Timedout"
    del world.front.delays["dynamodb"]
    assert "errors-health-check" in world.alarms.evaluate(minutes=-9)
    shell = world.shell("function-errors")
    [report] = [line for line in lines_of(shell.run(0, FUNCTION="health-check")) if line.get("type") == "platform.report"]
    assert report["record"]["status"] == "timeout"

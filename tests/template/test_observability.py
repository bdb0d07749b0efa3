"""Every alarm watches something that can happen, tells people what it means, and has a runbook; the dashboard shows the same."""

import json
import re

import pytest
from stack_template import ROOT, Stack, read

RUNBOOKS = ROOT / "infra" / "runbooks"
FUNCTIONS = ["SetupStart", "OauthCallback", "SalesforcePatch", "HealthCheck", "Operator"]


@pytest.fixture(scope="module")
def template():
    return read("infra/observability.yaml")


def alarms(template):
    return {n: r["Properties"] for n, r in template["Resources"].items() if r["Type"] == "AWS::CloudWatch::Alarm"}


def metrics(alarm):
    """(metric name, parameter its dimension refers to) of an alarm."""
    sources = [m["MetricStat"]["Metric"] for m in alarm.get("Metrics", []) if "MetricStat" in m] or [alarm]
    dimension = lambda source: source["Dimensions"][0]["Value"] if source.get("Dimensions") else None  # noqa: E731
    return {(s["MetricName"], d["Ref"] if isinstance(d, dict) else d) for s in sources for d in [dimension(s)]}


def test_everything_that_matters_is_watched(template):
    watched = set().union(*(metrics(a) for a in alarms(template).values()))
    assert {("Errors", f) for f in FUNCTIONS} | {("Throttles", f) for f in FUNCTIONS} <= watched
    assert {("IteratorAge", "SalesforcePatch"), ("5xx", "HttpApiId")} <= watched
    assert {("ApproximateNumberOfMessagesVisible", q) for q in ("WiringDeadLetters", "ScheduleDeadLetters", "EventDeadLetters")} <= watched
    assert ("Invocations", "SalesforcePatch") in watched
    # health-check is started by the stream too, so its invocations do not show that it sweeps; its own metrics do.
    assert {("Sweeps", None), ("SweepUnfinished", None), ("Happened", "stuck"), ("RefreshFailures", None)} <= watched
    assert {("EventsNotSent", None), ("EventsGivenUp", None)} <= watched


def test_own_metrics_are_those_that_the_code_writes(template):
    source = (ROOT / "shared/src/telemetry/metric.rs").read_text()
    for name, alarm in alarms(template).items():
        if isinstance(alarm.get("Namespace"), dict):
            assert alarm["Namespace"] == {"Fn::Sub": "ConnectorSetup/${Service}"}, name
            assert f'"{alarm["MetricName"]}"' in source, name


def test_silence_of_two_periods_is_told(template, stack):
    alarm = alarms(template)["SweepSilent"]
    assert (alarm["Period"], alarm["EvaluationPeriods"]) == ({"Ref": "SweepPeriod"}, 2)
    for schedule, seconds in (("rate(5 minutes)", 300), ("rate(10 minutes)", 600), ("rate(15 minutes)", 900), ("rate(30 minutes)", 1800)):
        assert Stack(HealthSchedule=schedule).properties("Observability")["Parameters"]["SweepPeriod"] == seconds


def test_the_throttle_sum_adds_all_its_terms_also_where_one_has_no_point(template):
    [total, *terms] = template["Resources"]["Throttles"]["Properties"]["Metrics"]
    assert sorted(total["Expression"].split(" + ")) == sorted(f"FILL({t['Id']}, 0)" for t in terms)


def test_alarms_notify_and_recover(template):
    for name, alarm in alarms(template).items():
        notify = [{"Fn::If": ["HasTopic", {"Ref": "AlarmTopicArn"}, {"Ref": "AWS::NoValue"}]}]
        assert alarm["AlarmActions"] == alarm["OKActions"] == notify, name


def test_silence_is_alarming_only_where_it_means_something(template):
    for name, alarm in alarms(template).items():
        expected = "breaching" if name in ("ReconcilerSilent", "SweepSilent") else "notBreaching"
        assert alarm["TreatMissingData"] == expected, name


def test_each_alarm_has_a_runbook_and_each_runbook_an_alarm(template):
    named = set()
    for name, alarm in alarms(template).items():
        [runbook] = re.findall(r"infra/runbooks/([a-z-]+\.md)", alarm["AlarmDescription"])
        named.add(runbook)
        suffix = alarm["AlarmName"]["Fn::Sub"].removeprefix("${Service}-")
        text = (RUNBOOKS / runbook).read_text()
        family = re.sub(r"^errors-.*", "errors-", suffix)
        assert family in text, f"{runbook} does not name the alarm {suffix}"
        assert "```sh" in text, f"{runbook} has no commands"
    assert named == {path.name for path in RUNBOOKS.glob("*.md")} - {"README.md"}


def test_the_nested_stack_gets_all_its_parameters(template, stack):
    given = set(stack.properties("Observability")["Parameters"])
    assert given == set(template["Parameters"])
    assert stack.properties("Observability")["Parameters"]["WiringDeadLetters"] == "WiringDeadLetters.QueueName"


def test_the_dashboard_is_valid_and_shows_every_function(template):
    body = template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    widgets = json.loads(body)["widgets"]
    assert len(widgets) >= 6
    used = set(re.findall(r"\$\{([A-Za-z:]+)\}", body))
    assert used - {"AWS::Region"} <= set(template["Parameters"])
    assert {*FUNCTIONS, "HttpApiId", "WiringDeadLetters", "ScheduleDeadLetters", "EventDeadLetters"} <= used

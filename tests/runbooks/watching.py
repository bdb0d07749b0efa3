"""What CloudWatch does: keeps log lines, reads metrics out of them, and sets alarms.

Log events, metrics and alarms are kept by moto, where the operator's commands find them. Alarms are decided here, because moto
never changes their state by itself: by the definitions of infra/observability.yaml as moto has them, over the points that were
counted. It must not decide anything by the name of an alarm.
"""

import datetime
import json
import operator
import re
import threading

COMPARE = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
STATISTICS = {"Sum": sum, "Minimum": min, "Maximum": max, "Average": lambda values: sum(values) / len(values)}


class Metrics:
    """Points of metrics, by namespace, name and dimensions. Unlike moto's, a query without dimensions finds only points without any."""

    def __init__(self, world):
        self.world = world
        self.points = {}
        self._unsent = {}
        self._client = world.client("cloudwatch")
        self._lock = threading.Lock()

    def put(self, namespace, name, value, dimensions=(), unit="Count", at=None):
        at = at or self.world.clock.now()
        named = [{"Name": key, "Value": text} for key, text in dimensions]
        with self._lock:
            self.points.setdefault((namespace, name, tuple(sorted(dimensions))), []).append((at, value))
            point = {"MetricName": name, "Value": value, "Unit": unit, "Timestamp": at, "Dimensions": named}
            self._unsent.setdefault(namespace, []).append(point)

    def send(self):
        """Hands what was counted to moto, before somebody looks."""
        with self._lock:
            unsent, self._unsent = self._unsent, {}
        for namespace, points in unsent.items():
            for start in range(0, len(points), 500):
                self._client.put_metric_data(Namespace=namespace, MetricData=points[start : start + 500])

    def statistic(self, metric, statistic, begin, end):
        """The value of a period, or None without a point."""
        dimensions = tuple(sorted((d["Name"], d["Value"]) for d in metric.get("Dimensions", [])))
        points = self.points.get((metric["Namespace"], metric["MetricName"], dimensions), [])
        values = [value for at, value in list(points) if begin < at <= end]
        return STATISTICS[statistic](values) if values else None


class Logs:
    """Takes what functions and the HTTP API write, and reads the embedded metric format out of it, as CloudWatch Logs does."""

    def __init__(self, world):
        self.world = world
        self.lines = []
        self._client = world.client("logs")
        self._unsent, self._streams = {}, set()
        self._lock = threading.Lock()

    def write(self, group, line):
        at = self.world.clock.now()
        with self._lock:
            self.lines.append((group, line))
            self._unsent.setdefault(group, []).append({"timestamp": int(at.timestamp() * 1000), "message": line})
        self._measure(line)

    def send(self):
        """Hands what was written to moto, before somebody looks."""
        with self._lock:
            unsent, self._unsent = self._unsent, {}
        for group, events in unsent.items():
            if group not in self._streams:
                self._client.create_log_stream(logGroupName=group, logStreamName="here")
                self._streams.add(group)
            self._client.put_log_events(logGroupName=group, logStreamName="here", logEvents=sorted(events, key=lambda event: event["timestamp"]))

    def _measure(self, line):
        try:
            entry = json.loads(line)
        except ValueError:
            return
        if not isinstance(entry, dict) or "_aws" not in entry:
            return
        at = datetime.datetime.fromtimestamp(entry["_aws"]["Timestamp"] / 1000, datetime.UTC)
        for directive in entry["_aws"]["CloudWatchMetrics"]:
            for names in directive["Dimensions"]:
                for metric in directive["Metrics"]:
                    dimensions = [(name, entry[name]) for name in names]
                    self.world.metrics.put(directive["Namespace"], metric["Name"], entry[metric["Name"]], dimensions, metric["Unit"], at)


class Alarms:
    """The state of each alarm at a moment."""

    def __init__(self, world):
        self.world = world
        self._client = world.client("cloudwatch")

    def evaluate(self, **later):
        """Decides every alarm as of now, or as of a while later if nothing more happens, and tells moto; gives those that are on."""
        at = self.world.clock.now() + datetime.timedelta(**later)
        self.world.count_queues(at)
        on = set()
        for alarm in self._client.describe_alarms(MaxRecords=100)["MetricAlarms"]:
            breaching = self._breaches(alarm, at)
            self._client.set_alarm_state(AlarmName=alarm["AlarmName"], StateValue="ALARM" if breaching else "OK", StateReason="evaluated")
            if breaching:
                on.add(alarm["AlarmName"].removeprefix(f"{self.world.name}-"))
        return on

    def _breaches(self, alarm, at):
        needed = alarm.get("DatapointsToAlarm", alarm["EvaluationPeriods"])
        compare = COMPARE[alarm["ComparisonOperator"]]
        found = 0
        for number in range(alarm["EvaluationPeriods"]):
            value = self._value(alarm, at, number)
            found += alarm["TreatMissingData"] == "breaching" if value is None else compare(value, alarm["Threshold"])
        return found >= needed

    def _value(self, alarm, at, number):
        if "Metrics" not in alarm or not alarm["Metrics"]:
            return self._statistic(alarm, alarm["Statistic"], alarm["Period"], at, number)
        [total] = [query for query in alarm["Metrics"] if "Expression" in query]
        sources = {query["Id"]: query["MetricStat"] for query in alarm["Metrics"] if "MetricStat" in query}
        values = {
            name: self._statistic(source["Metric"], source["Stat"], source["Period"], at, number) for name, source in sources.items()
        }
        return _sum(total["Expression"], values)

    def _statistic(self, metric, statistic, period, at, number):
        length = datetime.timedelta(seconds=int(period))
        return self.world.metrics.statistic(metric, statistic, at - (number + 1) * length, at - number * length)


def _sum(expression, values):
    """Metric math as far as it is used: a sum. A series without a point has no sum, unless FILL gives it one."""
    total = 0
    for term in expression.split(" + "):
        filled = re.fullmatch(r"FILL\((\w+), ?(\d+)\)", term)
        value = values[filled.group(1) if filled else term]
        if value is None:
            if not filled:
                return None
            value = int(filled.group(2))
        total += value
    return total

"""Plays what starts functions by itself: the event source mappings of the table's stream, and EventBridge Scheduler.

Whether a mapping or a schedule is on, and whom it may start, is asked of moto each time. What cannot be delivered goes where the
template says, in AWS's shape. Both act only when they are told to; nothing waits.
"""

import datetime
import json
import uuid

from botocore.exceptions import ClientError
from event_source import EventSource
from lambda_service import NoSuchFunction, Throttled
from stack import scheduled


class Mapping(EventSource):
    """An event source mapping with what AWS does around the delivery: its switch, the age of records, the dead-letter queue."""

    def __init__(self, world, logical):
        self.world = world
        super().__init__(world, logical)
        self.late = datetime.timedelta()
        [self.uuid] = [m["UUID"] for m in world.client("lambda").list_event_source_mappings(FunctionName=self.mapping["FunctionName"])["EventSourceMappings"]]

    def folder(self, function):
        return function.removeprefix(f"{self.world.name}-")

    def deliver(self, **late):
        """Delivers what is new, so long after it was written, unless the mapping is switched off."""
        if self.world.client("lambda").get_event_source_mapping(UUID=self.uuid)["State"] != "Enabled":
            return 0
        self.late = datetime.timedelta(**late)
        return super().deliver()

    def _deliver_batch(self, batch):
        oldest = datetime.datetime.fromtimestamp(batch[0]["dynamodb"]["ApproximateCreationDateTime"], datetime.UTC)
        age = datetime.datetime.now(datetime.UTC) + self.late - oldest
        dimensions = [("FunctionName", self.mapping["FunctionName"])]
        self.world.metrics.put("AWS/Lambda", "IteratorAge", age.total_seconds() * 1000, dimensions, "Milliseconds")
        before = len(self.given_up)
        super()._deliver_batch(batch)
        if len(self.given_up) > before:
            self._set_aside(self.given_up[before:])

    def _set_aside(self, records):
        """The note that Lambda sends to the destination on failure: where the records are, none of their data."""
        numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
        note = {
            "requestContext": {
                "requestId": str(uuid.uuid4()),
                "functionArn": f"{self.world.arn('lambda', 'function:' + self.mapping['FunctionName'])}",
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": self.attempts,
            },
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": None},
            "version": "1.0",
            "timestamp": self.world.clock.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "DDBStreamBatchInfo": {
                "shardId": "shardId-00000000000000000000-00000000",
                "startSequenceNumber": numbers[0],
                "endSequenceNumber": numbers[-1],
                "batchSize": len(records),
                "streamArn": self.world.stream_arn,
            },
        }
        self.world.send(self.mapping["DestinationConfig"]["OnFailure"]["Destination"], json.dumps(note))


class Scheduler:
    """EventBridge Scheduler: a tick of a schedule, if it is on."""

    def __init__(self, world):
        self.world = world
        self._client = world.client("scheduler")

    def tick(self, name):
        """Starts the schedule's target. Gives the function's answer, or None where nothing was started."""
        try:
            schedule = self._client.get_schedule(Name=f"{self.world.name}-{name}")
        except ClientError:
            return None
        if schedule["State"] != "ENABLED":
            return None
        target = schedule["Target"]
        refusal = None
        for _ in range(1 + target["RetryPolicy"]["MaximumRetryAttempts"]):
            try:
                if not self.world.access.allows(target["RoleArn"], "lambda:InvokeFunction", target["Arn"]):
                    raise PermissionError(f"{target['RoleArn']} is not authorized to perform: lambda:InvokeFunction on resource: {target['Arn']}")
                return self.world.functions_run.invoke(target["Arn"].rsplit(":", 1)[-1], scheduled(name)).body
            except PermissionError as denied:
                refusal = ("AccessDeniedException", str(denied))
            except NoSuchFunction:
                refusal = ("ResourceNotFoundException", f"Function not found: {target['Arn']}")
            except Throttled:
                return None  # Lambda takes the event and tries again by itself until it is too old
        self.world.send(target["DeadLetterConfig"]["Arn"], json.dumps(scheduled(name)), self._attributes(schedule, *refusal))
        return None

    def _attributes(self, schedule, code, message):
        target = schedule["Target"]
        named = {
            "SCHEDULE_ARN": schedule["Arn"], "TARGET_ARN": target["Arn"], "ERROR_CODE": code, "ERROR_MESSAGE": message,
            "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts", "RETRY_ATTEMPTS": str(target["RetryPolicy"]["MaximumRetryAttempts"]),
        }  # fmt: skip
        return named

"""Plays Lambda's event source mappings: reads the table's stream and gives each function what the template's filter for it lets through.

Why: no emulator here does it, and neither wiring nor the delivery of events is started by anything else within a minute. Batch size,
filter and retries are the template's. It must not invent records: what is not in the stream is not delivered.
"""

import base64
import contextlib
import json
import threading

WIRING, EVENTS = "SalesforcePatchWiringDue", "HealthCheckEventsDue"


def matches(pattern, event):
    """Lambda's filter rules as far as the template uses them: nested objects, and lists of exact values."""
    if isinstance(pattern, list):
        return event in pattern
    return isinstance(event, dict) and all(key in event and matches(rule, event[key]) for key, rule in pattern.items())


class EventSource:
    """One reader of the whole stream, from its beginning, for one mapping of the template."""

    def __init__(self, stack, mapping=WIRING):
        properties = stack.template.properties(mapping)
        self.stack = stack
        self.mapping = properties
        self.function = self.folder(properties["FunctionName"])
        self.patterns = [json.loads(rule["Pattern"]) for rule in properties["FilterCriteria"]["Filters"]]
        self.batch_size = properties["BatchSize"]
        self.attempts = 1 + properties["MaximumRetryAttempts"]
        self.streams = stack.client("dynamodbstreams")
        shards = self.streams.describe_stream(StreamArn=stack.stream_arn)["StreamDescription"]["Shards"]
        self.iterators = [
            self.streams.get_shard_iterator(StreamArn=stack.stream_arn, ShardId=s["ShardId"], ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
            for s in shards
        ]
        self.given_up = []
        self._stop = threading.Event()

    def folder(self, function):
        """The folder of the function that a mapping names."""
        return self.stack.functions[function]

    def deliver(self):
        """Delivers what is new; gives the number of records that passed the filter."""
        records = []
        for place, iterator in enumerate(self.iterators):
            answer = self.streams.get_records(ShardIterator=iterator)
            self.iterators[place] = answer["NextShardIterator"]
            records += [self._event(r) for r in answer["Records"]]
        wanted = [r for r in records if any(matches(p, r) for p in self.patterns)]
        for start in range(0, len(wanted), self.batch_size):
            self._deliver_batch(wanted[start : start + self.batch_size])
        return len(wanted)

    def _deliver_batch(self, batch):
        for _ in range(self.attempts):
            answer = self.stack.invoke(self.function, {"Records": batch}) or {}
            if "errorType" in answer:
                continue
            failed = {f["itemIdentifier"] for f in answer.get("batchItemFailures", [])}
            batch = batch[min((i for i, r in enumerate(batch) if r["dynamodb"]["SequenceNumber"] in failed), default=len(batch)) :]
            if not batch:
                return
        self.given_up += batch

    def _event(self, record):
        change = dict(record["dynamodb"])
        if "ApproximateCreationDateTime" in change:
            change["ApproximateCreationDateTime"] = int(change["ApproximateCreationDateTime"].timestamp())
        event = {**record, "dynamodb": change, "eventSourceARN": self.stack.stream_arn}
        return json.loads(json.dumps(event, default=lambda value: base64.b64encode(bytes(value)).decode()))

    def __enter__(self):
        """Delivers in the background until the block ends."""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _run(self):
        while not self._stop.wait(0.2):
            self.deliver()


@contextlib.contextmanager
def every_mapping(stack):
    """Delivers the stream to both functions in the background; gives both readers."""
    sources = [EventSource(stack, mapping) for mapping in (WIRING, EVENTS)]
    with contextlib.ExitStack() as running:
        yield [running.enter_context(source) for source in sources]

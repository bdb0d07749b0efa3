"""The table, its stream, and what starts the two functions that no person calls."""

import json

from stack_template import Stack, table_definition


def test_key_schema_and_index(stack):
    [(name, table)] = stack.of_type("AWS::DynamoDB::Table").items()
    properties = table["Properties"]
    keys = {k["AttributeName"]: k["KeyType"] for k in properties["KeySchema"]}
    assert keys == {"pk": "HASH", "sk": "RANGE"}
    types = {a["AttributeName"]: a["AttributeType"] for a in properties["AttributeDefinitions"]}
    assert types == {"pk": "S", "sk": "S", "queue": "S", "due_at": "N"}
    [index] = properties["GlobalSecondaryIndexes"]
    assert index["IndexName"] == "by-due"
    assert {k["AttributeName"]: k["KeyType"] for k in index["KeySchema"]} == {"queue": "HASH", "due_at": "RANGE"}
    assert index["Projection"] == {"ProjectionType": "ALL"}


def test_stream_and_expiry(stack):
    properties = stack.properties("Table")
    assert properties["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}
    assert properties["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}


def test_the_table_cannot_be_lost(stack):
    table = stack.resources["Table"]
    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("Retain", "Retain")
    properties = table["Properties"]
    assert properties["DeletionProtectionEnabled"] is True
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert properties["SSESpecification"] == {"SSEEnabled": True}
    assert properties["BillingMode"] == "PAY_PER_REQUEST"


def test_create_table_arguments_follow_the_template(stack):
    create, expiry = table_definition()
    assert create["KeySchema"] == stack.properties("Table")["KeySchema"]
    assert create["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    assert expiry["AttributeName"] == "expires_at"


# Which function the stream starts for which queue, and where what fails is set aside.
MAPPINGS = {"SalesforcePatch": ("wiring", "WiringDeadLetters.Arn"), "HealthCheck": ("events", "EventDeadLetters.Arn")}


def mappings(stack):
    found = {m["Properties"]["FunctionName"]: m["Properties"] for m in stack.of_type("AWS::Lambda::EventSourceMapping").values()}
    assert set(found) == set(MAPPINGS)
    return found


def test_the_stream_starts_wiring_and_the_delivery_of_events_and_nothing_else(stack):
    for function, properties in mappings(stack).items():
        assert properties["EventSourceArn"] == "Table.StreamArn"
        [rule] = properties["FilterCriteria"]["Filters"]
        pattern = json.loads(rule["Pattern"])
        assert pattern == {"eventName": ["INSERT", "MODIFY"], "dynamodb": {"NewImage": {"queue": {"S": [MAPPINGS[function][0]]}}}}


def test_a_poisonous_record_cannot_block_the_stream(stack):
    for function, properties in mappings(stack).items():
        assert properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert properties["BisectBatchOnFunctionError"] is True
        assert 0 <= properties["MaximumRetryAttempts"] <= 10
        assert 60 <= properties["MaximumRecordAgeInSeconds"] <= 3600
        assert properties["DestinationConfig"]["OnFailure"]["Destination"] == MAPPINGS[function][1]
        assert properties["StartingPosition"] == "TRIM_HORIZON"


def test_schedules(stack):
    expected = {
        "SalesforcePatchReconcile": ("SalesforcePatch", "rate(1 minute)"),
        "HealthCheckSweep": ("HealthCheck", "rate(5 minutes)"),
    }
    schedules = stack.of_type("AWS::Scheduler::Schedule")
    assert {n: (s["Properties"]["Target"]["Arn"].removesuffix(".Arn"), s["Properties"]["ScheduleExpression"]) for n, s in schedules.items()} == expected
    roles = set()
    for schedule in schedules.values():
        target = schedule["Properties"]["Target"]
        assert schedule["Properties"].get("State", "ENABLED") == "ENABLED"
        assert target["DeadLetterConfig"] == {"Arn": "ScheduleDeadLetters.Arn"}
        assert 1 <= target["RetryPolicy"]["MaximumRetryAttempts"] <= 5
        assert 60 <= target["RetryPolicy"]["MaximumEventAgeInSeconds"] <= 600
        roles.add(target["RoleArn"])
    assert len(roles) == 2


def test_the_sweep_can_be_slowed_down():
    assert Stack(HealthSchedule="rate(30 minutes)").properties("HealthCheckSweep")["ScheduleExpression"] == "rate(30 minutes)"


def test_ticks_are_not_repeated_by_lambda(stack):
    configs = {c["Properties"]["FunctionName"]: c["Properties"] for c in stack.of_type("AWS::Lambda::EventInvokeConfig").values()}
    assert set(configs) == {"SalesforcePatch", "HealthCheck"}
    for config in configs.values():
        assert config["MaximumRetryAttempts"] == 0
        assert config["MaximumEventAgeInSeconds"] <= 300


def test_dead_letters_are_kept_encrypted_for_two_weeks(stack):
    queues = stack.of_type("AWS::SQS::Queue")
    assert set(queues) == {"WiringDeadLetters", "ScheduleDeadLetters", "EventDeadLetters"}
    for queue in queues.values():
        assert queue["Properties"] == {"MessageRetentionPeriod": 1209600, "SqsManagedSseEnabled": True}

"""Each function may do exactly what design section 6 says it may touch, and nothing else."""

import pytest
from iam import allows, listed, role_of, statements
from stack_template import ACCOUNT, GIVEN, REGION, Stack

FUNCTIONS = ["SetupStart", "OauthCallback", "SalesforcePatch", "HealthCheck", "Operator"]
SECRETS = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:connector-setup"
CONNECTION = "0b1c2d3e"
AKENEO = f"{SECRETS}/{CONNECTION}/akeneo-a1B2c3"
SALESFORCE = f"{SECRETS}/{CONNECTION}/salesforce-a1B2c3"
APP = GIVEN["SalesforceAppSecretArn"]
TABLE, INDEX, STREAM = "Table.Arn", "Table.Arn/index/by-due", "Table.Arn/stream/*"
NETWORK = {"SubnetIds": "subnet-1,subnet-2", "SecurityGroupIds": "sg-1"}
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0aa1"

# Who may do what with which secret. A pair that is not here is forbidden.
SECRET_MATRIX = {
    "SetupStart": {("CreateSecret", AKENEO), ("PutSecretValue", AKENEO)},
    "OauthCallback": {
        *((action, secret) for action in ("CreateSecret", "GetSecretValue", "PutSecretValue") for secret in (AKENEO, SALESFORCE)),
        ("GetSecretValue", APP),
    },
    "SalesforcePatch": {
        ("GetSecretValue", AKENEO),
        ("GetSecretValue", SALESFORCE),
        ("PutSecretValue", SALESFORCE),
        ("GetSecretValue", APP),
        ("DeleteSecret", AKENEO),
        ("DeleteSecret", SALESFORCE),
    },
    "HealthCheck": {("GetSecretValue", AKENEO), ("GetSecretValue", SALESFORCE), ("PutSecretValue", SALESFORCE), ("GetSecretValue", APP)},
    "Operator": set(),
}
SECRET_ACTIONS = [
    "BatchGetSecretValue", "CreateSecret", "DeleteSecret", "DescribeSecret", "GetResourcePolicy", "GetSecretValue", "ListSecrets",
    "ListSecretVersionIds", "PutResourcePolicy", "PutSecretValue", "ReplicateSecretToRegions", "RestoreSecret", "RotateSecret",
    "TagResource", "UpdateSecret", "UpdateSecretVersionStage",
]
TABLE_ACTIONS = {f"dynamodb:{a}" for a in ("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query")}

# Beyond its log group, the table and the secrets.
EXTRA = {
    "SetupStart": set(),
    "OauthCallback": set(),
    "SalesforcePatch": {
        ("dynamodb:Query", INDEX),
        *((f"dynamodb:{a}", STREAM) for a in ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")),
        ("sqs:SendMessage", "WiringDeadLetters.Arn"),
    },
    "HealthCheck": {
        ("dynamodb:Query", INDEX),
        *((f"dynamodb:{a}", STREAM) for a in ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")),
        ("sqs:SendMessage", "EventDeadLetters.Arn"),
        ("events:PutEvents", f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/default"),
    },
    "Operator": {("dynamodb:Query", INDEX)},
}


def granted(stack, role):
    """Every (action, resource pattern) that the role's statements allow."""
    return {
        (action, resource)
        for statement in statements(stack, role)
        if statement["Effect"] == "Allow"
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    }


def test_each_function_has_its_own_role(stack):
    roles = [role_of(stack, function) for function in FUNCTIONS]
    assert len(set(roles)) == len(FUNCTIONS)
    for role in roles:
        [trust] = stack.properties(role)["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_secrets_exactly_as_designed(stack):
    for function, expected in SECRET_MATRIX.items():
        role = role_of(stack, function)
        for secret in (AKENEO, SALESFORCE, APP):
            for action in SECRET_ACTIONS:
                allowed = allows(stack, role, f"secretsmanager:{action}", secret)
                assert allowed == ((action, secret) in expected), f"{function}: {action} on {secret}"


def test_no_function_reaches_beyond_the_prefix(stack):
    foreign = [
        f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:payroll-a1B2c3",
        f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:connector-setup-other/{CONNECTION}/akeneo-a1B2c3",
        f"arn:aws:secretsmanager:{REGION}:999900001111:secret:connector-setup/{CONNECTION}/akeneo-a1B2c3",
        f"{SECRETS}/{CONNECTION}/akeneo-backup-a1B2c3",
    ]
    for function in FUNCTIONS:
        for secret in foreign:
            for action in SECRET_ACTIONS:
                assert not allows(stack, role_of(stack, function), f"secretsmanager:{action}", secret), f"{function}: {action} on {secret}"


def test_table_and_everything_else_exactly_as_designed(stack):
    for function in FUNCTIONS:
        expected = {
            ("logs:CreateLogStream", f"{function}Logs.Arn"),
            ("logs:PutLogEvents", f"{function}Logs.Arn"),
            *((action, TABLE) for action in TABLE_ACTIONS),
            *EXTRA[function],
        }
        found = {(a, r) for a, r in granted(stack, role_of(stack, function)) if not a.startswith("secretsmanager:")}
        assert found == expected, function


def test_no_wildcards(stack):
    for name, resource in stack.resources.items():
        if resource["Type"] not in ("AWS::IAM::Role", "AWS::IAM::ManagedPolicy"):
            continue
        documents = [p["PolicyDocument"] for p in resource["Properties"].get("Policies", [])]
        documents += [resource["Properties"]["PolicyDocument"]] if "PolicyDocument" in resource["Properties"] else []
        for statement in (s for d in documents for s in listed(d["Statement"])):
            assert "NotAction" not in statement and "NotResource" not in statement, name
            assert all("*" not in action for action in listed(statement["Action"])), name
            assert all(r not in ("*", "arn:*") for r in listed(statement["Resource"])), name


def test_the_network_policy_is_the_only_exception_and_denied_to_code():
    # EC2 offers no narrower resource for the network interfaces of a function, and Lambda insists on these actions.
    networked = Stack(**NETWORK)
    allow, deny = networked.properties("NetworkAccess")["PolicyDocument"]["Statement"]
    assert (allow["Effect"], allow["Resource"]) == ("Allow", "*")
    assert all(action.startswith("ec2:") for action in allow["Action"])
    assert deny["Effect"] == "Deny" and deny["Action"] == allow["Action"] and deny["Resource"] == "*"
    pattern = deny["Condition"]["ArnLike"]["lambda:SourceFunctionArn"]
    for function in FUNCTIONS:
        properties = networked.properties(function)
        assert properties["VpcConfig"] == {"SubnetIds": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"]}
        assert properties["FunctionName"].startswith(pattern.rsplit(":", 1)[1].removesuffix("*"))
        assert networked.properties(role_of(networked, function))["ManagedPolicyArns"] == ["NetworkAccess"]


def test_without_a_network_nothing_of_it_is_there(stack):
    assert "NetworkAccess" not in stack.resources
    for function in FUNCTIONS:
        assert "VpcConfig" not in stack.properties(function)
        assert stack.properties(role_of(stack, function))["ManagedPolicyArns"] == []


def test_the_key_decrypts_the_app_secret_and_nothing_else():
    keyed = Stack(AppSecretKmsKeyArn=KEY)
    for function in ("OauthCallback", "SalesforcePatch", "HealthCheck"):
        [use] = [s for s in statements(keyed, role_of(keyed, function)) if s.get("Sid") == "DecryptAppSecret"]
        assert (use["Effect"], use["Action"], use["Resource"]) == ("Allow", "kms:Decrypt", KEY)
        assert use["Condition"] == {
            "StringEquals": {"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com", "kms:EncryptionContext:SecretARN": APP}
        }
    for function in ("SetupStart", "Operator"):
        assert not allows(keyed, role_of(keyed, function), "kms:Decrypt", KEY)


def test_only_the_sweep_reads_the_secrets_of_the_destinations():
    told = {
        "WebhookUrl": "https://receiver.example.com/hooks",
        "WebhookSecretArn": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:webhook-AbCdEf",
        "SlackSecretArn": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:slack-AbCdEf",
    }
    telling = Stack(**told)
    for function in FUNCTIONS:
        role = role_of(telling, function)
        for name in ("WebhookSecretArn", "SlackSecretArn"):
            for action in SECRET_ACTIONS:
                expected = function == "HealthCheck" and action == "GetSecretValue"
                assert allows(telling, role, f"secretsmanager:{action}", told[name]) == expected, f"{function}: {action} on {name}"
        variables = telling.properties(function)["Environment"]["Variables"]
        assert variables["CONNECTOR_WEBHOOK_URL"] == told["WebhookUrl"]
        assert (variables["CONNECTOR_WEBHOOK_SECRET"], variables["CONNECTOR_SLACK_SECRET"]) == (told["WebhookSecretArn"], told["SlackSecretArn"])


def test_operator_access_reaches_the_operator_routes_only(stack):
    [statement] = stack.properties("OperatorAccess")["PolicyDocument"]["Statement"]
    assert listed(statement["Action"]) == ["execute-api:Invoke"]
    assert {r.split("HttpApi", 1)[1] for r in statement["Resource"]} == {"/$default/*/operator", "/$default/*/operator/*"}


@pytest.mark.parametrize(
    ("schedule", "function"), [("SalesforcePatchReconcile", "SalesforcePatch"), ("HealthCheckSweep", "HealthCheck")]
)
def test_each_schedule_may_start_its_one_function(stack, schedule, function):
    role = stack.properties(schedule)["Target"]["RoleArn"].removesuffix(".Arn")
    name = stack.properties(function)["FunctionName"]
    assert granted(stack, role) == {
        ("lambda:InvokeFunction", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"),
        ("sqs:SendMessage", "ScheduleDeadLetters.Arn"),
    }
    [trust] = stack.properties(role)["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}

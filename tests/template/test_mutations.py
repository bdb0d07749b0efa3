"""The tests of this folder fail when the template is wrong: each row breaks one thing and names the test that must notice."""

import pytest
import test_functions
import test_iam
import test_routes
import test_table_and_triggers as triggers
from stack_template import Stack, read


def function(template, name):
    return template["Resources"][name]["Properties"]


def role(template, name):
    return template["Resources"][f"{name}Role"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]


def grant(template, name, action, resource):
    role(template, name).append({"Effect": "Allow", "Action": action, "Resource": resource})


AKENEO = {"Fn::Sub": "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:${SecretPrefix}/*/akeneo-??????"}
TABLE = {"Fn::GetAtt": ["Table", "Arn"]}

MUTATIONS = {
    "setup-start reads a secret": (lambda t: grant(t, "SetupStart", "secretsmanager:GetSecretValue", AKENEO), test_iam.test_secrets_exactly_as_designed),
    "health-check writes Akeneo's secret": (lambda t: grant(t, "HealthCheck", "secretsmanager:PutSecretValue", AKENEO), test_iam.test_secrets_exactly_as_designed),
    "operator's wildcard action": (lambda t: grant(t, "Operator", "secretsmanager:*", AKENEO), test_iam.test_no_wildcards),
    "operator's wildcard action, by effect": (lambda t: grant(t, "Operator", "secretsmanager:*", AKENEO), test_iam.test_secrets_exactly_as_designed),
    "a wildcard resource": (lambda t: grant(t, "OauthCallback", "sqs:SendMessage", "*"), test_iam.test_no_wildcards),
    "a secret pattern that is too wide": (
        lambda t: grant(t, "OauthCallback", "secretsmanager:GetSecretValue", {"Fn::Sub": "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:${SecretPrefix}*"}),
        test_iam.test_no_function_reaches_beyond_the_prefix,
    ),
    "a scan": (lambda t: grant(t, "Operator", "dynamodb:Scan", TABLE), test_iam.test_table_and_everything_else_exactly_as_designed),
    "a managed policy": (
        lambda t: t["Resources"]["OperatorRole"]["Properties"].update(ManagedPolicyArns=["arn:aws:iam::aws:policy/AdministratorAccess"]),
        test_iam.test_table_and_everything_else_exactly_as_designed,
    ),
    "two functions share a role": (lambda t: function(t, "HealthCheck").update(Role={"Fn::GetAtt": ["SalesforcePatchRole", "Arn"]}), test_iam.test_each_function_has_its_own_role),
    "an open operator route": (lambda t: function(t, "Operator")["Events"]["Below"]["Properties"].pop("Auth"), test_routes.test_iam_guards_the_operator_routes_and_only_them),
    "a missing HEAD": (lambda t: function(t, "OauthCallback")["Events"].pop("AkeneoHead"), test_routes.test_exactly_these_routes),
    "a route to the wrong function": (lambda t: function(t, "OauthCallback")["Events"]["PrincipalPost"]["Properties"].update(Path="/setup/principals"), test_routes.test_exactly_these_routes),
    "a path in the access log": (
        lambda t: function(t, "HttpApi")["AccessLogSettings"].update(Format='{"path":"$context.path","route":"$context.routeKey"}'),
        test_routes.test_the_access_log_names_routes_never_paths,
    ),
    "no throttling": (lambda t: function(t, "HttpApi").update(DefaultRouteSettings={"ThrottlingRateLimit": 0, "ThrottlingBurstLimit": 0}), test_routes.test_requests_are_throttled),
    "a trace level": (lambda t: function(t, "SetupStart")["LoggingConfig"].update(ApplicationLogLevel="TRACE"), test_functions.test_logs_are_json_at_info_and_expire),
    "RUST_LOG": (
        lambda t: function(t, "SetupStart").update(Environment={"Variables": {"RUST_LOG": "trace"}}),
        test_functions.test_logs_are_json_at_info_and_expire,
    ),
    "a secret in the environment": (
        lambda t: t["Globals"]["Function"]["Environment"]["Variables"].update(CONNECTOR_CLIENT_SECRET="x"),
        test_functions.test_no_secret_in_environment_or_parameters,
    ),
    "a secret parameter": (lambda t: t["Parameters"].update(AppPassword={"Type": "String", "Default": ""}), test_functions.test_no_secret_in_environment_or_parameters),
    "a time-out beyond API Gateway's": (lambda t: function(t, "OauthCallback").update(Timeout=60), test_functions.test_time_outs_and_concurrency_are_bounded),
    "traces on": (lambda t: t["Globals"]["Function"].update(Tracing="Active"), test_functions.test_no_traces),
    "logs for ever": (lambda t: function(t, "OperatorLogs").pop("RetentionInDays"), test_functions.test_logs_are_json_at_info_and_expire),
    "an index key of another type": (lambda t: function(t, "Table")["AttributeDefinitions"][3].update(AttributeType="S"), triggers.test_key_schema_and_index),
    "another TTL attribute": (lambda t: function(t, "Table")["TimeToLiveSpecification"].update(AttributeName="ttl"), triggers.test_stream_and_expiry),
    "a table that can be deleted": (lambda t: t["Resources"]["Table"].update(DeletionPolicy="Delete"), triggers.test_the_table_cannot_be_lost),
    "a filter that misses wiring": (
        lambda t: function(t, "SalesforcePatch")["Events"]["WiringDue"]["Properties"]["FilterCriteria"]["Filters"][0].update(Pattern='{"dynamodb":{"NewImage":{"queue":{"S":["health"]}}}}'),
        triggers.test_the_stream_starts_wiring_and_the_delivery_of_events_and_nothing_else,
    ),
    "endless retries": (lambda t: function(t, "SalesforcePatch")["Events"]["WiringDue"]["Properties"].update(MaximumRetryAttempts=-1), triggers.test_a_poisonous_record_cannot_block_the_stream),
    "no dead-letter queue": (lambda t: function(t, "SalesforcePatch")["Events"]["WiringDue"]["Properties"].pop("DestinationConfig"), triggers.test_a_poisonous_record_cannot_block_the_stream),
    "a schedule switched off": (lambda t: function(t, "HealthCheck")["Events"]["Sweep"]["Properties"].update(State="DISABLED"), triggers.test_schedules),
    "a slow reconciler": (lambda t: function(t, "SalesforcePatch")["Events"]["Reconcile"]["Properties"].update(ScheduleExpression="rate(1 hour)"), triggers.test_schedules),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_is_noticed(name):
    mutate, test = MUTATIONS[name]
    template = read()
    test(Stack(read()))
    mutate(template)
    with pytest.raises((AssertionError, KeyError)):
        test(Stack(template))

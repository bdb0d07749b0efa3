"""The five functions: how they are built, named, bounded, configured and logged."""

import re
import tomllib

from stack_template import ROOT, Stack

FOLDERS = {
    "SetupStart": "setup-start",
    "OauthCallback": "oauth-callback",
    "SalesforcePatch": "salesforce-patch",
    "HealthCheck": "health-check",
    "Operator": "operator",
}
TIMEOUTS = {"SetupStart": 29, "OauthCallback": 29, "SalesforcePatch": 120, "HealthCheck": 300, "Operator": 29}
ENVIRONMENT = {
    "CONNECTOR_PUBLIC_URL": "https://connect.example.com",
    "CONNECTOR_STORE": "aws",
    "CONNECTOR_TABLE": "Table",
    "CONNECTOR_SECRET_PREFIX": "connector-setup",
    "CONNECTOR_SALESFORCE_CLIENT_ID": "3MVG9.example_client",
    "CONNECTOR_SALESFORCE_APP_SECRET": "arn:aws:secretsmanager:eu-central-1:111122223333:secret:connector-app-AbCdEf",
    "CONNECTOR_SALESFORCE_LOGIN_URL": "https://login.salesforce.com",
    "CONNECTOR_SALESFORCE_TEST_LOGIN_URL": "https://test.salesforce.com",
    "CONNECTOR_OUTBOUND_PERMIT": "",
    "CONNECTOR_EVENT_BUS": "default",
    "CONNECTOR_STUCK_DAYS": 3,
    "CONNECTOR_METRICS_NAMESPACE": "ConnectorSetup/connector",
}
# Names that sound like a secret and are none: the name of a secret, not its value.
NAMES_OF_SECRETS = {"CONNECTOR_WEBHOOK_SECRET", "CONNECTOR_SLACK_SECRET", "WebhookSecretArn", "SlackSecretArn", "CONNECTOR_SALESFORCE_APP_SECRET", "CONNECTOR_SECRET_PREFIX", "SalesforceAppSecretArn", "SecretPrefix", "AppSecretKmsKeyArn"}
SOUNDS_SECRET = re.compile(r"secret|password|passwd|token|private|credential|api_?key|kms_?key", re.IGNORECASE)


def test_five_functions_built_by_cargo_lambda(stack):
    assert set(stack.of_type("AWS::Lambda::Function")) == set(FOLDERS)
    for name, folder in FOLDERS.items():
        source = stack.source["Resources"][name]
        assert source["Metadata"]["BuildMethod"] == "rust-cargolambda"
        assert source["Properties"]["CodeUri"] == f"functions/{folder}"
        assert tomllib.loads((ROOT / "functions" / folder / "Cargo.toml").read_text())["package"]["name"] == folder
        properties = stack.properties(name)
        assert properties["FunctionName"] == f"connector-{folder}"
        assert (properties["Runtime"], properties["Handler"]) == ("provided.al2023", "bootstrap")


def test_both_architectures():
    for architecture in ("x86_64", "arm64"):
        stack = Stack(Architecture=architecture)
        for name in FOLDERS:
            assert stack.properties(name)["Architectures"] == [architecture]


def test_time_outs_and_concurrency_are_bounded(stack):
    for name, seconds in TIMEOUTS.items():
        assert stack.properties(name)["Timeout"] == seconds
        assert 1 <= stack.properties(name)["ReservedConcurrentExecutions"] <= 50


def test_environment_is_the_documented_one(stack):
    for name in FOLDERS:
        assert stack.properties(name)["Environment"]["Variables"] == ENVIRONMENT


def test_optional_settings_appear_when_given():
    known = "execute_anonymous=accepted,tooling_callout_status=refused"
    stack = Stack(
        PackageVersionId="04t000000000001", PackageNamespace="akeneo_pim", Capabilities=known, OutboundPermit="https://pim.example.com:8443"
    )
    for name in FOLDERS:
        variables = stack.properties(name)["Environment"]["Variables"]
        assert variables["CONNECTOR_PACKAGE_VERSION_ID"] == "04t000000000001"
        assert variables["CONNECTOR_PACKAGE_NAMESPACE"] == "akeneo_pim"
        assert variables["CONNECTOR_CAPABILITIES"] == known
        assert variables["CONNECTOR_OUTBOUND_PERMIT"] == "https://pim.example.com:8443"


def test_the_consoles_login_is_configured_with_an_issuer_only(stack):
    given = {"ConsoleIssuer": "https://login.example.com", "ConsoleClientId": "console", "ConsoleExchangeOrigin": "https://codes.example.com"}
    for name in FOLDERS:
        assert not any("CONSOLE" in variable for variable in stack.properties(name)["Environment"]["Variables"])
        variables = Stack(**given).properties(name)["Environment"]["Variables"]
        assert {variable: value for variable, value in variables.items() if "CONSOLE" in variable} == {
            "CONNECTOR_CONSOLE_ISSUER": "https://login.example.com",
            "CONNECTOR_CONSOLE_CLIENT_ID": "console",
            "CONNECTOR_CONSOLE_EXCHANGE_ORIGIN": "https://codes.example.com",
        }


def test_no_secret_in_environment_or_parameters(stack):
    names = set(stack.template["Parameters"])
    for function in stack.of_type("AWS::Lambda::Function").values():
        names |= set(function["Properties"]["Environment"]["Variables"])
    assert {name for name in names if SOUNDS_SECRET.search(name)} <= NAMES_OF_SECRETS
    assert not any(parameter.get("NoEcho") for parameter in stack.template["Parameters"].values())
    assert re.fullmatch(stack.template["Parameters"]["SalesforceAppSecretArn"]["AllowedPattern"], stack.given["SalesforceAppSecretArn"])
    assert not re.fullmatch(stack.template["Parameters"]["SalesforceAppSecretArn"]["AllowedPattern"], "1234567890ABCDEF1234567890ABCDEF")


def test_the_public_url_is_an_origin(stack):
    pattern = stack.template["Parameters"]["PublicUrl"]["AllowedPattern"]
    assert re.fullmatch(pattern, "https://connect.example.com")
    for wrong in ("http://connect.example.com", "https://connect.example.com/", "https://connect.example.com/setup", "https://", ""):
        assert not re.fullmatch(pattern, wrong), wrong


def test_logs_are_json_at_info_and_expire(stack):
    for name, folder in FOLDERS.items():
        logging = stack.properties(name)["LoggingConfig"]
        # TRACE and DEBUG of the runtime and the HTTP stack print payloads and URLs.
        assert logging == {"LogGroup": f"{name}Logs", "LogFormat": "JSON", "ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO"}
        assert stack.properties(f"{name}Logs")["LogGroupName"] == f"/connector-setup/connector/{folder}"
        variables = stack.properties(name)["Environment"]["Variables"]
        assert not {"RUST_LOG", "AWS_LAMBDA_LOG_LEVEL", "LAMBDA_LOG_LEVEL"} & set(variables)
    groups = stack.of_type("AWS::Logs::LogGroup")
    assert len(groups) == len(FOLDERS) + 1
    for name, group in groups.items():
        assert group["Properties"]["RetentionInDays"] == 30, name


def test_no_traces(stack):
    for name in FOLDERS:
        assert stack.properties(name)["TracingConfig"] == {"Mode": "PassThrough"}

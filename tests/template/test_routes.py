"""The front door: exactly these routes, each to its function; operators are authorized by IAM; the access log holds no token."""

import json
import re
import tomllib

from stack_template import ROOT, Stack

ROUTES = {
    ("GET", "/setup"): "SetupStart",
    ("HEAD", "/setup"): "SetupStart",
    ("POST", "/setup"): "SetupStart",
    ("GET", "/setup/{proxy+}"): "SetupStart",
    ("HEAD", "/setup/{proxy+}"): "SetupStart",
    ("POST", "/setup/{proxy+}"): "SetupStart",
    ("POST", "/setup/principal"): "OauthCallback",
    ("GET", "/setup/org/{proxy+}"): "OauthCallback",
    ("HEAD", "/setup/org/{proxy+}"): "OauthCallback",
    ("POST", "/setup/org/{proxy+}"): "OauthCallback",
    ("GET", "/akeneo/{connection}/activate"): "SetupStart",
    ("HEAD", "/akeneo/{connection}/activate"): "SetupStart",
    ("GET", "/akeneo/{connection}/callback"): "OauthCallback",
    ("HEAD", "/akeneo/{connection}/callback"): "OauthCallback",
    ("GET", "/salesforce/callback"): "OauthCallback",
    ("HEAD", "/salesforce/callback"): "OauthCallback",
    ("ANY", "/operator"): "Operator",
    ("ANY", "/operator/{proxy+}"): "Operator",
}
# With an issuer only: the console's page, which has no data, and its data, which needs a token.
CONSOLE = {
    ("GET", "/console"): None,
    ("GET", "/console/{proxy+}"): None,
    ("GET", "/console/api/{proxy+}"): [{"ConsoleLogin": []}],
    ("POST", "/console/api/{proxy+}"): [{"ConsoleLogin": []}],
}
LOGIN = {"ConsoleIssuer": "https://login.example.com/tenant/v2.0", "ConsoleClientId": "connector-console"}
CERTIFICATE = "arn:aws:acm:eu-central-1:111122223333:certificate/0aa1"


def operations(stack):
    """(method, path) → operation of the API as translated."""
    [(_, api)] = stack.of_type("AWS::ApiGatewayV2::Api").items()
    return {
        ("ANY" if method == "x-amazon-apigateway-any-method" else method.upper(), path): operation
        for path, methods in api["Properties"]["Body"]["paths"].items()
        for method, operation in methods.items()
    }


def test_exactly_these_routes(stack):
    found = {route: o["x-amazon-apigateway-integration"]["uri"].split("/functions/")[1] for route, o in operations(stack).items()}
    assert found == {route: f"{function}.Arn/invocations" for route, function in ROUTES.items()}


def test_payload_format_two_everywhere(stack):
    for route, operation in operations(stack).items():
        assert operation["x-amazon-apigateway-integration"]["payloadFormatVersion"] == "2.0", route


def test_iam_guards_the_operator_routes_and_only_them(stack):
    for (method, path), operation in operations(stack).items():
        expected = [{"AWS_IAM": []}] if path.startswith("/operator") else None
        assert operation.get("security") == expected, (method, path)
    [(_, api)] = stack.of_type("AWS::ApiGatewayV2::Api").items()
    assert api["Properties"]["Body"]["components"]["securitySchemes"]["AWS_IAM"]["x-amazon-apigateway-authtype"] == "awsSigv4"
    assert "CorsConfiguration" not in api["Properties"] and "x-amazon-apigateway-cors" not in api["Properties"]["Body"]


def test_api_gateway_may_call_the_functions_it_routes_to(stack):
    permissions = stack.of_type("AWS::Lambda::Permission").values()
    assert len(permissions) == len(ROUTES)
    for permission in permissions:
        assert permission["Properties"]["Principal"] == "apigateway.amazonaws.com"
        assert ":HttpApi/" in permission["Properties"]["SourceArn"]


def test_the_console_is_there_with_an_issuer_only(stack):
    assert not any(path.startswith("/console") for _, path in operations(stack))
    [(_, api)] = stack.of_type("AWS::ApiGatewayV2::Api").items()
    assert "ConsoleLogin" not in api["Properties"]["Body"]["components"]["securitySchemes"]
    with_login = operations(Stack(**LOGIN))
    assert set(with_login) == set(ROUTES) | set(CONSOLE)
    for route in CONSOLE:
        integration = with_login[route]["x-amazon-apigateway-integration"]
        assert integration["payloadFormatVersion"] == "2.0" and integration["type"] == "aws_proxy", route
        assert integration["uri"].endswith("/functions/Operator.Arn/invocations"), route


def test_every_route_to_the_consoles_data_has_the_jwt_authorizer():
    stack = Stack(**LOGIN)
    for (method, path), operation in operations(stack).items():
        if path.startswith("/console"):
            assert operation.get("security") == CONSOLE[method, path], (method, path)
            assert ("api" in path) == bool(operation.get("security")), (method, path)
    [(_, api)] = stack.of_type("AWS::ApiGatewayV2::Api").items()
    authorizer = api["Properties"]["Body"]["components"]["securitySchemes"]["ConsoleLogin"]["x-amazon-apigateway-authorizer"]
    assert authorizer == {
        "type": "jwt",
        "identitySource": "$request.header.Authorization",
        "jwtConfiguration": {"issuer": LOGIN["ConsoleIssuer"], "audience": [LOGIN["ConsoleClientId"]]},
    }
    permission = stack.properties("ConsoleMayCallOperator")
    assert permission["Principal"] == "apigateway.amazonaws.com" and permission["FunctionName"] == "Operator"
    assert permission["SourceArn"].endswith(":HttpApi/*/*/console*")


def test_an_issuer_is_an_https_address_without_query(stack):
    pattern = stack.template["Parameters"]["ConsoleIssuer"]["AllowedPattern"]
    for right in ("", "https://login.example.com", "https://login.example.com/tenant/v2.0", "https://tenant.auth.example/"):
        assert re.fullmatch(pattern, right), right
    for wrong in ("http://login.example.com", "login.example.com", "https://login.example.com/?x=1", "https://a b", "https://"):
        assert not re.fullmatch(pattern, wrong), wrong


def test_the_access_log_names_routes_never_paths(stack):
    [(_, stage)] = stack.of_type("AWS::ApiGatewayV2::Stage").items()
    settings = stage["Properties"]["AccessLogSettings"]
    assert settings["DestinationArn"] == "AccessLogs.Arn"
    assert sorted(json.loads(settings["Format"]).values()) == [
        "$context.requestId", "$context.responseLatency", "$context.routeKey", "$context.status",
    ]


def test_requests_are_throttled(stack):
    [(_, stage)] = stack.of_type("AWS::ApiGatewayV2::Stage").items()
    settings = stage["Properties"]["DefaultRouteSettings"]
    assert 0 < settings["ThrottlingRateLimit"] <= settings["ThrottlingBurstLimit"] <= 500


def test_the_domain_closes_the_other_address():
    stack = Stack(CertificateArn=CERTIFICATE)
    assert stack.properties("Domain")["DomainName"] == "connect.example.com"
    assert stack.properties("Domain")["DomainNameConfigurations"][0]["SecurityPolicy"] == "TLS_1_2"
    assert stack.properties("DomainMapping")["Stage"] in stack.of_type("AWS::ApiGatewayV2::Stage")
    [(_, api)] = stack.of_type("AWS::ApiGatewayV2::Api").items()
    [server] = api["Properties"]["Body"]["servers"]
    assert server["x-amazon-apigateway-endpoint-configuration"] == {"disableExecuteApiEndpoint": True}


def test_without_a_certificate_there_is_no_domain(stack):
    assert "Domain" not in stack.resources and "DomainMapping" not in stack.resources


def test_cargo_lambda_watch_routes_alike(stack):
    # A path of the local router serves one binary for every method, or names a binary per method.
    table = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["metadata"]["lambda"]["watch"]["router"]
    local = {path.replace("{*rest}", "{proxy+}"): target for path, target in table.items()}
    functions = stack.source["Resources"]
    for (method, path), function in ROUTES.items():
        if path == "/operator":
            continue  # every operation is below it; the bare path is routed for a plain 404 only
        target = local[path]
        if isinstance(target, list):
            [target] = [t["function"] for t in target if t["method"] == method]
        assert target == functions[function]["Properties"]["CodeUri"].removeprefix("functions/"), (method, path)
    # No authorizer stands before the local router, so the console's data answers 401 there by itself.
    assert local["/console"] == local["/console/{proxy+}"] == "operator"
    assert set(local) <= {path for _, path in (*ROUTES, *CONSOLE)}

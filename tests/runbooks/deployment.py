"""Deploys the stack to moto, as `sam deploy` does to AWS: template.yaml, translated, with observability.yaml nested in it.

moto's CloudFormation makes the queues and log groups and keeps the stack's events and outputs. The rest is made through the services'
own APIs from the same template, evaluated: moto's CloudFormation knows no schedules, HTTP APIs or alarms, makes streams that stay
empty, and garbles policies. It must not repeat what the template says.
"""

import io
import json
import zipfile

from stack_template import ACCOUNT, Stack, read, table_definition

NAME = "connector-setup"
APP_SECRET, WEBHOOK_SECRET = "connector-app", "connector-webhook"
MADE_BY_CLOUDFORMATION = ("AWS::SQS::Queue", "AWS::Logs::LogGroup")
SERVICE_ACCOUNT = "123456789012"
assert SERVICE_ACCOUNT != ACCOUNT, "moto's account and the template tests' are told apart"


class Deployment:
    """The stack as it was deployed: its template evaluated with the names that things got."""

    def __init__(self, world):
        self.world, self.client, self.arn = world, world.client, world.arn
        self.physical = {"AWS::StackName": NAME, "AWS::AccountId": SERVICE_ACCOUNT}
        self.parameters = self._parameters()
        self.translated = Stack(**self.parameters)
        self._create_api()
        self._create_table()
        self._create_roles()
        self._create_with_cloudformation()
        self._name_functions()
        self.template = self.translated.deployed_as(self.physical)
        for create in (self._create_policies, self._create_functions, self._create_triggers, self._create_schedules, self._create_stage, self._create_alarms):
            create()
        self._tell_outputs()

    def _parameters(self):
        world = self.world
        secrets = self.client("secretsmanager")
        secret = secrets.create_secret(Name=APP_SECRET, SecretString=json.dumps({"client_secret": world.client_secret}))
        webhook = world.webhook_secret and secrets.create_secret(Name=WEBHOOK_SECRET, SecretString=json.dumps(world.webhook_secret))
        simulators = world.simulators
        return {
            "PublicUrl": world.url,
            "SalesforceAppSecretArn": secret["ARN"],
            "SalesforceClientId": simulators.variables()["CONNECTOR_SALESFORCE_CLIENT_ID"],
            "SalesforceLoginUrl": simulators.org,
            "SalesforceTestLoginUrl": simulators.org,
            "OutboundPermit": ",".join([simulators.pim, simulators.org, *world.permitted]),
            **({"WebhookSecretArn": webhook["ARN"]} if webhook else {}),
            **world.given,
        }

    @property
    def alarms(self):
        """Definitions of the nested template's alarms."""
        nested = Stack(read("infra/observability.yaml"), **self.template.properties("Observability")["Parameters"])
        pseudo = {name: value for name, value in self.physical.items() if name.startswith("AWS::")}
        return nested.deployed_as(pseudo).of_type("AWS::CloudWatch::Alarm")

    def properties_of(self, kind):
        return [resource["Properties"] for resource in self.template.of_type(kind).values()]

    # ------------------------------------------------------------ before everything else has a name

    def _create_api(self):
        self.physical["HttpApi"] = self.client("apigatewayv2").create_api(Name=NAME, ProtocolType="HTTP")["ApiId"]
        self.physical["HttpApi.ApiEndpoint"] = f"https://{self.physical['HttpApi']}.execute-api.eu-central-1.amazonaws.com"

    def _create_with_cloudformation(self):
        template = self.translated.template
        resources = {name: r for name, r in template["Resources"].items() if r["Type"] in MADE_BY_CLOUDFORMATION}
        self.part = {**{key: template[key] for key in ("AWSTemplateFormatVersion", "Parameters", "Conditions")}, "Resources": resources}
        self.arguments = {
            "StackName": NAME,
            "Parameters": [{"ParameterKey": name, "ParameterValue": str(value)} for name, value in self.translated.parameters.items()],
            "Capabilities": ["CAPABILITY_IAM"],
        }
        cloudformation = self.client("cloudformation")
        cloudformation.create_stack(TemplateBody=json.dumps(self.part), **self.arguments)
        for made in cloudformation.describe_stack_resources(StackName=NAME)["StackResources"]:
            self._name(made["LogicalResourceId"], made["PhysicalResourceId"], made["ResourceType"])

    def _name(self, logical, physical, kind):
        self.physical[logical] = physical
        if kind == "AWS::SQS::Queue":
            name = physical.rsplit("/", 1)[-1]
            # moto's own name for it leads to AWS.
            self.physical |= {
                logical: f"{self.world.front.url}/{SERVICE_ACCOUNT}/{name}", f"{logical}.QueueName": name, f"{logical}.Arn": self.arn("sqs", name),
            }  # fmt: skip
        elif kind == "AWS::Logs::LogGroup":
            self.physical[f"{logical}.Arn"] = self.arn("logs", f"log-group:{physical}:*")

    def _create_table(self):
        create, _ = table_definition()
        table = self.client("dynamodb").create_table(TableName=f"{NAME}-Table", **create)["TableDescription"]
        self.physical |= {"Table": table["TableName"], "Table.Arn": table["TableArn"], "Table.StreamArn": table["LatestStreamArn"]}

    def _create_roles(self):
        for logical, role in self.translated.of_type("AWS::IAM::Role").items():
            trust = json.dumps(role["Properties"]["AssumeRolePolicyDocument"])
            made = self.client("iam").create_role(RoleName=f"{NAME}-{logical}", AssumeRolePolicyDocument=trust)["Role"]
            self.physical |= {logical: made["RoleName"], f"{logical}.Arn": made["Arn"]}

    def _name_functions(self):
        for logical, function in self.translated.deployed_as(self.physical).of_type("AWS::Lambda::Function").items():
            name = function["Properties"]["FunctionName"]
            self.physical |= {logical: name, f"{logical}.Arn": self.arn("lambda", f"function:{name}")}

    # ------------------------------------------------------------ through the services' own APIs

    def _create_policies(self):
        for name, role in self.template.of_type("AWS::IAM::Role").items():
            for policy in role["Properties"]["Policies"]:
                self.client("iam").put_role_policy(
                    RoleName=self.physical[name], PolicyName=policy["PolicyName"], PolicyDocument=json.dumps(policy["PolicyDocument"])
                )

    def _create_functions(self):
        service = self.client("lambda")
        for function in self.properties_of("AWS::Lambda::Function"):
            named = ("FunctionName", "Description", "Role", "Runtime", "Handler", "Timeout", "MemorySize", "Environment", "LoggingConfig")
            variables = {name: str(value) for name, value in function["Environment"]["Variables"].items()}
            service.create_function(Code={"ZipFile": _archive()}, **{key: function[key] for key in named} | {"Environment": {"Variables": variables}})
            service.put_function_concurrency(
                FunctionName=function["FunctionName"], ReservedConcurrentExecutions=function["ReservedConcurrentExecutions"]
            )

    def _create_triggers(self):
        # moto would run mapped functions itself, in containers, at each write: its mappings hang on a stream that nobody writes to.
        create, _ = table_definition()
        quiet = self.client("dynamodb").create_table(TableName=f"{NAME}-unwritten", **create)["TableDescription"]["LatestStreamArn"]
        for mapping in self.properties_of("AWS::Lambda::EventSourceMapping"):
            self.client("lambda").create_event_source_mapping(**{**mapping, "EventSourceArn": quiet})

    def _create_schedules(self):
        for schedule in self.properties_of("AWS::Scheduler::Schedule"):
            self.client("scheduler").create_schedule(**{"FlexibleTimeWindow": {"Mode": "OFF"}, "State": "ENABLED", **schedule})

    def _create_stage(self):
        [stage] = self.properties_of("AWS::ApiGatewayV2::Stage")
        named = ("StageName", "AutoDeploy", "DefaultRouteSettings", "AccessLogSettings")
        self.client("apigatewayv2").create_stage(ApiId=self.physical["HttpApi"], **{key: stage[key] for key in named})

    def _create_alarms(self):
        for alarm in self.alarms.values():
            self.client("cloudwatch").put_metric_alarm(**alarm["Properties"])

    def _tell_outputs(self):
        """The stack's outputs, once everything that they speak of has a name."""
        outputs = {name: {"Value": output["Value"]} for name, output in self.template.outputs.items()}
        self.client("cloudformation").update_stack(TemplateBody=json.dumps({**self.part, "Outputs": outputs}), **self.arguments)


def _archive():
    """moto wants code; the binaries that run are those that cargo built."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("bootstrap", "")
    return file.getvalue()

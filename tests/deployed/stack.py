"""The five functions as they are deployed, on this machine: template.yaml's table and variables, moto for AWS, and
`cargo lambda watch` for API Gateway and Lambda.

    python tests/deployed/stack.py -- COMMAND…      runs a command against it
    python tests/deployed/stack.py compile          only compiles the functions
    with DeployedStack(...) as stack: …             the same from a test

What the command gets is in README.md. It must not repeat what the template says: schema, names, variables and routes are read
from there.
"""

import contextlib
import json
import pathlib
import subprocess
import sys
import time
import urllib.error
import urllib.request

import boto3

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "tools"))

from local_aws import REGION, end_on_termination, environment, free_port, listens, local_aws, process, run_with  # noqa: E402
from stack_template import Stack, table_definition  # noqa: E402

TABLE = "connector-deployed"
APP_SECRET = "connector-app"
READY_SECONDS = 120


class NotReady(Exception):
    """A part of the stack did not come up."""


class DeployedStack:
    """Starts everything on entry, ends everything on exit."""

    def __init__(self, variables=None, client_secret="client-secret-of-the-deployed-test", functions_from="watch"):
        """`variables` override the template's CONNECTOR_* values. `functions_from="elsewhere"` starts no function: the caller
        brings programs that speak the Lambda runtime API (see `runtime_api`)."""
        self.template = Stack()
        self.overrides = variables or {}
        self.client_secret = client_secret
        self.functions_from = functions_from
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._open = contextlib.ExitStack()

    def __enter__(self):
        try:
            self.endpoint = self._open.enter_context(local_aws())
            self._create_table()
            self._create_app_secret()
            self._start_functions()
        except BaseException:
            self._open.close()
            raise
        return self

    def __exit__(self, *_):
        self._open.close()

    # ------------------------------------------------------------ what a test uses

    def client(self, service):
        """A boto3 client of the local AWS."""
        return boto3.client(
            service, endpoint_url=self.endpoint, region_name=REGION, aws_access_key_id="testing", aws_secret_access_key="testing"
        )

    def runtime_api(self, function):
        """Value of AWS_LAMBDA_RUNTIME_API for a program that serves this function."""
        return f"127.0.0.1:{self.port}/.rt/{function}"

    def invoke(self, function, event, seconds=150):
        """Invokes a function with an event, as Lambda's API does; gives its answer."""
        request = urllib.request.Request(
            f"{self.url}/2015-03-31/functions/{function}/invocations", json.dumps(event).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=seconds) as answer:
            return json.loads(answer.read() or b"null")

    @property
    def functions(self):
        """Logical id → folder, which is also the binary's name."""
        return {
            name: resource["Properties"]["CodeUri"].removeprefix("functions/")
            for name, resource in self.template.source["Resources"].items()
            if resource["Type"] == "AWS::Serverless::Function"
        }

    @property
    def variables(self):
        """The functions' CONNECTOR_* variables: the template's, with this machine's names."""
        logical = next(iter(self.functions))
        deployed = self.template.properties(logical)["Environment"]["Variables"]
        here = {"CONNECTOR_PUBLIC_URL": self.url, "CONNECTOR_TABLE": TABLE, "CONNECTOR_SALESFORCE_APP_SECRET": APP_SECRET}
        # CloudFormation makes text of numbers.
        return {name: str(value) for name, value in {**deployed, **here, **self.overrides}.items()}

    @property
    def command_environment(self):
        """What a command that drives the journey gets."""
        return environment(
            self.endpoint,
            CONNECTOR_TEST_BASE_URL=self.url,
            CONNECTOR_TEST_TABLE=TABLE,
            CONNECTOR_TEST_STREAM_ARN=self.stream_arn,
            CONNECTOR_TEST_STREAM_FILTER=self.template.properties("SalesforcePatchWiringDue")["FilterCriteria"]["Filters"][0]["Pattern"],
        )

    # ------------------------------------------------------------ how it comes up

    def _create_table(self):
        create, expiry = table_definition()
        dynamodb = self.client("dynamodb")
        self.stream_arn = dynamodb.create_table(TableName=TABLE, **create)["TableDescription"]["LatestStreamArn"]
        dynamodb.update_time_to_live(TableName=TABLE, TimeToLiveSpecification=expiry)

    def _create_app_secret(self):
        value = json.dumps({"client_secret": self.client_secret})
        self.client("secretsmanager").create_secret(Name=APP_SECRET, SecretString=value)

    def _start_functions(self):
        flags = ["--invoke-address", "127.0.0.1", "--invoke-port", str(self.port), "--ignore-changes", "--disable-cors"]
        if self.functions_from == "elsewhere":
            flags.append("--only-lambda-apis")
        else:
            self.compile()
        env = environment(self.endpoint, AWS_ENDPOINT_URL=self.endpoint, **self.variables)
        watch = self._open.enter_context(process(["cargo", "lambda", "watch", *flags], cwd=ROOT, env=env))
        self._wait(lambda: listens(self.port), watch, "cargo lambda watch")
        if self.functions_from == "watch":
            for path in ("/setup", "/salesforce/callback", "/operator/connections"):
                self._wait(lambda path=path: self._answers(path), watch, f"the function behind {path}")
            self._wait(lambda: self._invokes("salesforce-patch", {"Records": []}), watch, "salesforce-patch")
            self._wait(lambda: self._invokes("health-check", scheduled("health-sweep")), watch, "health-check")

    def compile(self):
        """Compiles the functions. Done beforehand: a request that waits for the compiler would outlive an authorization code."""
        bins = [argument for folder in self.functions.values() for argument in ("--bin", folder)]
        subprocess.run(["cargo", "build", "--locked", *bins], cwd=ROOT, check=True)

    def _wait(self, ready, child, what):
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end:
            if child.poll() is not None:
                raise NotReady(f"cargo lambda watch ended with status {child.returncode} while waiting for {what}")
            if ready():
                return
            time.sleep(0.2)
        raise NotReady(f"{what} did not answer within {READY_SECONDS} seconds; its output is above")

    def _answers(self, path):
        try:
            with urllib.request.urlopen(urllib.request.Request(self.url + path, method="HEAD"), timeout=15):
                return True
        except urllib.error.HTTPError as answer:
            return answer.code < 500
        except OSError:
            return False

    def _invokes(self, function, event):
        try:
            self.invoke(function, event, seconds=15)
        except OSError:
            return False
        return True


def scheduled(name):
    """The event that EventBridge Scheduler sends when the schedule gives no input of its own; `detail` is a string."""
    return {
        "version": "0",
        "id": "5f7c1b4e-0000-4000-8000-000000000000",
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": "111122223333",
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "region": REGION,
        "resources": [f"arn:aws:scheduler:{REGION}:111122223333:schedule/default/connector-{name}"],
        "detail": "{}",
    }


def main():
    end_on_termination()
    if sys.argv[1:] == ["compile"]:
        return DeployedStack().compile()
    with DeployedStack() as stack:
        return run_with(stack.command_environment, sys.argv[1:])


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)

"""The stack under operation: deployed to moto, its functions running, an operator's shell beside it.

One `World` is one AWS account of its own. It keeps the parts together and knows nothing of any runbook.
"""

import contextlib
import json
import subprocess
import threading
import urllib.request

import boto3
from access import Access
from aws_front import AwsFront
from deployment import NAME, SERVICE_ACCOUNT, Deployment
from event_source import EVENTS, WIRING
from gateway import Gateway
from lambda_service import LambdaService
from local_aws import REGION
from moment import Clock
from runbook import Shell
from simulators import Simulators
from stack import ROOT
from triggers import Mapping, Scheduler
from watching import Alarms, Logs, Metrics


class World:
    client_secret = "client-secret-of-the-operated-stack"

    def __init__(self, endpoint, permitted=(), webhook_secret=None, **parameters):
        """`endpoint` is moto's; `permitted` origins may be called beside the simulators'; `parameters` are the deployment's."""
        self.endpoint, self.permitted, self.webhook_secret, self.given = endpoint, permitted, webhook_secret, parameters
        self.simulators = Simulators()
        self.name = NAME
        self.clock = Clock()
        self._clients = {}
        self._open = contextlib.ExitStack()

    def __enter__(self):
        urllib.request.urlopen(urllib.request.Request(f"{self.endpoint}/moto-api/reset", method="POST"), timeout=30).close()
        with contextlib.ExitStack() as starting:
            self.gateway = starting.enter_context(Gateway(self))
            self.url = self.gateway.url
            self.functions_run = starting.enter_context(LambdaService(self))
            self.front = starting.enter_context(AwsFront(self))
            starting.callback(self.simulators.stop)
            self.simulators.start(self)
            self.metrics, self.logs, self.alarms, self.access = Metrics(self), Logs(self), Alarms(self), Access(self)
            self.deployment = Deployment(self)
            self.gateway.open()
            self.scheduler = Scheduler(self)
            self.wiring, self.events = Mapping(self, WIRING), Mapping(self, EVENTS)
            self._open = starting.pop_all()
        return self

    def __exit__(self, *_):
        self._open.close()

    # ------------------------------------------------------------ what the parts ask

    def client(self, service):
        """A client that may do everything."""
        if service not in self._clients:
            self._clients[service] = boto3.client(
                service, endpoint_url=self.endpoint, region_name=REGION, aws_access_key_id="testing", aws_secret_access_key="testing"
            )
        return self._clients[service]

    @staticmethod
    def arn(service, resource):
        return f"arn:aws:{service}:{REGION}:{SERVICE_ACCOUNT}:{resource}"

    @property
    def template(self):
        return self.deployment.template

    @property
    def functions(self):
        """Logical id → folder, which is also the binary's name."""
        resources = self.template.source["Resources"].items()
        return {name: r["Properties"]["CodeUri"].removeprefix("functions/") for name, r in resources if r["Type"] == "AWS::Serverless::Function"}

    @property
    def stream_arn(self):
        return self.deployment.physical["Table.StreamArn"]

    @staticmethod
    def key_of(function):
        """The access key of a function's role."""
        return "AKIA" + function.replace("-", "").upper()

    def function_of(self, key):
        return next((folder for folder in self.functions.values() if self.key_of(folder) == key), None) if key.startswith("AKIA") else None

    def role_of(self, function):
        [logical] = [name for name, folder in self.functions.items() if folder == function]
        return self.template.properties(logical)["Role"]

    def invoke(self, function, event):
        """As the poller does."""
        return self.functions_run.invoke(f"{self.name}-{function}", event).body

    def send(self, queue, body, attributes=None):
        named = {name: {"DataType": "String", "StringValue": text} for name, text in (attributes or {}).items()}
        sqs = self.client("sqs")
        url = sqs.get_queue_url(QueueName=queue.rsplit(":", 1)[-1])["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=named)

    def count_queues(self, at):
        """What SQS counts each minute."""
        for logical in self.template.of_type("AWS::SQS::Queue"):
            name = self.deployment.physical[f"{logical}.QueueName"]
            self.metrics.put("AWS/SQS", "ApproximateNumberOfMessagesVisible", self.waiting(logical), [("QueueName", name)], at=at)

    def waiting(self, logical):
        """Messages in a queue."""
        sqs = self.client("sqs")
        url = sqs.get_queue_url(QueueName=self.deployment.physical[f"{logical}.QueueName"])["QueueUrl"]
        counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return int(counts["ApproximateNumberOfMessages"]) + int(counts["ApproximateNumberOfMessagesNotVisible"])

    # ------------------------------------------------------------ what a test does

    def shell(self, runbook):
        """An operator at the beginning of a runbook."""
        return self._open.enter_context(Shell(self, runbook))

    def tick(self, name):
        return self.scheduler.tick(name)

    @contextlib.contextmanager
    def by_itself(self):
        """Delivers the stream in the background, as AWS does."""
        ended = threading.Event()

        def run():
            while not ended.wait(0.5):
                self.wiring.deliver()
                self.events.deliver()

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def connect(self):
        """A customer goes all the way from the link to "connected"; gives the connection's id."""
        walk = [str(ROOT / "target" / "debug" / "walk"), "--service", self.url, "--pim", self.simulators.pim, "--org", self.simulators.org]
        with self.gateway.unguarded(), self.by_itself():
            done = subprocess.run(walk, cwd=ROOT, capture_output=True, text=True, timeout=240)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout.splitlines()[-1])["connection"]

    def operator(self, method, path, body=None):
        """A call of the operator's API by somebody else than the operator of the runbook."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"}, method=method)
        with self.gateway.unguarded(), urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())

"""Plays AWS Lambda: runs the functions' own binaries, one process for each execution environment, over the Lambda runtime API.

What a function may use (variables, time-out, reserved concurrency) is asked of moto at each invocation, so that what an operator
changes there counts. It counts what Lambda counts, writes the platform's log lines, and sends the functions' output to their log
groups. It must not know what a function does.
"""

import http.server
import json
import queue
import subprocess
import threading
import time
import uuid

from botocore.exceptions import ClientError
from local_aws import DUMMY, listens, process
from stack import ROOT

BINARIES = ROOT / "target" / "debug"
IDLE = None


class Throttled(Exception):
    """As many invocations run as may run."""


class NoSuchFunction(Exception):
    """The function was deleted."""


class Answer:
    """What an invocation ended with."""

    def __init__(self, status, body):
        self.status, self.body = status, body

    @property
    def failed(self):
        return self.status != "success"


class Environment:
    """One process of a function, and the invocation that it works on."""

    def __init__(self, service, function, settings, version):
        self.function, self.version = function, version
        self.id = uuid.uuid4().hex
        self.inbox, self.outbox = queue.Queue(), queue.Queue()
        self.invocation = IDLE
        self.busy = True
        variables = {
            **DUMMY,
            **service.world.clock.variables(),
            **settings["Environment"]["Variables"],
            "AWS_ACCESS_KEY_ID": service.world.key_of(function),
            "AWS_ENDPOINT_URL": service.world.front.url,
            "AWS_LAMBDA_RUNTIME_API": f"http://127.0.0.1:{service.port}/{self.id}",
            "AWS_LAMBDA_FUNCTION_NAME": settings["FunctionName"],
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(settings["MemorySize"]),
            "RUST_BACKTRACE": "0",
        }
        self._process = process(
            [str(BINARIES / function)], cwd="/", env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.child = self._process.__enter__()
        self._reader = threading.Thread(target=self._read, args=(service,), daemon=True)
        self._reader.start()

    def _read(self, service):
        for line in self.child.stdout:
            if text := line.rstrip("\n"):
                service.world.logs.write(service.group(self.function), text)
        self.outbox.put(("exited", None))

    def alive(self):
        return self.child.poll() is None

    def end(self):
        self._process.__exit__(None, None, None)
        self._reader.join(5)


class LambdaService:
    """Runs while the block lasts."""

    def __init__(self, world):
        self.world = world
        self.environments = {}
        self._lock = threading.Lock()
        self._settings = world.client("lambda")

    def __enter__(self):
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), RuntimeApi)
        self._server.daemon_threads = True
        self._server.service = self
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        assert listens(self.port)
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        for environment in list(self.environments.values()):
            self._end(environment)

    def group(self, function):
        return f"/connector-setup/{self.world.name}/{function}"

    def invoke(self, name, event):
        """Runs a function to its end. Raises what Lambda's API refuses."""
        function = name.removeprefix(f"{self.world.name}-")
        settings = self._settings_of(name)
        environment = self._admit(function, settings)
        started, request = time.monotonic(), str(uuid.uuid4())
        try:
            answer = self._run(environment, settings, request, event)
        finally:
            milliseconds = (time.monotonic() - started) * 1000
        self._tell(function, request, answer, milliseconds)
        if answer.status in ("success", "failure"):
            environment.busy = False
        else:
            self._end(environment)
        return answer

    def _settings_of(self, name):
        try:
            settings = self._settings.get_function_configuration(FunctionName=name)
        except ClientError as refusal:
            raise NoSuchFunction(name) from refusal
        reserved = self._settings.get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions")
        return {**settings, "Reserved": reserved}

    def _admit(self, function, settings):
        version = json.dumps([settings["Environment"], self.world.clock.variables()], sort_keys=True)
        with self._lock:
            mine = [one for one in self.environments.values() if one.function == function]
            busy = sum(one.busy for one in mine)
            if settings["Reserved"] is not None and busy >= settings["Reserved"]:
                self._count(function, "Throttles", 1)
                raise Throttled(function)
            self._count(function, "Throttles", 0)
            for one in mine:
                if not one.busy and (one.version != version or not one.alive()):
                    self._end(one)
                elif not one.busy:
                    one.busy = True
                    return one
            fresh = Environment(self, function, settings, version)
            self.environments[fresh.id] = fresh
            return fresh

    def _end(self, environment):
        self.environments.pop(environment.id, None)
        environment.end()

    def _run(self, environment, settings, request, event):
        deadline = self.world.clock.now().timestamp() + settings["Timeout"]
        environment.invocation = request
        environment.inbox.put((request, int(deadline * 1000), settings["FunctionArn"], json.dumps(event).encode()))
        try:
            kind, body = environment.outbox.get(timeout=settings["Timeout"])
        except queue.Empty:
            return Answer("timeout", {"errorType": "Sandbox.Timedout", "errorMessage": f"Task timed out after {settings['Timeout']}.00 seconds"})
        if kind == "response":
            return Answer("success", json.loads(body or b"null"))
        if kind == "error":
            return Answer("failure", json.loads(body))
        return Answer("error", {"errorType": "Runtime.ExitError", "errorMessage": "Runtime exited"})

    def _tell(self, function, request, answer, milliseconds):
        self._count(function, "Invocations", 1)
        self._count(function, "Errors", int(answer.failed))
        self._count(function, "Duration", milliseconds, "Milliseconds")
        record = {"requestId": request, "metrics": {"durationMs": round(milliseconds, 3)}, "status": answer.status}
        if answer.failed:
            record["errorType"] = answer.body.get("errorType")
        line = {"time": self.world.clock.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ"), "type": "platform.report", "record": record}
        self.world.logs.write(self.group(function), json.dumps(line))

    def _count(self, function, metric, value, unit="Count"):
        self.world.metrics.put("AWS/Lambda", metric, value, [("FunctionName", f"{self.world.name}-{function}")], unit)


class RuntimeApi(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        environment = self._environment()
        if environment is None:
            return self._give(404)
        request, deadline, arn, event = environment.inbox.get()
        headers = {"Lambda-Runtime-Aws-Request-Id": request, "Lambda-Runtime-Deadline-Ms": str(deadline), "Lambda-Runtime-Invoked-Function-Arn": arn}
        return self._give(200, event, headers)

    def do_POST(self):
        environment, body = self._environment(), self._body()
        kind = self.path.rsplit("/", 1)[-1]
        if environment is None or kind not in ("response", "error"):
            return self._give(404)
        environment.outbox.put((kind, body))
        return self._give(202, b'{"status":"OK"}')

    def _environment(self):
        return self.server.service.environments.get(self.path.split("/")[1])

    def _body(self):
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _give(self, status, body=b"{}", headers=None):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)

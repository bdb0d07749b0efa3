"""The address that the operator and the functions know as AWS: moto, with IAM before it and without the gaps that matter here.

Four calls are answered here, because moto cannot: Lambda Invoke (it would need containers), Lambda GetAccountSettings, CloudWatch
Logs FilterLogEvents with a JSON pattern (moto lets everything through) and API Gateway UpdateStage. Everything else goes to moto
unchanged. A function's call needs the permission of its role as moto has it. It must not answer anything that was not asked.
"""

import contextlib
import http.client
import http.server
import json
import re
import threading
import time
import urllib.parse

from access import Denied
from lambda_service import NoSuchFunction, Throttled
from log_filter import NotAPattern, compiled

INVOKE = re.compile(r"/2015-03-31/functions/([^/]+)/invocations$")
STAGE = re.compile(r"/v2/apis/([^/]+)/stages/([^/]+)$")
NOT_FORWARDED = {"connection", "transfer-encoding", "content-length", "keep-alive", "server", "date"}
ACCOUNT_CONCURRENCY = 1000


class AwsFront:
    """Runs while the block lasts."""

    def __init__(self, world):
        self.world = world
        self.trouble = {}
        self.delays = {}

    def __enter__(self):
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.front = self
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    @contextlib.contextmanager
    def out_of_order(self, service, status=500, function=None):
        """An outage: a service of AWS (`dynamodb`, `secretsmanager`, …) answers everybody, or one function, with this status."""
        self.trouble[service] = (status, function)
        try:
            yield
        finally:
            del self.trouble[service]

    def forward(self, method, target, headers, body):
        """moto's answer: status, headers, body."""
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(self.world.endpoint).netloc, timeout=120)
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                if name.lower() not in NOT_FORWARDED:
                    connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        front, path = self.server.front, urllib.parse.urlsplit(self.path).path
        credential = re.search(r"Credential=([^/]+)/[^/]+/[^/]+/([^/]+)/", self.headers.get("Authorization", ""))
        key, service = credential.groups() if credential else ("", "")
        function = front.world.function_of(key)
        status, whose = front.trouble.get(service, (None, None))
        if status and whose in (None, function):
            return self.refuse(status, "InternalServerError", "The service is out of order")
        time.sleep(front.delays.get(service, 0) if function else 0)
        if function:
            try:
                front.world.access.check(function, service, self.headers.get("X-Amz-Target", ""), body)
            except Denied as denied:
                return self.refuse(400, "AccessDeniedException", str(denied))
        if service == "iam":
            front.world.access.forget()
        if self.command == "POST" and (found := INVOKE.match(path)):
            return self.invoke(urllib.parse.unquote(found.group(1)), body)
        if path.rstrip("/") == "/2016-08-19/account-settings":
            return self.account_settings()
        if self.headers.get("X-Amz-Target") == "Logs_20140328.FilterLogEvents":
            return self.filter_log_events(body)
        if self.command == "PATCH" and (found := STAGE.match(path)):
            return self.update_stage(*map(urllib.parse.unquote, found.groups()), json.loads(body))
        return self.give(*front.forward(self.command, self.path, dict(self.headers.items()), body))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = answer

    def invoke(self, name, body):
        try:
            answer = self.server.front.world.functions_run.invoke(name.rsplit(":", 1)[-1], json.loads(body or b"null"))
        except Throttled:
            return self.refuse(429, "TooManyRequestsException", "Rate Exceeded.")
        except NoSuchFunction:
            return self.refuse(404, "ResourceNotFoundException", f"Function not found: {name}")
        headers = {"X-Amz-Function-Error": "Unhandled"} if answer.failed else {}
        return self.give(200, {**headers, "X-Amz-Executed-Version": "$LATEST"}, json.dumps(answer.body).encode())

    def account_settings(self):
        settings = self.server.front.world.client("lambda")
        names = [function["FunctionName"] for function in settings.list_functions()["Functions"]]
        reserved = sum(settings.get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions", 0) for name in names)
        limit = {"ConcurrentExecutions": ACCOUNT_CONCURRENCY, "UnreservedConcurrentExecutions": ACCOUNT_CONCURRENCY - reserved}
        return self.give(200, {}, json.dumps({"AccountLimit": limit, "AccountUsage": {"FunctionCount": len(names)}}).encode())

    def filter_log_events(self, body):
        asked = json.loads(body)
        try:
            wanted = compiled(asked.pop("filterPattern")) if asked.get("filterPattern", "").startswith("{") else lambda _: True
        except NotAPattern as fault:
            return self.refuse(400, "InvalidParameterException", f"Invalid filter pattern: {fault}")
        status, headers, found = self.server.front.forward(self.command, self.path, dict(self.headers.items()), json.dumps(asked).encode())
        if status == 200:
            page = json.loads(found)
            page["events"] = [event for event in page["events"] if wanted(event["message"])]
            found = json.dumps(page).encode()
        return self.give(status, headers, found)

    def update_stage(self, api, name, changes):
        stages = self.server.front.world.client("apigatewayv2")
        before = stages.get_stage(ApiId=api, StageName=name)
        settings = {"DefaultRouteSettings": before["DefaultRouteSettings"], **{key[0].upper() + key[1:]: value for key, value in changes.items()}}
        settings["DefaultRouteSettings"] = {key[0].upper() + key[1:]: value for key, value in settings["DefaultRouteSettings"].items()}
        stages.delete_stage(ApiId=api, StageName=name)
        stages.create_stage(ApiId=api, StageName=name, **settings)
        return self.give(*self.server.front.forward("GET", self.path, dict(self.headers.items()), b""))

    def refuse(self, status, code, message):
        body = json.dumps({"__type": code, "message": message, "Message": message}).encode()
        return self.give(status, {"Content-Type": "application/x-amz-json-1.0", "X-Amzn-Errortype": code}, body)

    def give(self, status, headers, body):
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in NOT_FORWARDED:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

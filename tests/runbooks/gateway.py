"""Plays the HTTP API: routes, IAM authorization, throttling, access log and metrics, all as template.yaml has them.

`cargo lambda watch` has none of these. Limits are asked of moto at each request. Where a function fails, is throttled or runs out
of time, customers get what API Gateway gives them: 500, 503 and 503. It must not look at what is sent.
"""

import base64
import contextlib
import http.server
import json
import re
import threading
import time
import urllib.parse
import uuid

from iam_front import is_signed
from lambda_service import NoSuchFunction, Throttled

NOT_SENT = {"content-length", "connection", "transfer-encoding"}


class Route:
    """One route of a function."""

    def __init__(self, function, properties):
        self.function, self.method, self.path = function, properties["Method"], properties["Path"]
        self.signed = properties.get("Auth", {}).get("Authorizer") == "AWS_IAM"
        parts = [re.escape(part) for part in re.split(r"(\{[^}]+\})", self.path)]
        self.pattern = re.compile("".join(_pattern(part) for part in parts))

    @property
    def key(self):
        return f"{self.method} {self.path}"

    @property
    def rank(self):
        """The most specific route wins."""
        return ("+}" in self.path, self.path.count("{"), self.method == "ANY", -len(self.path))


def _pattern(part):
    if not part.startswith(r"\{"):
        return part
    return ".+" if part.endswith(r"\+\}") else "[^/]+"


class Bucket:
    """Throttling: a burst that fills up again at a rate."""

    def __init__(self):
        self.used, self.at = 0.0, time.monotonic()
        self._lock = threading.Lock()

    def take(self, burst, rate):
        with self._lock:
            now = time.monotonic()
            self.used, self.at = max(0.0, self.used - (now - self.at) * rate), now
            if self.used + 1 > burst:
                return False
            self.used += 1
            return True


class Gateway:
    """Runs while the block lasts."""

    def __init__(self, world):
        self.world = world
        self.guarded = True
        self.bucket = Bucket()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.gateway = self
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def open(self):
        """After deployment: the template's routes."""
        sources = self.world.template.source["Resources"].items()
        functions = [(self.world.functions[name], r["Properties"]) for name, r in sources if r["Type"] == "AWS::Serverless::Function"]
        events = [(function, event) for function, properties in functions for event in properties.get("Events", {}).values()]
        routes = [Route(function, event["Properties"]) for function, event in events if event["Type"] == "HttpApi"]
        self.routes = sorted(routes, key=lambda route: route.rank)
        self.format = self.world.template.source["Resources"]["HttpApi"]["Properties"]["AccessLogSettings"]["Format"]

    @contextlib.contextmanager
    def unguarded(self):
        """For programs that cannot sign."""
        self.guarded = False
        try:
            yield
        finally:
            self.guarded = True

    def limits(self):
        api = self.world.deployment.physical["HttpApi"]
        settings = self.world.client("apigatewayv2").get_stage(ApiId=api, StageName="$default")["DefaultRouteSettings"]
        return settings["ThrottlingBurstLimit"], settings["ThrottlingRateLimit"]

    def route(self, method, path):
        fits = (route for route in self.routes if route.method in (method, "ANY") and route.pattern.fullmatch(path))
        return next(fits, None)

    def record(self, request, route, status, milliseconds):
        known = {"requestId": request, "routeKey": route.key if route else "$default", "status": str(status), "responseLatency": str(int(milliseconds))}
        line = re.sub(r"\$context\.(\w+)", lambda found: known[found.group(1)], self.format)
        self.world.logs.write(f"/connector-setup/{self.world.name}/access", line)
        dimensions = [("ApiId", self.world.deployment.physical["HttpApi"])]
        self.world.metrics.put("AWS/ApiGateway", "Count", 1, dimensions)
        self.world.metrics.put("AWS/ApiGateway", "4xx", int(400 <= status < 500), dimensions)
        self.world.metrics.put("AWS/ApiGateway", "5xx", int(status >= 500), dimensions)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self):
        gateway, started, request = self.server.gateway, time.monotonic(), str(uuid.uuid4())
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urllib.parse.urlsplit(self.path).path
        route = gateway.route(self.command, path)
        status, headers, cookies, answer = self.decide(route, request, body)
        gateway.record(request, route, status, (time.monotonic() - started) * 1000)
        self.send_response(status)
        for name, value in [*headers.items(), *(("Set-Cookie", cookie) for cookie in cookies)]:
            if name.lower() not in NOT_SENT:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = do_HEAD = answer

    def decide(self, route, request, body):
        gateway = self.server.gateway
        if not gateway.bucket.take(*gateway.limits()):
            return said(429, "Too Many Requests")
        if route is None:
            return said(404, "Not Found")
        headers = {name.lower(): value for name, value in self.headers.items()}
        if route.signed and gateway.guarded and not is_signed(self.command, gateway.url + self.path, headers, body):
            return said(403, "Forbidden")
        try:
            answer = gateway.world.functions_run.invoke(f"{gateway.world.name}-{route.function}", self.event(route, request, headers, body))
        except Throttled:
            return said(503, "Service Unavailable")
        except NoSuchFunction:
            return said(500, "Internal Server Error")
        if answer.failed:
            return said(503, "Service Unavailable") if answer.status == "timeout" else said(500, "Internal Server Error")
        found = answer.body
        content = found.get("body") or ""
        content = base64.b64decode(content) if found.get("isBase64Encoded") else content.encode()
        return found["statusCode"], found.get("headers", {}), found.get("cookies", []), content

    def event(self, route, request, headers, body):
        """Payload format 2.0."""
        path, _, query = self.path.partition("?")
        cookies = headers.pop("cookie", None)
        return {
            "version": "2.0", "routeKey": route.key, "rawPath": path, "rawQueryString": query, "headers": headers,
            **({"cookies": cookies.split("; ")} if cookies else {}),
            "requestContext": {
                "accountId": "123456789012", "apiId": self.server.gateway.world.deployment.physical["HttpApi"], "domainName": "connect.example.com",
                "domainPrefix": "connect", "requestId": request, "routeKey": route.key, "stage": "$default",
                "http": {"method": self.command, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": headers.get("user-agent", "")},
                "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime()), "timeEpoch": int(time.time() * 1000),
            },
            **({"body": base64.b64encode(body).decode()} if body else {}),
            "isBase64Encoded": bool(body),
        }  # fmt: skip


def said(status, message):
    return status, {"Content-Type": "application/json"}, [], json.dumps({"message": message}).encode()

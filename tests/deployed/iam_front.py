"""Plays what IAM authorization of the HTTP API does: a request to /operator that is not signed by the one key is refused with 403.

Why: `cargo lambda watch` has no authorizer. Signatures are checked with botocore, which knows nothing of our code; what is let through
goes on unchanged to the functions.
"""

import hmac
import http.server
import threading
import urllib.error
import urllib.request

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

REGION = "eu-central-1"
SERVICE = "execute-api"
KEY = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "host", "date", "server"}


def signature_of(method, url, headers, body):
    """The signature that the key's owner would have made at the moment that the request names."""
    signed = headers.get("authorization", "").partition("SignedHeaders=")[2].partition(",")[0].split(";")
    request = AWSRequest(method, url, data=body, headers={name: headers.get(name, "") for name in signed if name != "host"})
    request.context["timestamp"] = headers.get("x-amz-date", "")
    auth = SigV4Auth(KEY, SERVICE, REGION)
    return auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)


def is_signed(method, url, headers, body):
    given = headers.get("authorization", "")
    # What is signed is named by the request itself; leaving host or time out would make it good for other places and for ever.
    names = given.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    signature = given.partition("Signature=")[2]
    return {"host", "x-amz-date"} <= set(names) and hmac.compare_digest(signature.encode(), signature_of(method, url, headers, body).encode())


class Front(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        if not is_signed(self.command, f"{self.server.url}{self.path}", headers, body):
            return self.give(403, {"Content-Type": "application/json"}, b'{"message":"Forbidden"}')
        onward = {name: value for name, value in headers.items() if name not in HOP_BY_HOP}
        request = urllib.request.Request(self.server.target + self.path, body or None, onward, method=self.command)
        try:
            with urllib.request.urlopen(request, timeout=60) as found:
                self.give(found.status, dict(found.headers), found.read())
        except urllib.error.HTTPError as found:
            self.give(found.code, dict(found.headers), found.read())

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = do_TRACE = do_QUERY = answer

    def give(self, status, headers, body):
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class IamFront:
    """A front of `target` while the block lasts."""

    def __init__(self, target):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Front)
        self.server.target = target
        self.server.url = self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Signed:
    """Signs a request of the `requests` library as its last step."""

    def __call__(self, prepared):
        request = AWSRequest(prepared.method, prepared.url, data=prepared.body or b"")
        SigV4Auth(KEY, SERVICE, REGION).add_auth(request)
        prepared.headers.update(request.headers.items())
        return prepared

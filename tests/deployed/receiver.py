"""A receiver of webhooks that checks Standard Webhooks signatures by itself, and answers 401 to all others."""

import base64
import hashlib
import hmac
import http.server
import json
import threading
import time

TOLERANCE_SECONDS = 300


class Receiver:
    """Runs while the block lasts. `secret` is what it expects, in the form `whsec_…`."""

    def __init__(self, secret):
        self.secret = secret
        self.taken, self.refused = [], 0
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.receiver = self
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def accepts(self, headers, body):
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        fresh = abs(time.time() - int(headers["webhook-timestamp"])) < TOLERANCE_SECONDS
        return fresh and any(hmac.compare_digest(expected, given) for given in headers["webhook-signature"].split(" "))


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        receiver = self.server.receiver
        accepted = receiver.accepts(self.headers, body)
        if accepted:
            receiver.taken.append(json.loads(body))
        else:
            receiver.refused += 1
        self.send_response(204 if accepted else 401)
        self.end_headers()

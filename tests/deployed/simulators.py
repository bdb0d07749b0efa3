"""The PIM and the org as programs of their own, outside the functions."""

import contextlib
import functools
import json
import subprocess
import time
import urllib.request

from local_aws import environment, free_port, listens, process
from stack import ROOT

CLIENT_ID = "3MVG9.deployed-journey"
READY_SECONDS = 60


@functools.cache
def build():
    """Compiles them, and the browser that walks."""
    packages = [argument for package in ("akeneo-simulator", "salesforce-simulator", "connector-local") for argument in ("-p", package)]
    subprocess.run(["cargo", "build", "--locked", *packages], cwd=ROOT, check=True)


def order(simulator, path, body=None, method="POST"):
    """What both simulators take below /_simulator: actions, faults, settings."""
    request = urllib.request.Request(
        f"{simulator}/_simulator/{path}", json.dumps(body or {}).encode(), {"Content-Type": "application/json"}, method=method
    )
    urllib.request.urlopen(request, timeout=30).close()


class Simulators:
    """Both, on ports that they keep for as long as they run."""

    def __init__(self):
        self.pim_port, self.org_port = free_port(), free_port()
        self.pim, self.org = f"http://127.0.0.1:{self.pim_port}", f"http://127.0.0.1:{self.org_port}"
        self._open = contextlib.ExitStack()

    def variables(self):
        """What the functions have to know of them."""
        return {
            "CONNECTOR_SALESFORCE_CLIENT_ID": CLIENT_ID,
            "CONNECTOR_SALESFORCE_LOGIN_URL": self.org,
            "CONNECTOR_SALESFORCE_TEST_LOGIN_URL": self.org,
            "CONNECTOR_OUTBOUND_PERMIT": f"{self.pim},{self.org}",
        }

    def start(self, stack):
        build()
        bins = ROOT / "target" / "debug"
        client = ["--client-id", CLIENT_ID, "--client-secret", stack.client_secret, "--redirect-uri", f"{stack.url}/salesforce/callback"]
        env = environment("http://127.0.0.1:9")
        for port, command in (
            (self.pim_port, [bins / "akeneo-simulator", "--port", str(self.pim_port)]),
            (self.org_port, [bins / "salesforce-simulator", "--port", str(self.org_port), *client]),
        ):
            child = self._open.enter_context(process([str(part) for part in command], cwd=ROOT, env=env))
            end = time.monotonic() + READY_SECONDS
            while not listens(port):
                assert child.poll() is None and time.monotonic() < end, f"{command[0]} did not start"
                time.sleep(0.1)

    def stop(self):
        self._open.close()

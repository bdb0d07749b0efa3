"""Fixtures of the deployed journey. `stack` costs a compilation of the five functions; it comes up once, with both simulators beside it."""

import contextlib
import pathlib
import subprocess
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))

from local_aws import end_on_termination, environment, free_port, listens, process  # noqa: E402
from stack import ROOT, DeployedStack  # noqa: E402

end_on_termination()

CLIENT_ID = "3MVG9.deployed-journey"
READY_SECONDS = 60


class Simulators:
    """The PIM and the org as programs of their own, outside the functions."""

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
        subprocess.run(
            ["cargo", "build", "--locked", "-p", "akeneo-simulator", "-p", "salesforce-simulator", "-p", "connector-local"],
            cwd=ROOT, check=True,
        )
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


@pytest.fixture(scope="session")
def simulators():
    running = Simulators()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def stack(simulators):
    deployed = DeployedStack(variables=simulators.variables())
    simulators.start(deployed)
    with deployed as running:
        yield running

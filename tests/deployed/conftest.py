"""Fixtures of the deployed journey. `stack` costs a compilation of the five functions; it comes up once, with both simulators beside it."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))

from local_aws import end_on_termination  # noqa: E402
from simulators import Simulators  # noqa: E402
from stack import DeployedStack  # noqa: E402

end_on_termination()


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

"""One moto for all runbooks; each test gets a world of its own in it."""

import pathlib
import sys

import pytest

TESTS = pathlib.Path(__file__).resolve().parents[1]
for room in ("template", "tools", "deployed", "runbooks"):
    sys.path.insert(0, str(TESTS / room))

from local_aws import end_on_termination, local_aws  # noqa: E402
from world import World  # noqa: E402

end_on_termination()


@pytest.fixture(scope="session")
def endpoint():
    with local_aws() as running:
        yield running


@pytest.fixture
def world(endpoint):
    with World(endpoint) as running:
        yield running

"""The stack under test. Tests take it as an argument, so that test_mutations can hand them a broken one."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))

from stack_template import Stack  # noqa: E402


@pytest.fixture(scope="session")
def stack():
    return Stack()

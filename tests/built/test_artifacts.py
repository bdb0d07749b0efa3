"""What `sam build` made: five programs that Lambda can run, small, without what belongs to the local stack."""

import pathlib
import struct

import pytest

BUILT = pathlib.Path(__file__).resolve().parents[2] / ".aws-sam" / "build"
FUNCTIONS = ["SetupStart", "OauthCallback", "SalesforcePatch", "HealthCheck", "Operator"]
MACHINES = {62: "x86_64", 183: "arm64"}
# Cold starts grow with the size. The lean features of the AWS SDK and the release profile keep a function near 8 MB.
LIMIT_BYTES = 12 * 1024 * 1024
# The oldest C library of provided.al2023.
OLDEST_GLIBC = (2, 34)


@pytest.fixture(params=FUNCTIONS)
def program(request):
    return (BUILT / request.param / "bootstrap").read_bytes()


def test_it_is_a_program_for_lambda(program):
    assert program[:4] == b"\x7fELF"
    [machine] = struct.unpack_from("<H", program, 18)
    assert machine in MACHINES


def test_it_is_small(program):
    assert len(program) < LIMIT_BYTES


def test_it_needs_no_newer_c_library(program):
    needed = {tuple(int(part) for part in version.split(b".")) for version in _glibc_versions(program)}
    assert needed, "no versioned symbols found"
    assert max(needed) <= OLDEST_GLIBC


def _glibc_versions(program):
    marker, found, at = b"GLIBC_", set(), program.find(b"GLIBC_")
    while at != -1:
        end = program.find(b"\0", at)
        version = program[at + len(marker) : end]
        if version.replace(b".", b"").isdigit():
            found.add(version)
        at = program.find(marker, end)
    return found


def test_the_embedded_store_is_compiled_out(program):
    assert b"SQLite format 3" not in program

"""DynamoDB, its streams and Secrets Manager on this machine (moto), and a command that needs them.

    python tests/tools/local_aws.py -- cargo test --workspace

The command finds them through CONNECTOR_TEST_AWS_ENDPOINT; credentials and region are dummies. Everything listens on the
loopback interface and ends with the command. Real credentials of the caller never reach the command.
"""

import contextlib
import ctypes
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

REGION = "eu-central-1"
DUMMY = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
}
GRACE_SECONDS = 10
READY_SECONDS = 60
PR_SET_PDEATHSIG = 1


def free_port():
    """A port of the loopback interface that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listens(port):
    """Whether something accepts connections on a port of the loopback interface."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def environment(endpoint, **more):
    """The caller's environment without its AWS settings, with the local services' instead."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    # A machine's own trust store is no secret and may be needed to fetch dependencies.
    kept.update({name: os.environ[name] for name in ("AWS_CA_BUNDLE",) if name in os.environ})
    return {**kept, **DUMMY, "CONNECTOR_TEST_AWS_ENDPOINT": endpoint, **more}


@contextlib.contextmanager
def process(command, **options):
    """A child in its own process group; the whole group ends when the block does, or when this program is killed."""
    child = subprocess.Popen(command, start_new_session=True, preexec_fn=_end_with_parent, **options)
    try:
        yield child
    finally:
        _end_group(child)


def _end_with_parent():
    """Linux sends the child SIGTERM when its parent dies, however that happens."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _end_group(child):
    for wanted in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, wanted)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(GRACE_SECONDS)
            if wanted is signal.SIGKILL or not _group_exists(child.pid):
                return


def _group_exists(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@contextlib.contextmanager
def local_aws():
    """Runs the services, empty, in a process of their own; gives their endpoint."""
    port = free_port()
    server = str(pathlib.Path(sys.executable).with_name("moto_server"))
    # Its log names every request; nobody reads it when things go well, and a failing client says more.
    with process([server, "-H", "127.0.0.1", "-p", str(port)], env={**os.environ, **DUMMY}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        end = time.monotonic() + READY_SECONDS
        while not listens(port):
            if child.poll() is not None or time.monotonic() > end:
                raise RuntimeError("moto_server did not start")
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"


def end_on_termination():
    """Treats SIGTERM like an interrupt, so that the `finally` blocks above run, under pytest too."""

    def interrupt(*_):
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)


def run_with(env, arguments):
    """Runs the command after `--` with `env`; gives its exit status."""
    if arguments[:1] != ["--"] or len(arguments) < 2:
        sys.exit("usage: … -- COMMAND [ARGUMENT…]")
    with process(arguments[1:], env=env) as child:
        return child.wait()


def main():
    end_on_termination()
    with local_aws() as endpoint:
        return run_with(environment(endpoint), sys.argv[1:])


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)

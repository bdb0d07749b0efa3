"""Reads a runbook as an operator does, and runs its blocks as they stand there.

A block is a fence of `sh`. Blocks of one runbook run in one bash, after the block of the runbooks' README. A line that ends with
`# fill in: …` is an assignment whose value the operator replaces; nothing else is ever changed. A command that fails is an error,
as it would make an operator stop.
"""

import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading

from iam_front import KEY
from local_aws import DUMMY, REGION, process
from stack import ROOT

RUNBOOKS = ROOT / "infra" / "runbooks"
CONNECTOR = ROOT / "target" / "debug" / "connector"
FENCE = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILL_IN = re.compile(r"^(\w+)=(\S*)(\s+# fill in: .+)$", re.MULTILINE)
SECONDS = 120


def blocks(name):
    """The blocks of a runbook, in order."""
    return FENCE.findall((RUNBOOKS / f"{name}.md").read_text())


def filled(block, values):
    """The block with the operator's values; every value that is to be filled in must be given."""
    wanted = {name for name, _, _ in FILL_IN.findall(block)}
    assert wanted == set(values), f"to fill in: {wanted}, given: {set(values)}"
    return FILL_IN.sub(lambda found: f"{found.group(1)}={values[found.group(1)]}{found.group(3)}", block)


class Shell:
    """One bash for one runbook. The operator has the AWS CLI, curl and `cargo operator`, and credentials of their own."""

    def __init__(self, world, name):
        self.world, self.name = world, name
        self.blocks = blocks(name)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="operator-"))
        self._shims()

    def _shims(self):
        """`cargo operator` without compiling it again; `aws` with its endpoint, because version 1 has one of its own for SQS."""
        aws = pathlib.Path(sys.executable).with_name("aws")
        for name, script in (
            ("cargo", f'[ "$1 $2" = "operator --" ] || exit 127\nshift 2\nexec "{CONNECTOR}" "$@"'),
            ("aws", f'exec "{aws}" --endpoint-url "{self.world.front.url}" "$@"'),
        ):
            (self.folder / name).write_text(f"#!/bin/sh\n{script}\n")
            (self.folder / name).chmod(0o755)

    def __enter__(self):
        env = {
            **DUMMY,
            "PATH": os.pathsep.join([str(self.folder), "/usr/local/bin", "/usr/bin", "/bin"]),
            "HOME": str(self.folder), "LANG": "C.UTF-8", "TZ": "UTC", "PYTHONDONTWRITEBYTECODE": "1",
            "AWS_ACCESS_KEY_ID": KEY.access_key, "AWS_SECRET_ACCESS_KEY": KEY.secret_key, 
            # Nothing leaves this machine.
            "HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
        }  # fmt: skip
        del env["AWS_REGION"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        self._process = process(["bash", "--norc"], cwd=self.folder, env=env, **pipes)
        self.bash = self._process.__enter__()
        [preamble] = blocks("README")
        self._run("trap 'echo \"failed ($?): $BASH_COMMAND\" >>failures' ERR; set -E")
        self._run(filled(preamble, {"STACK": self.world.name, "AWS_REGION": REGION}))
        return self

    def __exit__(self, *_):
        self._process.__exit__(None, None, None)
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, number, typed="", **values):
        """Runs a block and gives what it printed; `typed` is what the operator types when a command reads the terminal."""
        self.world.metrics.send()
        self.world.logs.send()
        return self._run(filled(self.blocks[number], values), typed)

    def _run(self, text, typed=""):
        printed = []
        (self.folder / "typed").write_text(typed)
        # In braces, so that no command of the block reads the commands behind it.
        self.bash.stdin.write(f"{{\n{text}\n}} <typed\nprintf '\\n%s\\n' '--end--'\n")
        self.bash.stdin.flush()
        limit = threading.Timer(SECONDS, self.bash.kill)
        limit.start()
        for line in self.bash.stdout:
            if line == "--end--\n":
                break
            printed.append(line)
        else:
            raise AssertionError(f"the shell ended, or took {SECONDS} seconds: {''.join(printed)}")
        limit.cancel()
        failures = self.folder / "failures"
        with contextlib.suppress(FileNotFoundError):
            failed = failures.read_text()
            failures.unlink()
            raise AssertionError(f"{failed}in {self.name}:\n{text}\nwhich printed:\n{''.join(printed)}")
        return "".join(printed).rstrip("\n")

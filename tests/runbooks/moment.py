"""Time in the stack under operation: now, or a while ago.

A runbook's commands ask the real clock, so a history is made in the past: while `clock.ago(minutes=20)` lasts, the functions run
with their wall clock set back by libfaketime, and what is counted or logged about them carries that time. Nothing waits.
"""

import contextlib
import datetime
import pathlib

import libfaketime

LIBRARY = pathlib.Path(libfaketime.__file__).parent / "vendor" / "libfaketime" / "src" / "libfaketime.so.1"


class Clock:
    def __init__(self):
        self._behind = datetime.timedelta()

    def now(self):
        return datetime.datetime.now(datetime.UTC) - self._behind

    @contextlib.contextmanager
    def ago(self, **span):
        """Everything in the block happens so long ago."""
        before, self._behind = self._behind, datetime.timedelta(**span)
        try:
            yield
        finally:
            self._behind = before

    def variables(self):
        """What a process needs to live in this time; its timers stay real."""
        seconds = int(self._behind.total_seconds())
        return {"LD_PRELOAD": str(LIBRARY), "FAKETIME": f"-{seconds}", "FAKETIME_DONT_FAKE_MONOTONIC": "1"} if seconds else {}

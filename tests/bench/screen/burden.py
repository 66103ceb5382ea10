"""What a process takes of the machine, as Linux tells it."""

import math
import os
import threading
import time
from bisect import bisect_left
from types import TracebackType
from typing import Self

EVERY_S = 0.05
_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_s(pid: int) -> float:
    """CPU seconds so far; not a number where that is not told."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            words = file.read().rpartition(")")[2].split()
    except OSError:
        return math.nan
    return (int(words[11]) + int(words[12])) / _TICKS


def rss_mib(pid: int, is_peak: bool = False) -> float:
    """Memory in MiB, now or at most so far; not a number where that is not told."""
    wanted = "VmHWM:" if is_peak else "VmRSS:"
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8") as file:
            for line in file:
                if line.startswith(wanted):
                    return int(line.split()[1]) / 1024
    except OSError:
        pass
    return math.nan


class Meter:
    """Notes a process's CPU seconds from time to time, so that any moment can be asked for afterwards."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._times: list[float] = []
        self._used: list[float] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def between(self, since: float, until: float) -> float:
        """CPU seconds used from one moment to another, in `time.monotonic`."""
        return self._at(until) - self._at(since)

    def _at(self, moment: float) -> float:
        """By the two notes around it."""
        if not self._times:
            return math.nan
        after = min(bisect_left(self._times, moment), len(self._times) - 1)
        before = max(after - 1, 0)
        span = self._times[after] - self._times[before]
        part = min(max((moment - self._times[before]) / span, 0.0), 1.0) if span else 1.0
        return self._used[before] + part * (self._used[after] - self._used[before])

    def _run(self) -> None:
        while True:
            self._used.append(cpu_s(self._pid))
            self._times.append(time.monotonic())
            if self._stop.wait(EVERY_S):
                return

"""What the machine says about processes and the disk: CPU, memory, syncs. Linux's /proc only."""
import os
import time
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def _stat(pid):
    """The fields of /proc/PID/stat from the state on, or None when the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def cpu_seconds(pid):
    """User and system time of a process, all its threads."""
    stat = _stat(pid)
    return 0.0 if stat is None else (int(stat[11]) + int(stat[12])) / TICKS


def children(pid):
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            stat = _stat(entry.name)
            if stat is not None and int(stat[1]) == pid:
                found.append(int(entry.name))
    return found


def tree_cpu_seconds(pid):
    """The same with the children that run, and those that have ended and been waited for."""
    stat = _stat(pid)
    if stat is None:
        return 0.0
    own = sum(int(stat[i]) for i in (11, 12, 13, 14)) / TICKS
    return own + sum(tree_cpu_seconds(child) for child in children(pid))


def pss_bytes(pid, with_children=False):
    """Proportional set size: memory, with what is shared counted by share."""
    total = 0
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total = int(line.split()[1]) * 1024
    except (FileNotFoundError, ProcessLookupError):
        return 0
    if with_children:
        total += sum(pss_bytes(child, True) for child in children(pid))
    return total


def rss_bytes(pid, field="VmRSS"):
    """VmRSS: resident now. VmHWM: the most it has been."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0


def busy_fraction(seconds=1.0):
    """How much of all processors was in use over the next `seconds`."""

    def read():
        fields = [int(x) for x in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
        return sum(fields[:8]), fields[3] + fields[4]

    all_before, idle_before = read()
    time.sleep(seconds)
    all_after, idle_after = read()
    passed = all_after - all_before
    return 0.0 if passed == 0 else 1 - (idle_after - idle_before) / passed


class SyncProbe:
    """A bare write of 4 KiB at the end of a file and its fdatasync, timed."""

    def __init__(self, folder):
        self.path = Path(folder) / "sync-probe"
        self.file = os.open(self.path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        self.block = os.urandom(4096)

    def micros(self):
        began = time.perf_counter_ns()
        os.write(self.file, self.block)
        os.fdatasync(self.file)
        return (time.perf_counter_ns() - began) / 1000

    def close(self):
        os.close(self.file)
        self.path.unlink()


def steady_micros():
    """The machine's monotonic clock, which all its processes share."""
    return time.monotonic_ns() // 1000

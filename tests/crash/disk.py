"""A disk of its own for a data folder, that can be filled to the last byte. Takes root, to mount it."""
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from stage import Skipped

ROOM = 96 << 20


class SmallDisk:
    """A folder on a disk of its own, that can be filled to the last byte."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir()
        if os.geteuid() != 0:
            raise Skipped("a small disk takes root to mount, and this is not root")
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={ROOM},mode=0700", "belay-crash", str(self.folder)],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Skipped(f"mounting a small disk is not permitted here: {done.stderr.strip()}")
        self.filler = self.folder / "filler"

    @classmethod
    def probe(cls):
        """Raises Skipped where there is no mounting."""
        with tempfile.TemporaryDirectory(prefix="belay-crash-disk-") as folder:
            cls(Path(folder) / "probe").close()

    def fill(self):
        with open(self.filler, "ab", buffering=0) as out:
            for size in (1 << 20, 4096, 1):
                try:
                    while out.write(b"x" * size) == size:
                        pass
                except OSError:
                    continue

    def free(self):
        self.filler.unlink()

    def close(self, keep=None):
        """Unmounts it; `keep` is where a copy of what it holds is left."""
        if keep:
            shutil.copytree(self.folder, keep, ignore=shutil.ignore_patterns("filler", "*.sock"))
        subprocess.run(["umount", "-l", str(self.folder)], check=False)

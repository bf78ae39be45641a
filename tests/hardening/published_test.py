#!/usr/bin/env python3
"""A server whose accounts have passcodes that everybody knows does not listen where others can reach it."""
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "wire"))
import program  # noqa: E402

BELAY = os.environ.get("BELAY", "belay")
ACCOUNT = '[[account]]\nid = "A"\npasscode = "{}"\n'


class Published(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def configure(self, passcode):
        (self.folder / "belay.toml").write_text(ACCOUNT.format(passcode))

    def refused(self, *arguments):
        done = subprocess.run([BELAY, "serve", *arguments], cwd=self.folder, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=60 * program.PATIENCE, check=False)
        text = done.stderr.decode()
        self.assertEqual(done.returncode, 2, text)
        self.assertIn("can be reached by others", text)
        self.assertIn("listen on 127.0.0.1", text)

    def served(self, *arguments):
        process = program.Process([BELAY, "serve", *arguments], self.folder, "server.log")
        self.addCleanup(lambda: process.running() and process.end())
        self.assertTrue(process.wait_ready()["listen"])
        self.assertEqual(process.end(), 0)

    def test_a_published_passcode_stays_at_home(self):
        self.configure("QWE-RTY-UIOP")
        for arguments in (["--listen", "0.0.0.0:0"], ["--listen", "[::]:0"], ["--tls-listen", "0.0.0.0:0"]):
            self.refused(*arguments)
        self.served("--listen", "127.0.0.1:0")

    def test_so_does_the_demo(self):
        self.refused("--demo", "--listen", "0.0.0.0:0")

    def test_it_is_found_in_the_store_too(self):
        self.configure("QWE-RTY-UIOP")
        self.served("--listen", "127.0.0.1:0")
        self.configure("of-its-own-1")
        self.refused("--listen", "0.0.0.0:0")

    def test_a_passcode_of_its_own_may_go_out(self):
        self.configure("of-its-own-1")
        self.served("--listen", "0.0.0.0:0")


if __name__ == "__main__":
    unittest.main()

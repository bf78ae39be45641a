#!/usr/bin/env python3
"""./run and what stands in scripts/: what is deleted and what is not, what is asked for and when."""
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).resolve().parents[2]


def call(*command, **more):
    return subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          check=False, timeout=60, **more)


class InFolder(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="belay-scripts-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)


class DemoData(InFolder):
    def demo(self, what):
        return call(ROOT / "scripts/demo-data.sh", what, self.folder / "data")

    def test_what_the_demo_began_is_deleted(self):
        self.assertEqual(self.demo("begin").returncode, 0)
        (self.folder / "data/belay.db").write_text("x")
        self.assertEqual(self.demo("forget").returncode, 0)
        self.assertFalse((self.folder / "data").exists())
        self.assertEqual(self.demo("forget").returncode, 0, "nothing there is nothing to do")

    def test_a_folder_that_was_there_before_is_kept(self):
        (self.folder / "data").mkdir()
        (self.folder / "data/belay.db").write_text("mine")
        self.assertEqual(self.demo("begin").returncode, 0)
        refused = self.demo("forget")
        self.assertEqual(refused.returncode, 2)
        self.assertIn("not begun by the demo", refused.stderr)
        self.assertEqual((self.folder / "data/belay.db").read_text(), "mine")

    def test_a_folder_in_use_is_kept_and_its_user_named(self):
        self.demo("begin")
        with open(self.folder / "data/lock", "w"):
            refused = self.demo("forget")
        self.assertEqual(refused.returncode, 2)
        self.assertIn(f"process {os.getpid()} ", refused.stderr)
        self.assertTrue((self.folder / "data/lock").exists())


class Packages(InFolder):
    def setUp(self):
        super().setUp()
        shutil.copytree(ROOT / "scripts", self.folder / "scripts")
        # Every call of the package manager leaves a trace.
        (self.folder / "bin").mkdir()
        for name in ("apt-get", "apt-cache", "sudo"):
            tool = self.folder / "bin" / name
            tool.write_text(f'#!/bin/sh\necho "$0 $*" >> {self.folder}/calls\nexit 100\n')
            tool.chmod(0o755)

    def packages(self, lists, *arguments):
        for name, text in lists.items():
            (self.folder / "scripts/packages" / f"{name}.txt").write_text(text)
        path = f"{self.folder}/bin:{os.environ['PATH']}"
        return call(self.folder / "scripts/packages.sh", *arguments, env={**os.environ, "PATH": path})

    def calls(self):
        trace = self.folder / "calls"
        return trace.read_text() if trace.exists() else ""

    def test_nothing_missing_means_no_call_of_the_package_manager(self):
        done = self.packages({"some": "# comment\n\nbash\ncoreutils\nno-such-package ?sh\n"}, "some")
        self.assertEqual((done.returncode, done.stdout, self.calls()), (0, "", ""))

    def test_what_is_missing_is_named(self):
        done = self.packages({"some": "bash\nno-such-package ?no-such-command\n"}, "--check", "some")
        self.assertEqual((done.returncode, done.stdout, self.calls()), (1, "no-such-package\n", ""))

    def test_node_is_for_the_dashboard_only(self):
        build = {"build": "bash\nnodejs ?no-such-command\nnpm ?no-such-command\nno-such-package\n"}
        with mock.patch.dict(os.environ, BELAY_DASHBOARD="OFF"):
            self.assertEqual(self.packages(build, "--check", "build").stdout, "no-such-package\n")

    def test_a_failing_package_manager_is_an_error_with_a_reason(self):
        done = self.packages({"some": "no-such-package\n"}, "some")
        self.assertEqual(done.returncode, 1)
        self.assertIn("apt-get update failed", done.stderr)
        self.assertIn("apt-get update", self.calls())

    def test_an_unknown_list_is_an_error(self):
        self.assertEqual(self.packages({}, "none").returncode, 1)


class Run(unittest.TestCase):
    def test_help_and_mistakes(self):
        shown = call(ROOT / "run", "--help")
        self.assertEqual(shown.returncode, 0)
        for option in ("--fresh-demo", "--build-only", "--demo", "-- ARGUMENT"):
            self.assertIn(option, shown.stdout)
        mistaken = call(ROOT / "run", "--frsh")
        self.assertEqual(mistaken.returncode, 2)
        self.assertIn("--frsh", mistaken.stderr)


class Sanitize(unittest.TestCase):
    def test_help_and_mistakes(self):
        shown = call(ROOT / "test", "--sanitize", "--help")
        self.assertEqual(shown.returncode, 0)
        for word in ("asan", "tsan", "findings", "-- CTEST ARGUMENT"):
            self.assertIn(word, shown.stdout)
        mistaken = call(ROOT / "test", "--sanitize", "assan")
        self.assertEqual(mistaken.returncode, 2)
        self.assertIn("assan", mistaken.stderr)


if __name__ == "__main__":
    unittest.main()

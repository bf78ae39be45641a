"""A folder in which the commands of a page run, with `belay` on the path and ports of its own.

The pages say 127.0.0.1:8080 (HTTP), :8443 (HTTPS) and :9001 (the receiver). Here these stand for
whatever ports were free: commands and files get the real ones, outputs are shown with the pages'."""
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "wire"))
import program  # noqa: E402

HTTP, TLS, RECEIVER = "127.0.0.1:8080", "127.0.0.1:8443", "127.0.0.1:9001"
# How a program with sanitizers tells what it finds, so that findings in the pages' commands are seen.
SANITIZERS = {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}
LOG_LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} ")
COMMAND_WITHIN = 60.0 * program.PATIENCE


class Sandbox:
    def __init__(self, belay):
        self.place = tempfile.TemporaryDirectory(prefix="belay-docs-")
        self.folder = Path(self.place.name)
        tools = self.folder / "build" / "release"
        tools.mkdir(parents=True)
        (tools / "belay").symlink_to(Path(belay).resolve())
        # At a terminal curl shows no progress when it prints the answer.
        (self.folder / ".curlrc").write_text("silent\nshow-error\n")
        self.path = f"{tools}:{os.environ['PATH']}"
        self.belay, self.server, self.sink, self.files, self.real, self.ids = str(belay), None, None, {}, {}, {}

    # --- the page's words for what is real, and back ---

    def to_real(self, text):
        for said, real in {**self.real, **self.ids}.items():
            text = text.replace(said, real)
        return text

    def to_page(self, text):
        for said, real in self.real.items():
            text = text.replace(real, said)
        return text

    # --- steps ---

    def write(self, name, content):
        """A file of the page; written again when a server starts, for by then the receiver has its port."""
        self.files[name] = content
        content = content.replace(HTTP, "127.0.0.1:0").replace(TLS, "127.0.0.1:0")
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.to_real(content))

    def run(self, text):
        """The output of a command, or of the program that it started."""
        words = text.split()
        if words[0] == "./run":
            words = ["belay", "serve", *(words[words.index("--") + 1:] if "--" in words else ["--demo"])]
        if words[:2] == ["belay", "serve"] and "echo" not in words:
            return self.start_server(words[2:])
        if words[:2] == ["belay", "sink"]:
            return self.start_sink(words[2:])
        pid = str(self.server.process.pid) if self.server else ""
        environment = {"PATH": self.path, "HOME": str(self.folder), "LANG": "C.UTF-8", "SERVER_PID": pid, **SANITIZERS}
        done = subprocess.run(["bash", "-c", self.to_real(text)], cwd=self.folder, env=environment, check=False,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=COMMAND_WITHIN)
        output = self.to_page(done.stdout.decode("utf-8", errors="replace"))
        if done.returncode != 0:
            raise program.ProgramError(f"exit code {done.returncode}:\n{output}")
        return output

    def start_server(self, arguments):
        self.end_server()
        for name, content in self.files.items():
            self.write(name, content)
        # Set behind what the configuration says; a page that names another port means that one.
        arguments = [a.replace(HTTP, "127.0.0.1:0").replace(TLS, "127.0.0.1:0") for a in arguments]
        if "--listen" not in arguments:
            arguments += ["--listen", "127.0.0.1:0"]
        (self.folder / "server.log").unlink(missing_ok=True)
        self.server = program.Process([self.belay, "serve", *arguments], self.folder, "server.log")
        ready = self.server.wait_ready()
        self.real[HTTP] = ready["listen"]
        if ready.get("tls_listen"):
            self.real[TLS] = ready["tls_listen"]
        # Only the demo prints its banner where nobody watches.
        text = said_by(self.server, "Ctrl-C" if "--demo" in arguments else "")
        receiver = re.search(r"receiver (127\.0\.0\.1:\d+)", text)
        if receiver:
            self.real[RECEIVER] = receiver[1]
        return self.to_page("\n".join(line for line in text.splitlines() if not LOG_LINE.match(line)) + "\n")

    def start_sink(self, arguments):
        arguments = [a.replace(RECEIVER, "127.0.0.1:0") for a in arguments]
        if "--listen" not in arguments:
            arguments += ["--listen", "127.0.0.1:0"]
        self.end_sink()
        (self.folder / "sink.log").unlink(missing_ok=True)
        self.sink = program.Process([self.belay, "sink", *arguments], self.folder, "sink.log")
        self.real[RECEIVER] = self.sink.wait_ready()["listen"]
        return self.to_page(said_by(self.sink, "Counts:"))

    def event(self, what):
        if what == "server ends":
            self.end_server()
        elif what == "server dies":
            self.end_server(signal.SIGKILL)
        else:
            raise program.ProgramError(f"no such event: {what}")

    def end_server(self, how=signal.SIGTERM):
        server, self.server = self.server, None
        if server is None:
            return
        code = server.end(how)
        if how == signal.SIGTERM and code != 0:
            raise program.ProgramError(f"the server ended with {code}:\n{server.tail()}")

    def end_sink(self):
        sink, self.sink = self.sink, None
        if sink is not None:
            sink.end()

    def close(self):
        if self.server is not None:
            self.server.end(signal.SIGKILL)
        self.end_sink()
        self.place.cleanup()


def said_by(process, word):
    """What a program has printed, once it has printed that word."""
    for _ in look_again_until(time.monotonic() + program.START_WITHIN):
        text = process.log.read_text()
        if word in text:
            return text
    raise program.ProgramError(f"did not print {word} but\n{text}")


def look_again_until(deadline):
    """Yields at once, and then in the tests' one rhythm until the deadline has passed."""
    while True:
        yield
        if time.monotonic() > deadline:
            return
        program.pause_between_looks()

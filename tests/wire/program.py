"""Real `belay serve` and `belay sink` processes for tests: started on free ports with a fresh data
folder, ended by whoever started them. Python's standard library only."""
import argparse
import http.client
import json
import os
import re
import select
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path

# How many times longer than the release program the one under test may take: with sanitizers it is slower.
PATIENCE = float(os.environ.get("BELAY_PATIENCE") or 1)
START_WITHIN = 30.0 * PATIENCE
END_WITHIN = 30.0 * PATIENCE
ANSWER_WITHIN = 30.0 * PATIENCE
SEEN_WITHIN = 20.0 * PATIENCE
LOOK_EVERY = 0.02
TLS_HOST = "in1.api.clevertap.com"
ACCOUNT = ("TEST-123-4567", "QWE-RTY-UIOP")
OTHER_ACCOUNT = ("TEST-765-4321", "ASD-FGH-JKLZ")

CONFIG = """\
data = "data"
listen = "127.0.0.1:0"
{top}
[outbound]
allow = ["{sink}"]
[[account]]
id = "TEST-123-4567"
passcode = "QWE-RTY-UIOP"
timezone = "Asia/Kolkata"
region = "in1"
  [[account.provider]]
  nick_name = "local-fcm"
  mode = "push"
  kind = "fcm"
  url = "http://{sink}"
  [[account.provider]]
  nick_name = "local-webhook"
  mode = "webhook"
  kind = "webhook"
  url = "http://{sink}/webhook"
[[account]]
id = "TEST-765-4321"
passcode = "ASD-FGH-JKLZ"
timezone = "UTC"
  [[account.provider]]
  nick_name = "local-fcm"
  mode = "push"
  kind = "fcm"
  url = "http://{sink}"
{tables}
"""


def belay_given(description):
    """For a test program of its own: the file that --belay names, and the arguments that are left for unittest."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--belay", required=True, type=Path)
    options, rest = parser.parse_known_args()
    return options.belay.resolve(), rest


class ProgramError(Exception):
    """A program did not do what a test takes for granted."""


def pause_between_looks(pause=LOOK_EVERY):
    """The one pause of these tests: between two looks at something that has a deadline."""
    time.sleep(pause)


def until(what, look, within=SEEN_WITHIN):
    """What `look` gives, once it gives anything but None."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if (seen := look()) is not None:
            return seen
        pause_between_looks()
    raise ProgramError(f"not within {within:.0f} s: {what}")


def config_text(sink, lines):
    """The default configuration with a test's own lines: keys before the first table come on top."""
    first_table = next((i for i, line in enumerate(lines) if line.lstrip().startswith("[")), len(lines))
    return CONFIG.format(sink=sink, top="\n".join(lines[:first_table]), tables="\n".join(lines[first_table:]))


class Process:
    """One run of a program, its output kept in a file. Belay's own write a file when they are ready; others have
    no such option."""
    start_within, end_within = START_WITHIN, END_WITHIN

    def __init__(self, command, folder, log, ready_file=True):
        self.log = Path(folder) / log
        self.ready_file = Path(folder) / (log + ".ready")
        self.ready_file.unlink(missing_ok=True)
        self.command = [str(part) for part in command]
        if ready_file:
            self.command += ["--ready-file", str(self.ready_file)]
        with open(self.log, "ab") as output:
            self.process = subprocess.Popen(self.command, cwd=folder, stdin=subprocess.DEVNULL,
                                            stdout=output, stderr=output)
        self.pid = self.process.pid

    def wait_ready(self, pause=LOOK_EVERY):
        deadline = time.monotonic() + self.start_within
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise ProgramError(f"{self.command[1]} ended with {self.process.returncode}:\n{self.tail()}")
            try:
                return json.loads(self.ready_file.read_text())
            except (FileNotFoundError, json.JSONDecodeError):
                pause_between_looks(pause)
        self.end(signal.SIGKILL)
        raise ProgramError(f"{self.command[1]} was not ready within {self.start_within:.0f} s:\n{self.tail()}")

    def end(self, how=signal.SIGTERM):
        """Signals and waits; returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            return self.process.wait(self.end_within)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise ProgramError(f"{self.command[0]} did not end within {self.end_within:.0f} s of {how.name}") from None

    def running(self):
        return self.process.poll() is None

    def tail(self, lines=30):
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("belay", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class TlsConnection(http.client.HTTPSConnection):
    """Connects to `address` and checks the certificate for the region's host name."""

    def __init__(self, address, ca_file, timeout):
        host, _, port = address.rpartition(":")
        super().__init__(TLS_HOST, timeout=timeout, context=ssl.create_default_context(cafile=ca_file))
        self.address = (host, int(port))

    def connect(self):
        plain = socket.create_connection(self.address, self.timeout)
        self.sock = self._context.wrap_socket(plain, server_hostname=TLS_HOST)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode("utf-8", errors="replace")


class Client:
    """Keeps one connection open; opens a new one when the peer has closed it between requests."""

    def __init__(self, connect):
        self.connect, self.connection = connect, None

    def ask(self, method, path, headers=(), body=None, chunked=False, until=""):
        if self.connection is None or self._closed_by_peer():
            self.close()
            self.connection = self.connect()
        try:
            return self._ask(method, path, headers, body, chunked, until)
        except (OSError, http.client.HTTPException):
            self.close()
            raise

    def _ask(self, method, path, headers, body, chunked, until):
        connection = self.connection
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value)
        if chunked:
            connection.putheader("Transfer-Encoding", "chunked")
        elif body is not None or method in ("POST", "PUT", "PATCH"):
            connection.putheader("Content-Length", str(len(body or b"")))
        pieces = None
        if chunked:
            third = len(body) // 3 + 1
            pieces = (body[i : i + third] for i in range(0, len(body), third))
        connection.endheaders(pieces if chunked else body, encode_chunked=chunked)
        response = connection.getresponse()
        if until:
            answer = Answer(response.status, response.getheaders(), self._read_until(response, until))
            self.close()
            return answer
        answer = Answer(response.status, response.getheaders(), response.read())
        if response.will_close:
            self.close()
        return answer

    def _read_until(self, response, until):
        body = b""
        while not re.search(until, body.decode("utf-8", errors="replace"), re.DOTALL):
            more = response.read1(65536)
            if not more:
                break
            body += more
        return body

    def _closed_by_peer(self):
        sock = self.connection.sock
        return sock is None or bool(select.select([sock], [], [], 0)[0])

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class Sink:
    def __init__(self, belay, folder):
        self.process = Process([belay, "sink", "--listen", "127.0.0.1:0"], folder, "sink.log")
        self.address = self.process.wait_ready()["listen"]
        host, _, port = self.address.rpartition(":")
        self.client = Client(lambda: http.client.HTTPConnection(host, int(port), timeout=ANSWER_WITHIN))

    def control(self, method, path, body=None):
        headers = [("Content-Type", "application/json")] if body is not None else []
        return self.client.ask(method, f"/_sink/{path}", headers, body)

    def end(self):
        self.client.close()
        self.process.end()


class Belay:
    """A server with its folder: started, killed and started again by a test."""

    def __init__(self, belay, folder, config, tls=False, arguments=()):
        self.belay, self.folder, self.tls = str(belay), Path(folder), tls
        self.arguments, self.process, self.ready, self.clients = list(arguments), None, {}, {}
        self.prefix = []  # a command that the server is started by
        (self.folder / "belay.toml").write_text(config)
        self.data = self.folder / "data"

    def start(self):
        self.launch()
        self.ready = self.process.wait_ready()

    def launch(self):
        """Starts the process and does not wait for it to be ready."""
        if self.process is not None and self.process.running():
            raise ProgramError("the server is running already")
        command = [*self.prefix, self.belay, "serve", "--config", "belay.toml", "--test-clock", *self.arguments]
        if self.tls:
            if not self.ca_file.exists():
                self.cli(["certs"])
            command += ["--tls-listen", "127.0.0.1:0"]
        self.process = Process(command, self.folder, "server.log")

    @property
    def ca_file(self):
        return self.data / "certs" / "ca.pem"

    def end(self, how=signal.SIGTERM):
        for client in self.clients.values():
            client.close()
        self.clients = {}
        if self.process is None:
            return None
        process, self.process = self.process, None
        return process.end(how)

    def adopt_copy(self):
        """After a data folder was copied to this server's: says that it is not a clone of one in use."""
        done = self.cli(["adopt", "--resume"])
        if done.returncode != 0:
            raise ProgramError(f"belay adopt: {done.stderr}")

    def client(self, via="tcp"):
        if via not in self.clients:
            self.clients[via] = Client({"tcp": self._tcp, "tls": self._tls, "socket": self._unix}[via])
        return self.clients[via]

    def _tcp(self):
        host, _, port = self.ready["listen"].rpartition(":")
        return http.client.HTTPConnection(host, int(port), timeout=ANSWER_WITHIN)

    def _tls(self):
        return TlsConnection(self.ready["tls_listen"], str(self.ca_file), ANSWER_WITHIN)

    def _unix(self):
        return UnixConnection(str(self.folder / self.ready["socket"]), ANSWER_WITHIN)

    def ask(self, method, path, document=None, account=ACCOUNT, via="tcp"):
        """A JSON request with credentials; returns the Answer."""
        headers = [("Content-Type", "application/json")]
        if account:
            headers += [("X-CleverTap-Account-Id", account[0]), ("X-CleverTap-Passcode", account[1])]
        body = None if document is None else json.dumps(document).encode()
        return self.client(via).ask(method, path, headers, body)

    def advance(self, milliseconds):
        answer = self.ask("POST", "/api/v1/test/clock", {"advance_ms": milliseconds}, account=None, via="socket")
        if answer.status >= 300:
            raise ProgramError(f"the test clock answered {answer.status} {answer.text}")

    def cli(self, arguments, within=60 * PATIENCE, given=None):
        stdin = {"stdin": subprocess.DEVNULL} if given is None else {"input": given}
        return subprocess.run([self.belay, *arguments], cwd=self.folder, capture_output=True, timeout=within,
                              check=False, **stdin)


def profile_batches(first, count, tokens):
    """Generated profiles for /1/upload: records of at most 1000 (profiles) or 100 (tokens) a call."""
    cities = ("Berlin", "Pune", "Lagos", "Lima")
    numbers = range(first, first + count)
    profiles = [{"type": "profile", "objectId": f"obj-{n:07}",
                 "profileData": {"Name": f"Person {n}", "City": cities[n % len(cities)], "Number": n}}
                for n in numbers]
    devices = [{"type": "token", "objectId": f"obj-{n:07}", "tokenData": {"id": f"token-{n:07}", "type": "fcm"}}
               for n in numbers] if tokens else []
    for records, size in ((profiles, 1000), (devices, 100)):
        for at in range(0, len(records), size):
            yield records[at : at + size]

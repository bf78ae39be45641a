"""Belay's own programs as the benchmarks run them: `belay serve` and `belay sink` on loopback ports."""
import http.client
import json
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from harness import machine

sys.path.append(str(Path(__file__).resolve().parents[2] / "tests/wire"))
import program  # noqa: E402

ACCOUNT, PASSCODE = "BENCH-123-4567", "BENCH-PASSCODE"
START_WITHIN, END_WITHIN = 120.0, 120.0

CONFIG = """\
data = "{data}"
listen = "127.0.0.1:{port}"
{top}
[outbound]
allow = ["127.0.0.0/8"]
[[account]]
id = "{account}"
passcode = "{passcode}"
timezone = "UTC"
region = "eu1"
  [[account.provider]]
  nick_name = "plain"
  mode = "push"
  kind = "fcm"
  url = "http://{sink}"
  http_version = "2"
  service_account = "{service_account}"
{providers}
"""
TLS_PROVIDER = """\
  [[account.provider]]
  nick_name = "tls"
  mode = "push"
  kind = "fcm"
  url = "https://{sink_tls}"
  http_version = "2"
  service_account = "{service_account}"
  ca_file = "{ca_file}"
"""


BenchError = program.ProgramError  # a program did not do what a benchmark takes for granted


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_until(what, condition, within=60.0, pause=0.02):
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(pause)
    raise BenchError(f"{what}: not within {within:.0f} s")


class Program(program.Process):
    """One run of a program, its output kept in a file."""
    start_within, end_within = START_WITHIN, END_WITHIN


class Http:
    """One keep-alive connection."""

    def __init__(self, port, headers=()):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.connection.connect()
        self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.headers = dict(headers)

    def ask(self, method, path, document=None):
        body = None if document is None else json.dumps(document)
        headers = dict(self.headers)
        if body is not None:
            headers["Content-Type"] = "application/json"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def json(self, method, path, document=None):
        status, _, body = self.ask(method, path, document)
        if status >= 300:
            raise BenchError(f"{method} {path} answered {status}: {body.decode(errors='replace')[:500]}")
        return json.loads(body)

    def close(self):
        self.connection.close()


class Sink:
    """`belay sink`, in cleartext and TLS."""

    def __init__(self, belay, folder, certs=None):
        command = [belay, "sink", "--listen", "127.0.0.1:0"]
        if certs:
            command += ["--tls-listen", "127.0.0.1:0", "--certificate", certs["certificate"], "--key", certs["key"]]
        self.program = Program(command, folder, "sink.log")
        ready = self.program.wait_ready()
        self.address, self.tls_address = ready["listen"], ready.get("tls_listen", "")
        self.port = int(self.address.rpartition(":")[2])
        self.http = Http(self.port)
        self.pid = self.program.pid

    @property
    def url(self):
        return f"http://{self.address}"

    def counts(self):
        return self.http.json("GET", "/_sink/counts")

    def messages(self, campaign):
        return self.counts()["by_campaign"].get(str(campaign), {}).get("messages", 0)

    def reset(self):
        self.http.json("POST", "/_sink/reset")

    def behave(self, **settings):
        self.http.json("POST", "/_sink/behave", settings)

    def arrivals_after(self, campaign, steady):
        """How many messages arrived after an instant, and how long after it the last one did."""
        _, _, body = self.http.ask("GET", f"/_sink/list?campaign={campaign}&what=arrivals&format=csv")
        late, last = 0, 0
        for line in body.decode().splitlines()[1:]:
            at = int(line.rsplit(",", 2)[1])
            if at > steady:
                late, last = late + 1, max(last, at - steady)
        return late, last

    def end(self):
        self.http.close()
        self.program.end()


class Server:
    """`belay serve` with a configuration of its own."""

    def __init__(self, belay, folder, sink, certs=None, top="", log="server.log"):
        self.belay, self.folder, self.log = str(belay), Path(folder), log
        self.port, self.data = free_port(), Path(folder) / "data"
        account = service_account(self.folder, sink.url)
        providers = ""
        if certs:
            providers = TLS_PROVIDER.format(sink_tls=sink.tls_address, ca_file=certs["ca"], service_account=account)
        self.config = self.folder / "belay.toml"
        self.config.write_text(CONFIG.format(data=self.data, port=self.port, top=top, account=ACCOUNT,
                                             passcode=PASSCODE, sink=sink.address, service_account=account,
                                             providers=providers))
        self.program = self.http = None

    def start(self, pause=0.02):
        self.program = Program([self.belay, "serve", "--config", self.config], self.folder, self.log)
        self.program.wait_ready(pause)
        self.http = self.connect()
        return self

    def connect(self):
        return Http(self.port, {"X-CleverTap-Account-Id": ACCOUNT, "X-CleverTap-Passcode": PASSCODE})

    @property
    def pid(self):
        return self.program.pid

    def cpu(self):
        return machine.cpu_seconds(self.pid)

    def metrics(self):
        _, _, body = self.http.ask("GET", "/metrics")
        values = {}
        for line in body.decode().splitlines():
            if line and not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                values[name] = float(value)
        return values

    def create(self, provider="plain", where=None):
        """A push campaign to everybody (or `where`), now; returns its id."""
        answer = self.http.json("POST", "/1/targets/create.json", campaign_request(provider, where))
        if answer.get("status") != "success":
            raise BenchError(f"create answered {answer}")
        return answer["id"]

    def receipt(self, stop_id):
        return self.http.json("GET", f"/api/v1/stops/{stop_id}")

    def load(self, tool, kind, count, batch, connections=2, by="objectId", first=0, round_no=0):
        command = [tool, "--port", self.port, "--account", ACCOUNT, "--passcode", PASSCODE, "--kind", kind,
                   "--by", by, "--first", first, "--count", count, "--batch", batch, "--connections", connections,
                   "--round", round_no]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise BenchError(f"{done.stderr.strip()}\n{self.program.tail()}")
        return json.loads(done.stdout)

    def end(self, how=signal.SIGTERM):
        if self.http is not None:
            self.http.close()
            self.http = None
        if self.program is not None:
            program, self.program = self.program, None
            return program.end(how)
        return None


def campaign_request(provider, where=None):
    """The campaign whose messages peers/message.js also makes: two profile fields, about 470 bytes."""
    return {
        "name": "festival sale", "target_mode": "push", "provider_nick_name": provider, "when": "now",
        "where": where or {}, "devices": ["android"], "skip_estimate": True, "labels": ["bench"],
        "content": {
            "title": "Hello {{Profile.Name}}, the festival sale is on",
            "body": "Only today in {{Profile.City}}: up to 60% off on everything that you have put into your basket. "
                    "Tap to see it.",
            "platform_specific": {"android": {"wzrk_cid": "offers", "deep_link": "https://shop.example.com/sale"}},
        },
    }


def service_account(folder, sink_url):
    """A Google service account file whose token endpoint is the sink."""
    path = Path(folder) / "service-account.json"
    if not path.exists() or json.loads(path.read_text())["token_uri"] != f"{sink_url}/token":
        key = subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
                             capture_output=True, text=True, check=True).stdout
        path.write_text(json.dumps({
            "type": "service_account", "project_id": "bench", "private_key_id": "bench", "private_key": key,
            "client_email": "bench@bench.iam.gserviceaccount.com", "client_id": "1",
            "token_uri": f"{sink_url}/token"}))
    return path


def make_certs(belay, folder):
    """What `belay certs` makes, as paths: ca, certificate, key."""
    out = Path(folder) / "certs"
    done = subprocess.run([str(belay), "certs", "--json", "--out", str(out)], cwd=folder, capture_output=True,
                          text=True, check=False)
    if done.returncode != 0:
        raise BenchError(f"belay certs: {done.stderr}")
    return json.loads(done.stdout)


def people(bench, count):
    """A data folder with `count` people, each with a device token, uploaded through HTTP. Kept from run
    to run as long as the program is the same."""
    home = bench.work / f"people-{count}"
    program = Path(bench.belay).stat()
    stamp = f"{program.st_size} {program.st_mtime_ns}"
    if (home / "stamp").exists() and (bench.keep_people or (home / "stamp").read_text() == stamp):
        return home / "data"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    bench.say(f"uploading {count:,} people with device tokens")
    sink = Sink(bench.belay, home)
    server = Server(bench.belay, home, sink).start()
    try:
        for kind, batch in (("profiles", 1000), ("tokens", 100)):
            done = server.load(bench.batch_load, kind, count, batch)
            bench.say(f"{count:,} {kind}: {done['seconds']:.1f} s")
    finally:
        server.end()
        sink.end()
    (home / "stamp").write_text(stamp)
    return home / "data"


def fresh_folder(bench, name, people_from=None):
    """An empty folder for a benchmark, with a copy of a data folder where one is given."""
    folder = bench.work / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if people_from is not None:
        subprocess.run(["cp", "-a", "--reflink=auto", str(people_from), str(folder / "data")], check=True)
        for leftover in ("lock", "control.sock"):
            (folder / "data" / leftover).unlink(missing_ok=True)
        subprocess.run([str(bench.belay), "adopt", "--resume", "--data", str(folder / "data")], check=True,
                       capture_output=True)
    return folder

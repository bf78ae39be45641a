#!/usr/bin/env python3
"""The same bytes through a proxy: tests/hardening/behind.py --belay build/release/belay haproxy|nginx|nginx_streaming

What the proxy's log says that it forwarded and what Belay saw must agree, case by case and in sum; answers stay
with their requests; and the next client of the proxy, on the same connection behind it, gets its own answer."""
import argparse
import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import cases  # noqa: E402
import raw  # noqa: E402
import run  # noqa: E402
from run import Failed, program  # noqa: E402

AGREE_WITHIN = 10.0 * program.PATIENCE
PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
HAPROXY = """\
global
  log stdout len 65535 format raw local0
  tune.http.logurilen 65000
defaults
  mode http
  log global
  log-format "request\\t%cp\\t%s\\t%tsc\\t%ST\\t%r"
  timeout connect 5s
  timeout client 8s
  timeout server 8s
  http-reuse always
  retries 0
frontend front
  bind 127.0.0.1:{port}
  default_backend back
backend back
  server belay {belay}
"""
NGINX = """\
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
events {{}}
http {{
  log_format lines 'request\\t$remote_port\\t$upstream_addr\\t$upstream_status\\t$status\\t$request';
  access_log {log} lines;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  client_max_body_size 0;
  upstream back {{ server {belay}; keepalive 1; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://back;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_request_buffering {buffering};
      proxy_next_upstream off;
    }}
  }}
}}
"""


@dataclass
class Line:
    """One request in the proxy's log."""
    port: int
    forwarded: bool
    answered: bool  # by Belay, to its end
    status: int
    request: str


class Proxy:
    def __init__(self, kind, belay, folder):
        self.kind, self.log, self.lines, self.read = kind, Path(folder) / "proxy.log", [], 0
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.address = f"127.0.0.1:{port}"
        config = Path(folder) / "proxy.conf"
        values = {"port": port, "belay": belay, "folder": folder, "log": self.log,
                  "buffering": "off" if kind == "nginx_streaming" else "on"}
        config.write_text((HAPROXY if kind == "haproxy" else NGINX).format(**values))
        name = "haproxy" if kind == "haproxy" else "nginx"
        path = shutil.which(name, path=PATH)
        if not path:
            raise SystemExit(f"{name} is missing: scripts/packages.sh test installs it")
        command = [path, "-db", "-f", config] if kind == "haproxy" else [path, "-p", folder, "-c", config]
        with open(self.log, "ab") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        self.wait_listening()

    def wait_listening(self):
        deadline = time.monotonic() + AGREE_WITHIN
        while True:
            try:
                raw.Connection(self.address).socket.close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"{self.kind} did not start:\n{self.log.read_text()}") from None
                program.pause_between_looks()

    def look(self):
        data = self.log.read_bytes()
        end = data.rfind(b"\n") + 1
        new, self.read = data[self.read : end].decode("latin-1").splitlines(), end
        self.lines += [self.line(text) for text in new if text.startswith("request\t")]
        return self.lines

    def line(self, text):
        _, port, where, state, status, request = text.split("\t", 5)
        if self.kind == "haproxy":
            forwarded = where != "<NOSRV>"
            answered = forwarded and state.startswith("--")
        else:
            forwarded, answered = where != "-", state not in ("-", "") and status == state
        return Line(int(port), forwarded, answered, int(status), request)

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)


class Watch:
    """What proxy and server say of one case."""

    def __init__(self, server, proxy):
        self.server, self.proxy = server, proxy
        self.seen_before, self.lines_before = server.count(), len(proxy.look())
        server.calls()
        self.calls = []

    def disagreement(self, port, probe, answers, ended):
        """Why the two don't agree (yet), or ""."""
        lines = self.proxy.look()[self.lines_before :]
        if not any(probe in line.request for line in lines):
            return "the proxy's log lacks the request that came afterwards"
        certain, possible = (sum(getattr(line, key) for line in lines) for key in ("answered", "forwarded"))
        seen = self.server.count() - self.seen_before
        self.calls += self.server.calls()
        if not certain <= seen <= possible:
            return f"the proxy forwarded {certain} to {possible} requests, Belay saw {seen}: {lines} {self.calls}"
        known = Counter(path_of(line.request) for line in lines if line.forwarded)
        unknown = Counter(path for _, path, _ in self.calls if "%" not in path) - known
        for path in unknown:
            if "smuggled" in path or path in ("/a", "/b"):
                return f"Belay was asked for {path}, which the proxy does not know: {lines} {self.calls}"
        own = [line for line in lines if line.port == port and line.status >= 200]
        if not ended and [a.status for a in answers] != [line.status for line in own][: len(answers)]:
            return f"the client got {[a.status for a in answers]}, the proxy's log says {own}"
        for answer, line in zip(answers, own):
            if line.answered:
                run.check_path(answer, ("", path_of(line.request), 0))
        return ""


def path_of(request):
    words = request.split()
    return re.sub(r"^https?://[^/]*", "", words[1], flags=re.I).partition("?")[0] or "/" if len(words) > 1 else request


def read_for_a_moment(connection, answers):
    """Answers that are there or come soon; what comes later is in the logs."""
    while not connection.ended and len(answers) < 200:
        connection.socket.settimeout(0.05)
        try:
            answer = connection.answer()
        except raw.Silent:
            break
        if answer is None:
            break
        if answer.status >= 200:
            answers.append(answer)


def send(connection, case):
    for part in case.parts:
        if part != "wait" and not connection.send(part):
            break
    if case.end:
        getattr(connection, case.end)()


def check_case(server, proxy, case, number):
    watch, answers, probe = Watch(server, proxy), [], f"/after-{number}"
    with raw.Connection(proxy.address) as connection:
        port = connection.socket.getsockname()[1]
        send(connection, case)
        if case.end != "reset":
            read_for_a_moment(connection, answers)
    with raw.Connection(proxy.address) as another:
        another.send(f"GET {probe} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".encode())
        answer = another.answer()
        if answer is None or answer.status != 404 or probe.encode() not in answer.body:
            raise Failed(f"the next client was answered {answer}")
    deadline = time.monotonic() + AGREE_WITHIN
    while why := watch.disagreement(port, probe, answers, bool(case.end) or case.bytes.startswith(b"HEAD")):
        if time.monotonic() > deadline:
            raise Failed(why)
        program.pause_between_looks()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--belay", required=True, type=Path)
    parser.add_argument("proxy", choices=("haproxy", "nginx", "nginx_streaming"))
    parser.add_argument("wanted", nargs="*")
    options = parser.parse_args()
    failures = played = 0
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        server = run.Server(options.belay.resolve(), folder)
        stack.callback(server.end)
        proxy = Proxy(options.proxy, server.address, folder)
        stack.callback(proxy.end)
        for group, listed in cases.read_all().items():
            for case in listed:
                if options.wanted and case.name not in options.wanted:
                    continue
                played += 1
                try:
                    check_case(server, proxy, case, played)
                except (Failed, raw.Silent, OSError) as error:
                    failures += 1
                    print(f"{group}.{case.name}: {error}", flush=True)
        lines, seen = proxy.look(), server.count()
    certain, possible = (sum(getattr(line, key) for line in lines) for key in ("answered", "forwarded"))
    if not certain <= seen <= possible:
        failures += 1
        print("in the end the sums don't agree")
    print(f"{played} cases behind {options.proxy}: {len(lines)} requests, {possible} forwarded, {certain} answered, "
          f"{seen} seen by Belay; {failures} failed")
    return 1 if failures or not played else 0


if __name__ == "__main__":
    sys.exit(main())

"""Store to receiver: a push campaign over HTTP/2, against h2load sending bodies of the same size to the
same receiver in the same run."""
import http.server
import os
import re
import subprocess
import threading
import time

from harness import programs, report
from harness.programs import BenchError, wait_until

BEARER = "Bearer ya29." + ("c.b0Aaekm1K" * 16)[:171]


class OneBody(http.server.BaseHTTPRequestHandler):
    """An HTTP/1.1 provider that keeps the request it gets."""
    protocol_version = "HTTP/1.1"
    kept = None

    def do_POST(self):
        OneBody.kept = (self.path, self.rfile.read(int(self.headers["Content-Length"])))
        answer = b'{"name":"projects/bench/messages/1"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


CAPTURE_PROVIDER = """\
  [[account.provider]]
  nick_name = "capture"
  mode = "push"
  kind = "fcm"
  url = "http://127.0.0.1:{port}"
  http_version = "1.1"
"""


def capture_body(bench, folder):
    """What Belay sends for one person of the campaign, byte for byte: h2load sends the same."""
    receiver = http.server.HTTPServer(("127.0.0.1", 0), OneBody)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    home = folder / "capture"
    home.mkdir()
    sink = programs.Sink(bench.belay, home)
    server = programs.Server(bench.belay, home, sink)
    server.config.write_text(server.config.read_text() + CAPTURE_PROVIDER.format(port=receiver.server_port))
    server.start()
    try:
        for kind, batch in (("profiles", 1000), ("tokens", 100)):
            server.load(bench.batch_load, kind, 1, batch, 1, first=123_456)
        server.create("capture")
        path, body = wait_until("a message to look at", lambda: OneBody.kept, 30)
    finally:
        server.end()
        sink.end()
        receiver.shutdown()
    out = folder / "body.json"
    out.write_bytes(body)
    return path, out


def h2load(url, body, count, connections=2, streams=200):
    """Requests a second and client CPU a request. The receiver is what limits it."""
    command = ["h2load", "-n", count, "-c", connections, "-m", streams, "-t", 1, "-d", body,
               "-H", "content-type: application/json", "-H", f"authorization: {BEARER}", url]
    with subprocess.Popen([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True) as process:
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    rate = re.search(r"finished in [^,]*, ([\d.]+) req/s", output)
    good = re.search(r"status codes: (\d+) 2xx", output)
    if process.returncode != 0 or not rate or int(good.group(1)) != count:
        raise BenchError(f"h2load: {output}")
    return {"rate": float(rate.group(1)), "cpu_us": (usage.ru_utime + usage.ru_stime) / count * 1e6}


def idle_cpu(server, seconds=2.0):
    before = server.cpu()
    time.sleep(seconds)
    return (server.cpu() - before) / seconds


def one_campaign(server, sink, provider, audience):
    """Runs a campaign to its end; every outcome is on disk when it is called completed."""
    idle = idle_cpu(server)
    began, cpu_before = time.monotonic(), server.cpu()
    campaign = server.create(provider)
    wait_until("first message", lambda: sink.messages(campaign) > 0, 120, 0.005)
    cpu_planned, planned = server.cpu(), time.monotonic()

    def completed():
        one = server.http.json("GET", f"/api/v1/campaigns/{campaign}")
        return one if one["state"] == "completed" else None

    wait_until("all messages", lambda: sink.messages(campaign) >= audience, 300, 0.05)
    last, cpu_sent = time.monotonic(), server.cpu()
    final = wait_until("campaign completed", completed, 60, 0.05)
    ended = time.monotonic()
    got = sink.counts()["by_campaign"][str(campaign)]
    if got["recipients"] != audience or got["duplicates"] or got["messages"] != audience:
        raise BenchError(f"the receiver counted {got} of {audience}: {final}")
    sending = (got["last_at"] - got["first_at"]) / 1e6
    return {"rate": (audience - 1) / sending, "seconds": sending, "end_to_end": ended - began,
            "plan_seconds": planned - began, "plan_cpu_us": (cpu_planned - cpu_before) / audience * 1e6,
            "cpu_us": (cpu_sent - cpu_before - idle * (last - began)) / audience * 1e6,
            "cores": (cpu_sent - cpu_planned) / (last - planned)}


def measure(bench, server, sink, provider, url, path, body, audience):
    limit, ours = [], []
    for _ in range(1 if bench.quick else 5):
        cpu = sink_cpu(sink)
        limit.append(h2load(url + path, body, audience))
        limit[-1]["sink_us"] = (sink_cpu(sink) - cpu) / audience * 1e6
        sink.reset()
        cpu = sink_cpu(sink)
        ours.append(one_campaign(server, sink, provider, audience))
        ours[-1]["sink_us"] = (sink_cpu(sink) - cpu) / audience * 1e6
        sink.reset()
        bench.say(f"{provider}: h2load {limit[-1]['rate']:,.0f}/s, Belay {ours[-1]['rate']:,.0f}/s at "
                  f"{ours[-1]['cpu_us']:.1f} us")
    return limit, ours


def sink_cpu(sink):
    from harness import machine
    return machine.cpu_seconds(sink.pid)


def run(bench):
    audience = 200_000 if bench.quick else 1_000_000
    folder = programs.fresh_folder(bench, "throughput", programs.people(bench, audience))
    certs = programs.make_certs(bench.belay, folder)
    path, body = capture_body(bench, folder)
    size = body.stat().st_size
    sink = programs.Sink(bench.belay, folder, certs)
    server = programs.Server(bench.belay, folder, sink, certs).start()
    results = {}
    try:
        for name, provider, url in (("HTTP/2 cleartext", "plain", f"http://{sink.address}"),
                                    ("HTTP/2 over TLS", "tls", f"https://{sink.tls_address}")):
            results[name] = measure(bench, server, sink, provider, url, path, body, audience)
    finally:
        server.end()
        sink.end()
    return summary(results, audience, size)


def summary(results, audience, size):
    rows, out = [], {"audience": audience, "body_bytes": size}

    def mid(runs, key):
        return report.median([r[key] for r in runs])

    for name, (limit, ours) in results.items():
        ratio = mid(ours, "rate") / mid(limit, "rate")
        rows.append([f"{name}: h2load", mid(limit, "rate"), mid(limit, "cpu_us"), mid(limit, "sink_us"), "", ""])
        rows.append([f"{name}: Belay", mid(ours, "rate"), mid(ours, "cpu_us"), mid(ours, "sink_us"),
                     mid(ours, "plan_seconds"), mid(ours, "end_to_end")])
        rows.append(["  ratio", f"{ratio:.2f}x", f"{mid(ours, 'cpu_us') / mid(limit, 'cpu_us'):.1f}x",
                     f"{mid(ours, 'sink_us') / mid(limit, 'sink_us'):.1f}x", "", ""])
        report.goal(f"throughput, {name}, against h2load", ratio, 0.5, False)
        report.goal(f"sender CPU a message, {name}", mid(ours, "cpu_us"), 10, True, "us")
        out[name] = {"h2load": limit, "belay": ours, "ratio": ratio}
    report.table(f"Push to {audience:,} people, bodies of {size} bytes, every outcome durable "
                 f"(medians of {len(next(iter(results.values()))[0])})",
                 ["", "messages/s", "CPU us/message", "receiver us/message", "planned s", "end to end s"], rows)
    return out

"""Stop latency: campaigns to a million recipients, each stopped in full flow."""
import json
import random
import socket
import time

from harness import machine, programs, report
from harness.programs import ACCOUNT, PASSCODE, BenchError, wait_until

AUDIENCE = 1_000_000
IN_FLOW = 20_000  # messages received before a campaign counts as running at full speed


class StopCaller:
    """POST /1/targets/stop.json on a connection that is open already, timed from the first byte sent to
    the last one received."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self):
        self.socket.close()

    def stop(self, campaign):
        body = json.dumps({"id": campaign}).encode()
        request = (f"POST /1/targets/stop.json HTTP/1.1\r\nHost: 127.0.0.1\r\nX-CleverTap-Account-Id: {ACCOUNT}\r\n"
                   f"X-CleverTap-Passcode: {PASSCODE}\r\nContent-Type: application/json\r\n"
                   f"Content-Length: {len(body)}\r\n\r\n").encode() + body
        answer = b""
        began = time.perf_counter_ns()
        self.socket.sendall(request)
        while not whole(answer):
            piece = self.socket.recv(65536)
            if not piece:
                raise BenchError("the server closed the connection of a stop")
            answer += piece
        micros = (time.perf_counter_ns() - began) / 1000
        head, _, text = answer.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200") or json.loads(text) != {"status": "success"}:
            raise BenchError(f"a stop was answered {answer.decode(errors='replace')}")
        headers = dict(line.split(": ", 1) for line in head.decode().lower().split("\r\n")[1:])
        return micros, headers["belay-stop"]


def whole(answer):
    head, found, body = answer.partition(b"\r\n\r\n")
    if not found:
        return False
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return len(body) >= int(line.partition(b":")[2])
    raise BenchError("an answer without Content-Length")


def in_flow(sink, campaign):
    """Waits until the campaign runs at full speed; returns messages a second just then."""
    wait_until(f"campaign {campaign} in flow", lambda: sink.messages(campaign) >= IN_FLOW, 120)
    time.sleep(random.uniform(0.02, 0.2))  # so that stops fall on every point of the commit cycle
    before, began = sink.messages(campaign), time.monotonic()
    time.sleep(0.1)
    return (sink.messages(campaign) - before) / (time.monotonic() - began)


def one_stop(server, sink, probe):
    campaign = server.create()
    rate = in_flow(sink, campaign)
    sync = probe.micros()
    caller = StopCaller(server.port)
    time.sleep(0.01)
    micros, stop_id = caller.stop(campaign)
    caller.close()
    counted = sink.messages(campaign)
    answered = server.receipt(stop_id)
    return {"campaign": campaign, "rate": rate, "sync_us": sync, "stop_us": micros, "stop": stop_id,
            "sink_at_answer": counted, "receipt": answered, "answered_at": time.monotonic()}


def receipt_of(record, campaign):
    """The receipt of one campaign inside a stop record."""
    receipts = record.get("campaigns") or record.get("receipts") or [record]
    return next(r for r in receipts if r.get("campaign", r.get("id")) == campaign or len(receipts) == 1)


def check(server, sink, done):
    """A second or more after the answer: what the receiver got in the end, against the receipt."""
    time.sleep(max(0.0, done["answered_at"] + 1.0 - time.monotonic()))
    got = sink.counts()["by_campaign"][str(done["campaign"])]
    answered = receipt_of(done["receipt"], done["campaign"])
    settled = wait_until("receipt settled", lambda: settled_receipt(server, done), 60, 0.05)
    done["after"] = got["messages"] - answered["handed_over"]
    done["still_in_sockets"] = got["messages"] - done["sink_at_answer"]
    done["exact"] = (settled["handed_over"] == answered["handed_over"] == got["recipients"] == got["messages"]
                     and settled["accepted"] == got["messages"] and balanced(settled))
    done["server_us"] = settled["latency_us"]
    return done


def settled_receipt(server, done):
    receipt = receipt_of(server.receipt(done["stop"]), done["campaign"])
    return receipt if receipt["settled"] else None


def balanced(r):
    skipped = sum(r["skipped"].values())
    parts = r["accepted"] + r["failed"] + skipped + r["withheld"] + r["in_doubt"] + r["in_flight"]
    return parts == r["audience"] == AUDIENCE


def run(bench):
    count = bench.stops or (20 if bench.quick else 500)
    folder = programs.fresh_folder(bench, "stop", programs.people(bench, AUDIENCE))
    sink = programs.Sink(bench.belay, folder)
    server = programs.Server(bench.belay, folder, sink).start()
    probe = machine.SyncProbe(folder)
    quiet = [probe.micros() for _ in range(count)]
    results, waiting = [], None
    try:
        for i in range(count):
            done = one_stop(server, sink, probe)
            if waiting:
                results.append(check(server, sink, waiting))
            waiting = done
            if i % 50 == 49:
                results.append(check(server, sink, waiting))
                waiting = None
                sink.reset()
                bench.say(f"{i + 1} stops, median so far {report.median([r['stop_us'] for r in results]):.0f} us")
        if waiting:
            results.append(check(server, sink, waiting))
    finally:
        probe.close()
        server.end()
        sink.end()
    return summary(results, quiet)


def summary(results, quiet):
    stops, syncs = [r["stop_us"] for r in results], [r["sync_us"] for r in results]
    rows = []
    inside = [r["server_us"] for r in results]
    for name, values in (("stop, request to answer", stops), ("  of it by the server's own clock", inside),
                         ("fdatasync of 4 KiB, meanwhile", syncs),
                         ("fdatasync of 4 KiB, quiet machine", quiet)):
        rows.append([name, len(values), *(report.quantile(values, q) for q in (0.5, 0.9, 0.99)), max(values)])
    ratio = [report.quantile(stops, q) / report.quantile(syncs, q) for q in (0.5, 0.9, 0.99)]
    rows.append(["ratio: stop / fdatasync meanwhile", "", *(f"{r:.1f}x" for r in ratio),
                 f"{max(stops) / max(syncs):.1f}x"])
    report.table(f"Stop of a campaign to {AUDIENCE:,} running at full speed (microseconds)",
                 ["", "count", "p50", "p90", "p99", "max"], rows)
    after, exact = sum(r["after"] for r in results), sum(r["exact"] for r in results)
    rate = report.median([r["rate"] for r in results])
    sockets = report.median([r["still_in_sockets"] for r in results])
    print(f"  running at {rate:,.0f} messages/s when stopped (median); hand-overs after the answer: {after};\n"
          f"  receipts equal to the receiver's own count: {exact} of {len(results)}; handed over before the answer\n"
          f"  and read by the receiver after it: {sockets:.0f} (median)\n")
    report.goal("stop latency p50", report.quantile(stops, 0.5) / 1000, 3, True, "ms")
    report.goal("stop latency p99", report.quantile(stops, 0.99) / 1000, 10, True, "ms")
    report.goal("hand-overs after the answer", after, 0, True)
    report.goal("receipts that equal the receiver's count", exact, len(results), False)
    return {"stop_us": stops, "fdatasync_us": syncs, "fdatasync_quiet_us": quiet, "rate": rate,
            "hand_overs_after_answer": after, "exact_receipts": exact}

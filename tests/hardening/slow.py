#!/usr/bin/env python3
"""Slow clients against the running server: tests/hardening/slow.py --belay build/release/belay

All kinds at once hold the server's connections, while others are served, a stop is answered, and each of the slow is
shown the door. Deadlines here are generous: what is held against the server is that it ends, not how fast it is."""
import argparse
import contextlib
import json
import select
import socket
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import raw  # noqa: E402
import run  # noqa: E402
from run import Failed, program  # noqa: E402

CONNECTIONS = 128
SHARE = 8
LIMITS = ["[http]", 'header_within = "2s"', 'body_within = "3s"', 'idle_within = "4s"', f"connections = {CONNECTIONS}"]
ENDED_WITHIN = 40.0 * program.PATIENCE
HEADER = b"POST /1/targets/stop.json HTTP/1.1\r\nHost: h\r\nX: "
BODY = b"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n"
EXPECTING = b"POST /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1000\r\n\r\n"
CHUNKS = b"POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
CREDENTIALS = "X-CleverTap-Account-Id: {}\r\nX-CleverTap-Passcode: {}\r\n".format(*program.ACCOUNT)


class Slow:
    """A client that sends `first`, then `drip` again and again, and reads nothing until it is looked at."""

    def __init__(self, address, kind, first, drip, expected):
        self.connection = raw.Connection(address, ENDED_WITHIN, receive_buffer=4096 if kind == "reads nothing" else 0)
        self.kind, self.drip, self.expected = kind, drip, expected
        self.connection.send(first)

    def go_on(self):
        return bool(self.drip) and self.connection.send(self.drip)

    def shown_the_door(self):
        """Its connection has ended; before that came what was expected."""
        answer = self.connection.answer()
        if (answer.status if answer else None) != self.expected:
            raise Failed(f"a client that {self.kind} was answered {answer}, expected {self.expected}")
        if self.connection.rest():
            raise Failed(f"a client that {self.kind} was answered more than once")
        self.connection.socket.close()


def ask(address, text, status):
    with raw.Connection(address, ENDED_WITHIN) as connection:
        connection.send(text.encode())
        answer = connection.answer()
    if answer is None or answer.status != status:
        raise Failed(f"{text.split(chr(13))[0]} was answered {answer}, expected {status}")
    return answer


def stop_everything(address):
    body = json.dumps({"scope": {"all": True}, "reason": "slow clients"})
    return ask(address, f"POST /api/v1/stops HTTP/1.1\r\nHost: h\r\n{CREDENTIALS}Content-Type: application/json\r\n"
                        f"Connection: close\r\nContent-Length: {len(body)}\r\n\r\n{body}", 200)


def serve_others(address):
    ask(address, "GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", 200)
    stop_everything(address)


def every_kind_at_once(address):
    """Half of the connections; each ends as it should, and others are served all the while."""
    kinds = [("drips its header", HEADER, b"y", 408), ("drips its body", BODY, b"y", 408),
             ("drips its chunks", CHUNKS, b"1\r\ny\r\n", 408), ("says nothing", b"", b"", None),
             ("stops within its header", HEADER, b"", 408),
             ("stays after its answer", b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n", b"", 404)]
    slow = [Slow(address, *kind) for kind in kinds for _ in range(CONNECTIONS // 2 // len(kinds))]
    deadline = time.monotonic() + ENDED_WITHIN
    while any([each.go_on() for each in slow]) and time.monotonic() < deadline:
        serve_others(address)
        program.pause_between_looks()
    for each in slow:
        serve_others(address)
        each.shown_the_door()
    return len(slow)


def one_that_reads_nothing(address):
    """It asks for more than the sockets hold. The server neither waits for ever nor keeps it all."""
    slow = Slow(address, "reads nothing", b"GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n", b"", 200)
    slow.connection.socket.settimeout(0)
    request, deadline, sent = b"GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n" * 100, time.monotonic() + ENDED_WITHIN, 0
    while time.monotonic() < deadline:
        try:
            sent += slow.connection.socket.send(request)
        except BlockingIOError:
            serve_others(address)
            program.pause_between_looks()
        except OSError:
            return sent // (len(request) // 100)
    raise Failed("a client that reads nothing was never cut off")


def more_than_there_is_room_for(address):
    """Twice as many silent connections as the server takes: whoever asks something is served."""
    silent = []
    for _ in range(2 * CONNECTIONS):
        silent.append(raw.Connection(address, ENDED_WITHIN))
        if len(silent) % 16 == 0:
            serve_others(address)
    gone = select.select([c.socket for c in silent], [], [], ENDED_WITHIN)[0]
    if len(gone) < CONNECTIONS // 2:
        raise Failed(f"of {len(silent)} silent connections only {len(gone)} made room")
    for each in silent:
        each.socket.close()
    return len(silent)


def own_address():
    """An address of this machine that is not loopback, or None. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        address = probe.getsockname()[0]
    return None if address.startswith("127.") else address


def busy_connection(address):
    """A request is under way on it, which the server has said."""
    busy = Slow(address, "is busy", EXPECTING, b"", 408)
    answer = busy.connection.answer()
    if answer is None or answer.status != 100:
        raise Failed(f"a request that waits to be continued was answered {answer}")
    return busy


def one_address_has_its_share(belay, folder):
    """From one address come as many busy connections as it may have, and more: those are refused or make room for each
    other, and others are served all the while."""
    address = own_address()
    if address is None:
        return "no address but loopback here, so none to be capped"

    def listen_there(text):
        for known in (program.ACCOUNT[1], program.OTHER_ACCOUNT[1]):
            text = text.replace(known, known[::-1])  # published ones keep the server off such an address
        return text.replace("127.0.0.1:0", f"{address}:0")
    server = run.Server(belay, folder, [*LIMITS, f"connections_per_address = {SHARE}"], listen_there)
    try:
        busy = [busy_connection(server.address) for _ in range(SHARE)]
        for _ in range(3):
            with raw.Connection(server.address, ENDED_WITHIN) as one_more:
                answer = one_more.answer()
            if answer is None or answer.status != 503 or b"from your address" not in answer.body:
                raise Failed(f"one more than its share was answered {answer}")
        answer = server.belay.ask("GET", "/healthz", account=None, via="socket")
        if answer.status != 200:
            raise Failed(f"somebody else was answered {answer.status}")
        for each in busy:
            each.shown_the_door()
        # None is busy any more: the silent make room for each other, and for whoever asks something.
        silent = [raw.Connection(server.address, ENDED_WITHIN) for _ in range(2 * SHARE)]
        ask(server.address, "GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", 200)
        for each in silent:
            each.socket.close()
    finally:
        server.end()
    return f"one address had its {SHARE} connections and no more"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--belay", required=True, type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        server = run.Server(options.belay.resolve(), folder, LIMITS)
        stack.callback(server.end)
        try:
            print(f"{every_kind_at_once(server.address)} slow clients of six kinds were shown the door")
            print(f"one that read nothing was cut off, having sent {one_that_reads_nothing(server.address)} requests")
            print(f"{more_than_there_is_room_for(server.address)} silent connections kept nobody out")
            serve_others(server.address)
            with tempfile.TemporaryDirectory() as another:
                print(one_address_has_its_share(options.belay.resolve(), another))
        except (Failed, raw.Silent, OSError) as error:
            print(f"slow clients: {error}\n{server.belay.process.tail(5)}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

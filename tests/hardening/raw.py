"""Bytes to a server and answers back, over a socket of our own: nothing in between corrects them."""
import select
import socket
import struct
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "wire"))
import program  # noqa: E402

ANSWER_WITHIN = 20.0 * program.PATIENCE


class Silent(Exception):
    """Neither an answer nor the end of the connection came in time."""


@dataclass
class Answer:
    status: int
    head: str
    body: bytes


class Connection:
    def __init__(self, address, within=ANSWER_WITHIN, receive_buffer=0):
        host, _, port = address.rpartition(":")
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(within)
        self.socket.connect((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer, self.ended = b"", False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data, piece=0):
        """False when the server has closed already; what it answered can still be read."""
        try:
            for at in range(0, len(data), piece or len(data) or 1):
                self.socket.sendall(data[at : at + piece] if piece else data)
        except (BrokenPipeError, ConnectionResetError):
            return False
        return True

    def shut(self):
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()
        self.ended = True

    def has_something(self):
        return bool(self.buffer) or bool(select.select([self.socket], [], [], 0)[0])

    def _more(self):
        if self.ended:
            return False
        try:
            got = self.socket.recv(65536)
        except (ConnectionResetError, BrokenPipeError):
            got = b""
        except (TimeoutError, socket.timeout):
            within = self.socket.gettimeout()
            raise Silent(f"nothing came for {within:.0f} s; before it: {self.buffer[:200]!r}") from None
        self.ended = not got
        self.buffer += got
        return bool(got)

    def _until(self, mark):
        while mark not in self.buffer:
            if not self._more():
                return None
        found, self.buffer = self.buffer.split(mark, 1)
        return found

    def _exactly(self, size):
        while len(self.buffer) < size:
            if not self._more():
                return None
        found, self.buffer = self.buffer[:size], self.buffer[size:]
        return found

    def answer(self, bodiless=False):
        """The next answer, or None at the end of the connection."""
        head = self._until(b"\r\n\r\n")
        if head is None:
            return None
        lines = head.decode("latin-1").split("\r\n")
        status = int(lines[0].split(" ")[1])
        fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        body = b""
        if not bodiless and status >= 200 and status not in (204, 304):
            if fields.get("transfer-encoding") == "chunked":
                body = self._chunks()
            elif "content-length" in fields:
                body = self._exactly(int(fields["content-length"]))
            else:
                while self._more():
                    pass
                body, self.buffer = self.buffer, b""
        return Answer(status, head.decode("latin-1"), body or b"")

    def _chunks(self):
        body = b""
        while True:
            size = int(self._until(b"\r\n") or b"0", 16)
            body += (self._exactly(size) or b"") if size else b""
            self._until(b"\r\n")
            if size == 0:
                return body

    def rest(self):
        """Everything until the connection ends."""
        while self._more():
            pass
        found, self.buffer = self.buffer, b""
        return found


def play(connection, case, piece=0):
    """Sends a case; returns the final answers that came, at most one more than expected."""
    answers, bodiless = [], case.bytes.startswith(b"HEAD ")
    for part in case.parts:
        if part == "wait":
            interim = connection.answer()
            if interim is None or interim.status != 100:
                return [interim] if interim else []
        elif not connection.send(part, piece):
            break
    if case.end:
        getattr(connection, case.end)()
    while len(answers) < len(case.statuses):
        answer = connection.answer(bodiless)
        if answer is None:
            break
        if answer.status >= 200:
            answers.append(answer)
    return answers

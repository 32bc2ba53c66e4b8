#!/usr/bin/env python3
"""A server that plays one prepared answer per request and writes down what it was asked.

    answering.py PORT NAME...

Answers are the files answers/NAME.http beside this script, in turn, each a head and a body; the
connection closes after it. Requests go into the file `requests`: method, path, the headers that matter
and the body. GET /ready is answered at once and not counted.
"""

import pathlib
import socket
import sys

SHOWN = ("authorization", "content-type", "x-extra")


def read_request(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return None
        data += more
    head, body = data.split(b"\r\n\r\n", 1)
    lines = head.decode("latin-1").split("\r\n")
    headers = [line.split(": ", 1) for line in lines[1:]]
    length = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return lines[0].rsplit(" ", 1)[0], headers, body.decode("utf-8", "replace")


def read_answer(name):
    path = pathlib.Path(__file__).resolve().parent / "answers" / f"{name}.http"
    head, body = path.read_text("utf-8").split("\n\n", 1)
    lines = head.split("\n") + ["connection: close", "", ""]
    return "\r\n".join(lines).encode() + body.encode()


def main():
    port, answers = int(sys.argv[1]), [read_answer(name) for name in sys.argv[2:]]
    listener = socket.create_server(("127.0.0.1", port))
    while answers:
        connection, _ = listener.accept()
        with connection:
            request = read_request(connection)
            if request is None:
                continue
            line, headers, body = request
            if line == "GET /ready":
                connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                continue
            shown = [f"{name.lower()}: {value}" for name, value in headers if name.lower() in SHOWN]
            with open("requests", "a", encoding="utf-8") as log:
                log.write("\n".join([line] + sorted(shown) + [body]).rstrip() + "\n")
            connection.sendall(answers.pop(0))


if __name__ == "__main__":
    main()

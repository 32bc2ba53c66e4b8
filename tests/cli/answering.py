#!/usr/bin/env python3
"""A server that plays one prepared answer per request and writes down what it was asked.

    answering.py PORT FOLDER

Answers are the files FOLDER/1, FOLDER/2, …, in turn, each a whole HTTP answer from the status line
to the last byte, after which the connection closes. Requests go into FOLDER/requests: method, path,
the headers that matter and the body. GET /ready is answered at once and not counted.
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


def main():
    port, folder = int(sys.argv[1]), pathlib.Path(sys.argv[2])
    listener = socket.create_server(("127.0.0.1", port))
    count = 0
    while True:
        connection, _ = listener.accept()
        with connection:
            request = read_request(connection)
            if request is None:
                continue
            line, headers, body = request
            if line == "GET /ready":
                connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                continue
            count += 1
            shown = [f"{name.lower()}: {value}" for name, value in headers if name.lower() in SHOWN]
            with open(folder / "requests", "a", encoding="utf-8") as log:
                log.write("\n".join([line] + sorted(shown) + [body]).rstrip() + "\n")
            connection.sendall((folder / str(count)).read_bytes())


if __name__ == "__main__":
    main()

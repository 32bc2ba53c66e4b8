#!/usr/bin/env python3
"""A server that keeps the last request it was sent, byte for byte, and refuses it.

    receiving.py PORT FILE

GET /ready is answered at once and not kept.
"""

import pathlib
import socket
import sys


def read_request(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return None
        data += more
    head, body = data.split(b"\r\n\r\n", 1)
    fields = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:])
    while len(body) < int(fields.get(b"content-length", b"0")):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def main():
    port, path = int(sys.argv[1]), pathlib.Path(sys.argv[2])
    listener = socket.create_server(("127.0.0.1", port))
    while True:
        connection, _ = listener.accept()
        with connection:
            request = read_request(connection)
            if request is None:
                continue
            is_ready = request.startswith(b"GET /ready ")
            if not is_ready:
                path.write_bytes(request + b"\n")
            status = b"200 OK" if is_ready else b"400 Bad Request"
            connection.sendall(b"HTTP/1.1 " + status + b"\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}")


if __name__ == "__main__":
    main()

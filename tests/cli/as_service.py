#!/usr/bin/env python3
"""Runs a gateway as a service manager would, and prints what the manager hears and what callers see.

    as_service.py aigw serve ...

It holds the address, passes it as a descriptor, waits for each message instead of for time, asks for a reload and for
the end. Times and ports are left out of what it prints.
"""

import os
import re
import signal
import socket
import sys
import tempfile
import urllib.request

SECONDS = 30
WATCHDOG_MICROSECONDS = 200_000


def start(command, listener, notify_path):
    """The service's process id; its descriptor 3 is the listener."""
    pid = os.fork()
    if pid:
        return pid
    os.dup2(listener.fileno(), 3)
    os.set_inheritable(3, True)
    os.environ.update(NOTIFY_SOCKET=notify_path, LISTEN_PID=str(os.getpid()), LISTEN_FDS="1",
                      WATCHDOG_PID=str(os.getpid()), WATCHDOG_USEC=str(WATCHDOG_MICROSECONDS))
    os.execvp(command[0], command)


def hear(notify):
    return re.sub(r"\d{4,}", "N", notify.recv(4096).decode())


def hear_until(notify, wanted):
    """Messages up to the wanted one, signs of life left out."""
    heard = []
    while not heard or heard[-1].split("\n")[0] != wanted:
        message = hear(notify)
        if message != "WATCHDOG=1" or message == wanted:
            heard.append(message)
    print(" ".join(heard).replace("\n", " "))


def main():
    folder = tempfile.mkdtemp()
    notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notify.bind(os.path.join(folder, "notify"))
    notify.settimeout(SECONDS)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    address = "127.0.0.1:%d" % listener.getsockname()[1]

    pid = start(sys.argv[1:], listener, notify.getsockname())
    hear_until(notify, "READY=1")
    with urllib.request.urlopen(f"http://{address}/health/ready", timeout=SECONDS) as reply:
        print("the passed address answers", reply.status)
    hear_until(notify, "WATCHDOG=1")
    hear_until(notify, "WATCHDOG=1")
    os.kill(pid, signal.SIGHUP)
    hear_until(notify, "RELOADING=1")
    hear_until(notify, "READY=1")
    os.kill(pid, signal.SIGTERM)
    hear_until(notify, "STOPPING=1")
    print("ended with", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    with socket.create_connection(listener.getsockname(), timeout=SECONDS):
        print("calls wait at the address for the next one")


if __name__ == "__main__":
    main()

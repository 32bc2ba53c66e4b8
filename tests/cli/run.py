#!/usr/bin/env python3
"""Runs transcripts of the command line and compares all they print, whole.

    run.py --aigw build/dev/aigw tests/cli/check.txt ...     (--update rewrites what differs)

A transcript is a text file that reads like a terminal:

    ## a comment
    $ aigw check bad.toml          a command, run by bash in an empty folder of the transcript's own
    > <more lines of it>
    its standard output
    ! its standard error
    ? 2                            its exit code, where that is not 0
    & http://127.0.0.1:$PORT/health aigw serve --listen 127.0.0.1:$PORT
                                   a server, running until the end; the next line is read when the
                                   address answers

In expected lines `[..]` stands for any characters, and a line `...` for any number of lines.
$PORT, $PORT2 and $PORT3 are free ports, $TESTS is this folder, $SERVER and $LOG the process id and the
output of the server started last. Standard input is empty.
"""

import argparse
import difflib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

COMMAND_SECONDS = 60
READY_SECONDS = 30
FOLDER = pathlib.Path(__file__).resolve().parent


class Step:
    """One command with what it is expected to print."""

    def __init__(self, line, number):
        self.lines = [line]
        self.number = number
        self.expected = []

    def command(self):
        return "\n".join([self.lines[0][2:]] + [line[2:] for line in self.lines[1:]])


def read_steps(text):
    """The transcript as comments (strings) and steps, in order."""
    parts = []
    step = None
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(("$ ", "& ")):
            step = Step(line, number)
            parts.append(step)
        elif step and (line.startswith("> ") or line == ">") and not step.expected:
            step.lines.append(line)
        elif line.startswith("## "):
            parts.append(line)
            step = None
        elif not line and step is None:
            parts.append(line)
        elif step is None:
            raise SystemExit(f"line {number}: output without a command: {line}")
        else:
            step.expected.append(line)
    for part in parts:
        if isinstance(part, Step):
            while part.expected and not part.expected[-1]:
                part.expected.pop()
    return parts


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def fits(pattern, line):
    parts = [re.escape(part) for part in pattern.split("[..]")]
    return re.fullmatch(".*".join(parts), line) is not None


def agree(expected, actual):
    """True when the expected lines, wildcards and all, describe the actual ones."""
    if not expected:
        return not actual
    if expected[0] == "...":
        return any(agree(expected[1:], actual[i:]) for i in range(len(actual) + 1))
    return bool(actual) and fits(expected[0], actual[0]) and agree(expected[1:], actual[1:])


def stream(lines, is_error):
    """The lines of one stream; the exit code belongs to standard error's."""
    if is_error:
        return [line for line in lines if line.startswith(("! ", "? ")) or line == "!"]
    return [line for line in lines if not (line.startswith(("! ", "? ")) or line == "!")]


def printed(done):
    """What a command printed, as a transcript has it."""
    lines = done.stdout.decode("utf-8", "replace").rstrip("\n").splitlines()
    lines += [("! " + line).rstrip() if not line else "! " + line
              for line in done.stderr.decode("utf-8", "replace").splitlines()]
    if done.returncode != 0:
        lines.append(f"? {done.returncode}")
    return lines


def wait_until_ready(url, process):
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            return f"the server ended with {process.returncode}"
        try:
            urllib.request.urlopen(url, timeout=1).close()
            return None
        except urllib.error.HTTPError:
            return None
        except OSError:
            time.sleep(0.02)
    return f"{url} did not answer within {READY_SECONDS} seconds"


class Run:
    """A transcript being run in a folder of its own."""

    def __init__(self, aigw, folder):
        self.folder = folder
        self.servers = []
        ports = free_ports(3)
        tools = folder / ".bin"
        tools.mkdir()
        (tools / "aigw").symlink_to(aigw)
        self.environment = {
            "PATH": f"{tools}:{os.environ.get('PATH', '/usr/bin:/bin')}",
            "HOME": str(folder),
            "LC_ALL": "C.UTF-8",
            "TERM": "dumb",
            "TESTS": str(FOLDER),
            "PORT": str(ports[0]),
            "PORT2": str(ports[1]),
            "PORT3": str(ports[2]),
        }
        for name, value in os.environ.items():
            if name.endswith("SAN_OPTIONS"):
                self.environment[name] = value

    def start(self, step):
        url, command = step.command().split(" ", 1)
        url = re.sub(r"\$(\w+)", lambda match: self.environment[match.group(1)], url)
        log = open(self.folder / f".server-{step.number}.log", "wb")
        self.environment["LOG"] = log.name
        process = subprocess.Popen(["bash", "-c", "exec " + command], cwd=self.folder,
                                   env=self.environment, stdin=subprocess.DEVNULL, stdout=log,
                                   stderr=log, start_new_session=True)
        self.environment["SERVER"] = str(process.pid)
        self.servers.append(process)
        problem = wait_until_ready(url, process)
        if problem:
            log.close()
            return [problem] + pathlib.Path(log.name).read_text("utf-8", "replace").splitlines()
        return []

    def run(self, step):
        if step.lines[0].startswith("& "):
            return self.start(step)
        try:
            done = subprocess.run(["bash", "-c", step.command()], cwd=self.folder,
                                  env=self.environment, stdin=subprocess.DEVNULL,
                                  capture_output=True, timeout=COMMAND_SECONDS)
        except subprocess.TimeoutExpired:
            return [f"? did not end within {COMMAND_SECONDS} seconds"]
        return [self.generic(line) for line in printed(done)]

    def generic(self, line):
        """The line without what differs from run to run."""
        for name in ("HOME", "PORT", "PORT2", "PORT3"):
            line = line.replace(self.environment[name], "$" + name)
        return line

    def stop(self):
        for process in self.servers:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.servers:
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def play(path, aigw, update):
    """Runs one transcript; true when all was as expected."""
    parts = read_steps(path.read_text("utf-8"))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="aigw-cli-"))
    run = Run(aigw, folder)
    is_good = True
    out = []
    try:
        for part in parts:
            if not isinstance(part, Step):
                out.append(part)
                continue
            actual = run.run(part)
            matches = all(agree(stream(part.expected, error), stream(actual, error))
                          for error in (False, True))
            out += part.lines + (part.expected if matches else actual) + [""]
            if not matches:
                is_good = False
                print(f"{path.name}:{part.number}: {part.lines[0]}")
                print("\n".join(difflib.unified_diff(part.expected, actual, "expected", "actual",
                                                     lineterm="", n=100)))
    finally:
        run.stop()
        shutil.rmtree(folder, ignore_errors=True)
    if update and not is_good:
        path.write_text(re.sub(r"\n{3,}", "\n\n", "\n".join(out)).strip() + "\n", "utf-8")
    return is_good


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--aigw", required=True, type=pathlib.Path)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("transcripts", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    results = [play(path, options.aigw.resolve(), options.update) for path in options.transcripts]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())

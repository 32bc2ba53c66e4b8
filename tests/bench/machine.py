"""What the results depend on: the machine and the versions of everything measured."""

import datetime
import json
import os
import pathlib
import platform
import re
import subprocess

import processes
import rows


def _first_line(*command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    return ((done.stdout or done.stderr).splitlines() or ["unknown"])[0].strip()


def _cpu_model():
    found = re.search(r"^model name\s*:\s*(.*)$", pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else platform.machine()


def _portkey_version():
    package = rows.PORTKEY / "node_modules/@portkey-ai/gateway/package.json"
    if not package.is_file():
        return "not installed"
    return f"{json.loads(package.read_text(encoding='utf-8'))['version']} on node {_first_line('node', '--version')}"


def describe(aigw):
    """(what, value) pairs, as they stand at the head of the results."""
    return [
        ("date", datetime.date.today().isoformat()),
        ("machine", f"{os.cpu_count()} cores, {_cpu_model()}"),
        ("kernel", platform.release()),
        ("aigw", _first_line(aigw, "--version")),
        ("nginx", _first_line(processes.program("nginx"), "-v")),
        ("haproxy", _first_line(processes.program("haproxy"), "-v")),
        ("Portkey", _portkey_version()),
        ("wrk", _first_line(processes.program("wrk"), "-v")),
        ("compiler", _first_line("g++", "--version")),
    ]

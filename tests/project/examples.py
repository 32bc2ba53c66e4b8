#!/usr/bin/env python3
"""The examples for containers, Kubernetes and systemd hold what they promise.

    examples.py [AIGW]          with the program: also that its libraries are those of the image
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import plain_yaml
import tree


# ── the image ───────────────────────────────────────────────────────────────

def instructions(text):
    """(instruction, arguments) of a Dockerfile, continued lines joined."""
    text = re.sub(r"\\\n", " ", re.sub(r"(?m)^\s*#.*\n", "", text))
    return [(line.split()[0].upper(), " ".join(line.split()[1:])) for line in text.splitlines() if line.strip()]


def dockerfile_problems(text):
    steps = instructions(text)
    stages = [arguments for name, arguments in steps if name == "FROM"]
    last = steps[max(i for i, step in enumerate(steps) if step[0] == "FROM"):]
    final = {name: arguments for name, arguments in last}
    if len(stages) < 2:
        yield "has one stage: compilers end up in the image"
    if any(not re.match(r"debian:12-slim( AS \w+)?$", stage) for stage in stages):
        yield "has a stage that is not FROM debian:12-slim"
    if not re.match(r"[1-9]\d*$", final.get("USER", "")):
        yield "does not run as a numbered user other than root: Kubernetes' runAsNonRoot needs a number"
    if "healthcheck" not in final.get("HEALTHCHECK", ""):
        yield "has no HEALTHCHECK with aigw healthcheck"
    for want in ("--interval=30s", "--timeout=3s", "--retries=3", "--start-period=10s"):
        if want not in final.get("HEALTHCHECK", ""):
            yield f"its HEALTHCHECK has no {want}"
    for name in ("ENTRYPOINT", "CMD"):
        if not final.get(name, "").startswith("["):
            yield f"its {name} is run by a shell, which keeps signals from the gateway"
    for name, arguments in steps:
        if name == "ADD":
            yield "uses ADD where COPY does"
        if re.search(r"\b(sudo|ssh)\b|apt-get upgrade", arguments):
            yield f"{name} {arguments}: no step of an image"
        if "apt-get install" in arguments:
            yield "installs packages by hand: the lists are examples/packages.txt and runtime-packages.txt"


def copied_problems(root, text):
    """Files that COPY names and nobody has."""
    for name, arguments in instructions(text):
        if name != "COPY" or arguments.startswith("--from"):
            continue
        for source in arguments.split()[:-1]:
            if not (root / source).exists():
                yield f"copies {source}, which does not exist"


def packages(text):
    return {line.split()[0] for line in text.splitlines() if line.strip() and not line.startswith("#")}


def library_packages(program):
    """The Debian packages of the shared libraries that the program itself names; None without Debian's tools."""
    if not (shutil.which("dpkg-query") and shutil.which("readelf") and shutil.which("ldd")):
        return None
    dynamic = subprocess.run(["readelf", "-d", program], capture_output=True, text=True, check=True).stdout
    needed = set(re.findall(r"NEEDED.*\[(.+)\]", dynamic))
    linked = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    found = set()
    for name, path in re.findall(r"(\S+) => (\S+)", linked):
        if name not in needed:
            continue
        for place in (path, path.replace("/lib/", "/usr/lib/", 1), str(pathlib.Path(path).resolve())):
            owner = subprocess.run(["dpkg-query", "-S", place], capture_output=True, text=True, check=False).stdout
            if owner:
                found.add(owner.split(":")[0])
                break
    return found - {"libc6", "libgcc-s1"}  # part of every image


# ── Kubernetes and compose ──────────────────────────────────────────────────

def gateway_container(document):
    containers = document["spec"]["template"]["spec"]["containers"]
    return next(container for container in containers if container["name"] == "aigw")


def deployment_problems(document):
    container = gateway_container(document)
    resources = container.get("resources", {})
    if resources.get("limits") != {"memory": "128Mi", "cpu": "100m"}:
        yield "its limits are not 128Mi and 100m"
    if resources.get("requests") != {"memory": "64Mi", "cpu": "50m"}:
        yield "its requests are not 64Mi and 50m"
    for name, delay, period in (("livenessProbe", 10, 30), ("readinessProbe", 5, 10)):
        probe = container.get(name, {})
        if (probe.get("initialDelaySeconds"), probe.get("periodSeconds")) != (delay, period):
            yield f"its {name} is not after {delay} s every {period} s"
        if "httpGet" not in probe and "exec" not in probe:
            yield f"its {name} asks nothing"
    pod = document["spec"]["template"]["spec"]
    if pod.get("securityContext", {}).get("runAsNonRoot") is not True:
        yield "may run as root"
    if document["spec"]["template"]["metadata"]["labels"] != document["spec"]["selector"]["matchLabels"]:
        yield "its selector does not fit its labels"
    if pod.get("terminationGracePeriodSeconds", 30) <= 30:
        yield "is killed before server.drain_timeout has passed"


def secret_uses(value):
    """(secret, key) of every secretKeyRef, and (secret, None) of every volume."""
    if isinstance(value, list):
        for item in value:
            yield from secret_uses(item)
    if isinstance(value, dict):
        if "secretKeyRef" in value:
            yield value["secretKeyRef"]["name"], value["secretKeyRef"]["key"]
        if "secretName" in value:
            yield value["secretName"], None
        for item in value.values():
            yield from secret_uses(item)


def kubernetes_problems(documents):
    """Of all files together: (what is wrong)."""
    secrets = {d["metadata"]["name"]: set(d["stringData"]) for d in documents if d["kind"] == "Secret"}
    for document in documents:
        name = f"{document['kind']} {document['metadata']['name']}"
        if document["kind"] == "Deployment":
            yield from (f"{name}: {problem}" for problem in deployment_problems(document))
        for secret, key in secret_uses(document):
            if secret not in secrets or (key and key not in secrets[secret]):
                yield f"{name}: no Secret has {secret} {key or ''}".rstrip()
    if secrets.get("ai-gateway-secret") != {"target-api-key", "gateway-api-keys"}:
        yield "the secret ai-gateway-secret does not hold target-api-key and gateway-api-keys"
    services = [d["spec"] for d in documents if d["kind"] == "Service"]
    if [(s["type"], s["ports"][0]["port"]) for s in services] != [("LoadBalancer", 80)]:
        yield "there is no service at port 80, of type LoadBalancer"


def config_problems(documents, program):
    """Configurations inside ConfigMaps that the program does not take."""
    for document in documents:
        text = document.get("data", {}).get("gateway.toml")
        if text is None:
            continue
        with tempfile.TemporaryDirectory() as folder:
            key = pathlib.Path(folder) / "key"
            key.write_text("sk-of-the-vendor\n")
            path = pathlib.Path(folder) / "gateway.toml"
            path.write_text(re.sub(r"file:/[^\"]+", f"file:{key}", text))
            done = subprocess.run([program, "check", "-c", path], capture_output=True, text=True, check=False)
            if done.returncode != 0:
                yield f"gateway.toml of {document['metadata']['name']}: {done.stderr.strip()}"


def compose_problems(document):
    service = document["services"]["aigw"]
    for name in ("PORT", "TARGET_API_KEY", "GATEWAY_API_KEYS", "RATE_LIMIT_REQUESTS_PER_MINUTE"):
        if name not in service["environment"]:
            yield f"does not set {name}"
    if "DASHSCOPE_API_KEY" not in service["environment"].get("TARGET_API_KEY", ""):
        yield "does not take TARGET_API_KEY from DASHSCOPE_API_KEY"
    if service["ports"] != ["8080:8080"]:
        yield "does not publish port 8080"


# ── systemd ─────────────────────────────────────────────────────────────────

def unit_sections(text):
    """{section: {key: [values]}}"""
    sections, section = {}, None
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if header := re.fullmatch(r"\[(\w+)\]", line):
            section = sections.setdefault(header[1], {})
        elif section is None or "=" not in line:
            raise ValueError(f"line {number} is neither a section nor key=value")
        else:
            key, _, value = line.partition("=")
            section.setdefault(key, []).append(value)
    return sections


WANTED = {"Type": "notify", "Restart": "on-failure", "DynamicUser": "yes", "NoNewPrivileges": "yes",
          "ProtectSystem": "strict", "ExecReload": "/bin/kill -HUP $MAINPID"}


def service_problems(text):
    service = unit_sections(text).get("Service", {})
    for key, value in WANTED.items():
        if service.get(key) != [value]:
            yield f"has no {key}={value}"
    if not re.fullmatch(r"\d+s", service.get("WatchdogSec", [""])[0]):
        yield "has no WatchdogSec="
    if "AF_UNIX" not in service.get("RestrictAddressFamilies", ["AF_UNIX"])[0]:
        yield "cannot tell that it is ready: AF_UNIX is not allowed"
    if not service.get("ExecStart", [""])[0].startswith("/"):
        yield "its ExecStart is no absolute path"


def socket_problems(text):
    socket = unit_sections(text).get("Socket", {})
    if not socket.get("ListenStream"):
        yield "has no ListenStream="
    if socket.get("Accept", ["no"]) != ["no"]:
        yield "starts a process for each call: Accept must be no"


def verify_problems(units, program):
    """What systemd itself says, where it is installed; the program stands in for the installed one."""
    if not shutil.which("systemd-analyze"):
        return
    with tempfile.TemporaryDirectory() as folder:
        for unit in units:
            text = re.sub(r"(?m)^Documentation=.*\n", "", unit.read_text(encoding="utf-8"))
            (pathlib.Path(folder) / unit.name).write_text(text.replace("/usr/local/bin/aigw", str(program)))
        paths = sorted(str(path) for path in pathlib.Path(folder).iterdir())
        done = subprocess.run(["systemd-analyze", "verify", *paths], capture_output=True, text=True, check=False)
        yield from (line for line in done.stderr.splitlines() if "aigw." in line)


# ── all of it ───────────────────────────────────────────────────────────────

def problems(root, program=None):
    examples = root / "examples"
    dockerfile = (examples / "docker/Dockerfile").read_text(encoding="utf-8")
    found = [f"Dockerfile: {p}" for p in [*dockerfile_problems(dockerfile), *copied_problems(root, dockerfile)]]
    documents = []
    for path in sorted((examples / "kubernetes").glob("*.yaml")):
        try:
            documents += plain_yaml.documents(path.read_text(encoding="utf-8"))
        except plain_yaml.Wrong as wrong:
            found.append(f"{path.name}:{wrong}")
    found += kubernetes_problems(documents)
    try:
        compose = plain_yaml.documents((examples / "docker/compose.yaml").read_text(encoding="utf-8"))
        found += [f"compose.yaml: {p}" for p in compose_problems(compose[0])]
    except plain_yaml.Wrong as wrong:
        found.append(f"compose.yaml:{wrong}")
    units = [examples / "systemd/aigw.service", examples / "systemd/aigw.socket"]
    found += [f"aigw.service: {p}" for p in service_problems(units[0].read_text(encoding="utf-8"))]
    found += [f"aigw.socket: {p}" for p in socket_problems(units[1].read_text(encoding="utf-8"))]
    if program:
        found += config_problems(documents, program)
        found += verify_problems(units, program)
        listed = packages((examples / "docker/runtime-packages.txt").read_text(encoding="utf-8"))
        linked = library_packages(program)
        if linked is not None and linked != listed - {"ca-certificates"}:
            found.append(f"runtime-packages.txt: differs from what the program is linked with: {sorted(linked)}")
    return found


if __name__ == "__main__":
    PROGRAM = pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else None
    sys.exit(tree.report("examples", problems(tree.ROOT, PROGRAM)))

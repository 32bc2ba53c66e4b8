"""The rows of the comparison: how each proxy is configured and started.

Every proxy has one worker on one core, keeps connections to the upstream alive, and writes no access log unless that is
what its row is about. `Place` says where a proxy runs and what stands behind it; a row turns that into a `Launch`.
"""

import dataclasses
import pathlib
import subprocess

import calls
import certificates
import processes

FOLDER = pathlib.Path(__file__).resolve().parent
PORTKEY = FOLDER / "portkey"
PORTKEY_START = PORTKEY / "node_modules/@portkey-ai/gateway/build/start-server.js"
MOST_CONNECTIONS = 20000


@dataclasses.dataclass(frozen=True)
class Place:
    folder: pathlib.Path             # the row's own, empty at first
    aigw: pathlib.Path
    port: int
    upstream_port: int
    certificates: certificates.Certificates
    is_tls_in: bool = False
    is_tls_out: bool = False

    @property
    def upstream(self):
        return f"http{'s' if self.is_tls_out else ''}://127.0.0.1:{self.upstream_port}"

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path


@dataclasses.dataclass(frozen=True)
class Launch:
    command: list
    environment: dict = dataclasses.field(default_factory=dict)
    headers: tuple = ()              # that callers of this proxy send beside their key


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    launch: object                   # Place -> Launch
    binary: object                   # Place -> path of the program
    ready_path: str = "/health/ready"
    refusal_path: str = calls.PATH   # where a caller with a wrong key is refused
    is_ours: bool = False
    absent: object = lambda: None    # why this row cannot run here; None when it can


# ── nginx ────────────────────────────────────────────────────────────────────

def nginx(place):
    listen = f"127.0.0.1:{place.port}{' ssl' if place.is_tls_in else ''} backlog=4096"
    certificate = f"""
        ssl_certificate {place.certificates.server_certificate};
        ssl_certificate_key {place.certificates.server_key};""" if place.is_tls_in else ""
    verify = f"""
            proxy_ssl_verify on;
            proxy_ssl_trusted_certificate {place.certificates.authority};
            proxy_ssl_name localhost;""" if place.is_tls_out else ""
    path = place.write("nginx.conf", f"""
daemon off;
worker_processes 1;
worker_rlimit_nofile {MOST_CONNECTIONS};
pid {place.folder}/nginx.pid;
error_log stderr error;
events {{ worker_connections {MOST_CONNECTIONS}; }}
http {{
    access_log off;
    client_body_temp_path {place.folder}/body;
    proxy_temp_path {place.folder}/proxy;
    fastcgi_temp_path {place.folder}/fastcgi;
    uwsgi_temp_path {place.folder}/uwsgi;
    scgi_temp_path {place.folder}/scgi;
    client_max_body_size 32m;
    client_body_buffer_size 256k;
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
    tcp_nodelay on;
    upstream vendor {{
        server 127.0.0.1:{place.upstream_port};
        keepalive 128;
        keepalive_requests 1000000000;
        keepalive_timeout 1h;
    }}
    server {{
        listen {listen};{certificate}
        location = /health/ready {{ return 200; }}
        location = /refused {{ return 401; }}
        location / {{
            proxy_pass http{'s' if place.is_tls_out else ''}://vendor;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_read_timeout 1h;{verify}
        }}
    }}
}}
""")
    return Launch([processes.program("nginx"), "-p", place.folder, "-c", path])


# ── haproxy ──────────────────────────────────────────────────────────────────

def haproxy(place):
    certificate = f" ssl crt {place.certificates.server_both}" if place.is_tls_in else ""
    verify = f" ssl verify required ca-file {place.certificates.authority}" if place.is_tls_out else ""
    path = place.write("haproxy.cfg", f"""
global
    nbthread 1
    maxconn {MOST_CONNECTIONS // 2 - 100}
defaults
    mode http
    timeout connect 10s
    timeout client 1h
    timeout server 1h
    timeout http-keep-alive 1h
    option http-no-delay
frontend callers
    bind 127.0.0.1:{place.port} backlog 4096{certificate}
    http-request return status 200 if {{ path /health/ready }}
    http-request return status 401 if {{ path /refused }}
    default_backend vendor
backend vendor
    http-reuse always
    server vendor 127.0.0.1:{place.upstream_port}{verify} pool-max-conn 128
""")
    return Launch([processes.program("haproxy"), "-db", "-f", path])


# ── aigw ─────────────────────────────────────────────────────────────────────

def server_tls(place):
    if not place.is_tls_in:
        return ""
    return f'tls = {{ cert = "{place.certificates.server_certificate}", key = "{place.certificates.server_key}" }}\n'


def refuses_tls_in(place):
    """Why `aigw check` does not take server.tls; None when it does."""
    config = place.write("probe.toml", f"[server]\n{server_tls(dataclasses.replace(place, is_tls_in=True))}")
    done = subprocess.run([place.aigw, "check", config], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return None
    return "aigw check does not take server.tls: " + done.stderr.partition(f"{config}:")[2].splitlines()[0]


def _aigw(place, settings, platform_limits=""):
    models = ", ".join(f'"{model}" = {{}}' for model in calls.MODELS)
    path = place.write("gateway.toml", f"""
[server]
listen = ["127.0.0.1:{place.port}"]
workers = 1
{server_tls(place)}
[[auth.static_keys]]
name = "bench"
key = "{calls.KEY}"

[platforms.vendor]
provider = "openai"
base_url = "{place.upstream}/v1"
api_key = "sk-vendor"
models = {{ {models} }}
{platform_limits}
[[routes]]
match = {{ model = "gpt-*" }}
to = "vendor"
{settings}
""")
    trust = {"SSL_CERT_FILE": str(place.certificates.authority)} if place.is_tls_out else {}
    return Launch([place.aigw, "serve", "-c", path], trust)


def aigw_pass(place):
    """Auth, decide, relay."""
    return _aigw(place, """
[log]
level = "off"

[metrics]
enabled = false

[pricing]
catalog = "none"
""")


def aigw_full(place):
    """And limits of requests and of exactly counted tokens that never refuse, the price of the vendor's usage, a line of JSON in a log file, metrics."""
    return _aigw(place, """
[[limits]]
name = "per-key"
by = "key"
rpm = 1000000000
tpm = 1000000000

[log]
level = "info"
format = "json"

[metrics]
enabled = true

[pricing]
catalog = "builtin"
""", "limits = { rpm = 999999999 }\n")


# ── Portkey ──────────────────────────────────────────────────────────────────

def portkey(place):
    return Launch([processes.program("node"), PORTKEY_START, f"--port={place.port}", "--headless"],
                  {"NODE_ENV": "production", "TRUSTED_CUSTOM_HOSTS": "127.0.0.1,localhost"},
                  ("x-portkey-provider: openai", f"x-portkey-custom-host: {place.upstream}/v1"))


def portkey_absent():
    return None if PORTKEY_START.is_file() else "npm could not install it here"


ROWS = (
    Row("nginx", nginx, lambda place: processes.program("nginx"), refusal_path="/refused"),
    Row("haproxy", haproxy, lambda place: processes.program("haproxy"), refusal_path="/refused"),
    Row("aigw pass", aigw_pass, lambda place: place.aigw, is_ours=True),
    Row("aigw full", aigw_full, lambda place: place.aigw, is_ours=True),
    Row("portkey", portkey, lambda place: None, ready_path="/", absent=portkey_absent),
)
DIRECT = "direct"                    # the upstream without a proxy


def named(name):
    return next(row for row in ROWS if row.name == name)

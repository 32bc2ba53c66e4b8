"""A certificate authority of the run's own, and a server's certificate signed by it."""

import dataclasses
import pathlib
import ssl
import subprocess

import processes

NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1"


@dataclasses.dataclass(frozen=True)
class Certificates:
    authority: pathlib.Path
    server_certificate: pathlib.Path
    server_key: pathlib.Path
    server_both: pathlib.Path           # haproxy wants certificate and key in one file

    def client_context(self):
        return ssl.create_default_context(cafile=str(self.authority))


def _openssl(*arguments):
    subprocess.run([processes.program("openssl"), *map(str, arguments)], check=True, capture_output=True)


def make(folder):
    """P-256 keys, as public servers have them."""
    ca_key, ca = folder / "ca.key", folder / "ca.pem"
    key, request, certificate, both = (folder / name for name in ("server.key", "server.csr", "server.pem", "both.pem"))
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    _openssl("req", "-x509", *curve, "-keyout", ca_key, "-out", ca, "-days", "2", "-subj", "/CN=bench authority")
    _openssl("req", *curve, "-keyout", key, "-out", request, "-subj", "/CN=localhost")
    extensions = folder / "server.ext"
    extensions.write_text(NAMES, encoding="utf-8")
    _openssl("x509", "-req", "-in", request, "-CA", ca, "-CAkey", ca_key, "-CAcreateserial", "-days", "2",
             "-extfile", extensions, "-out", certificate)
    both.write_bytes(certificate.read_bytes() + key.read_bytes())
    return Certificates(ca, certificate, key, both)

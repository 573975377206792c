"""The proxies of `build/server/` with the real programs: their examples, moved to free ports.

An example is used as it stands in the repository; only what a person would put in (name, ports,
certificate) is replaced, so that an example that does not work fails here.
"""

import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

EXAMPLES: Final = Path(__file__).parents[2] / "build" / "server"
HOST: Final = (
    "127.0.0.2"  # a second name of this computer, to which the environment applies in full
)
TRIES: Final = 200
TRY_S: Final = 0.1


@dataclass(frozen=True)
class Proxy:
    """A running proxy: its address, and the certificate to trust."""

    url: str
    certificate: Path

    def client(self) -> httpx.Client:
        """A client that trusts this proxy alone."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        return httpx.Client(base_url=self.url, verify=context, timeout=60)


@contextmanager
def nginx(folder: Path, upstream_port: int) -> Iterator[Proxy]:
    """Run nginx with the example in front of a server."""
    certificate, key, port = _certificate(folder), folder / "key.pem", _free_port()
    site = _rendered(
        "nginx.conf",
        {
            "127.0.0.1:8787": f"127.0.0.1:{upstream_port}",
            "listen 443 ssl": f"listen {HOST}:{port} ssl",
            "cairn.example.org": HOST,
            "/etc/ssl/certs/cairn.pem": str(certificate),
            "/etc/ssl/private/cairn.key": str(key),
        },
    )
    (folder / "site.conf").write_text(site)
    temporary = "\n".join(
        f"{kind}_temp_path {folder / kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = folder / "nginx.conf"
    whole.write_text(
        f"daemon off;\nmaster_process off;\npid {folder / 'nginx.pid'};\n"
        f"error_log {folder / 'error.log'};\nevents {{}}\n"
        f"http {{\naccess_log off;\n{temporary}\ninclude {folder / 'site.conf'};\n}}\n"
    )
    command = ["nginx", "-e", str(folder / "error.log"), "-p", str(folder), "-c", str(whole)]
    with _running(command, folder, Proxy(f"https://{HOST}:{port}", certificate)) as proxy:
        yield proxy


@contextmanager
def caddy(folder: Path, upstream_port: int) -> Iterator[Proxy]:
    """Run Caddy with the example in front of a server; the certificate is given to it here."""
    certificate, port = _certificate(folder), _free_port()
    site = _rendered(
        "Caddyfile",
        {
            "127.0.0.1:8787": f"127.0.0.1:{upstream_port}",
            "cairn.example.org {": f"https://{HOST}:{port} {{\n\tbind {HOST}\n"
            f"\ttls {certificate} {folder / 'key.pem'}",
        },
    )
    quiet = "{\n\tadmin off\n\tauto_https disable_redirects\n}\n"
    config = folder / "Caddyfile"
    config.write_text(quiet + site)
    command = ["caddy", "run", "--adapter", "caddyfile", "--config", str(config)]
    with _running(command, folder, Proxy(f"https://{HOST}:{port}", certificate)) as proxy:
        yield proxy


PROXIES: Final[dict[str, Callable[[Path, int], AbstractContextManager[Proxy]]]] = {
    "nginx": nginx,
    "caddy": caddy,
}


def _rendered(example: str, replaced: dict[str, str]) -> str:
    text = "\n".join(
        line
        for line in (EXAMPLES / example).read_text().splitlines()
        if not line.lstrip().startswith("#")
    )
    for old, new in replaced.items():
        assert old in text, f"{example} has no {old!r} any more"
        text = text.replace(old, new)
    return text + "\n"


def _certificate(folder: Path) -> Path:
    """Make a certificate for this computer, beside its key `key.pem`."""
    folder.mkdir(parents=True, exist_ok=True)
    certificate = folder / "cert.pem"
    command = [
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
        *("-nodes", "-days", "2", "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=IP:{HOST}"),
        *("-keyout", str(folder / "key.pem"), "-out", str(certificate)),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return certificate


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind((HOST, 0))
        port: int = sock.getsockname()[1]
        return port


@contextmanager
def _running(command: list[str], folder: Path, proxy: Proxy) -> Iterator[Proxy]:
    """Run a proxy until the block ends; it is there once Cairn answers through it."""
    with (folder / "output.log").open("wb") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={"PATH": "/usr/bin:/usr/sbin:/bin:/sbin", "HOME": str(folder)},
        )
    try:
        _wait_until_ready(process, proxy, folder)
        yield proxy
    finally:
        process.terminate()
        process.wait(30)


def _wait_until_ready(process: "subprocess.Popen[bytes]", proxy: Proxy, folder: Path) -> None:
    ended = "is still running"
    with proxy.client() as client:
        for _ in range(TRIES):
            try:
                if client.get("/healthz").status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                pass  # not yet
            try:
                ended = f"ended with {process.wait(TRY_S)}"
                break
            except subprocess.TimeoutExpired:
                pass
    logs = "\n".join(p.read_text() for p in sorted(folder.glob("*.log")))
    raise AssertionError(f"the proxy {ended}, and Cairn did not answer through it:\n{logs}")

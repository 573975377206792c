"""A real Prometheus with the rules of `build/monitoring/`, which scrapes a server every second."""

import json
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

MONITORING: Final = Path(__file__).parents[2] / "build" / "monitoring"
HOST: Final = "127.0.0.1"
TRIES: Final = 200
TRY_S: Final = 0.2


@dataclass(frozen=True)
class Prometheus:
    """A running Prometheus."""

    client: httpx.Client
    process: "subprocess.Popen[bytes]"
    log: Path

    def get(self, path: str, **params: str) -> Any:
        """Ask its API; give back the data, or fail with what it says."""
        answer = self.client.get(f"/api/v1/{path}", params=params)
        said = answer.json()
        assert said["status"] == "success", said
        return said["data"]

    def value(self, expression: str) -> float | None:
        """The one sample of an instant query; None while there is none."""
        found = self.get("query", query=expression)["result"]
        return float(found[0]["value"][1]) if found else None

    def wait_for(self, what: str, is_so: Callable[[], bool]) -> None:
        """Ask again until something is so; fails once Prometheus ends, or after 40 s."""
        ended = "is still running"
        for _ in range(TRIES):
            try:
                if is_so():
                    return
            except httpx.TransportError:
                pass  # it is not up yet
            try:
                ended = f"ended with {self.process.wait(TRY_S)}"
                break
            except subprocess.TimeoutExpired:
                pass
        raise AssertionError(f"never came to be: {what}; it {ended}:\n{self.log.read_text()}")


@contextmanager
def prometheus(folder: Path, server_port: int) -> Iterator[Prometheus]:
    """Run a Prometheus until the block ends.

    Args:
        folder: where it keeps everything.
        server_port: of the server that it scrapes, on this computer.
    """
    folder.mkdir()
    port, config, log = _free_port(), folder / "prometheus.yml", folder / "output.log"
    settings = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(MONITORING / "alerts.yml")],
        "scrape_configs": [
            {"job_name": "cairn", "static_configs": [{"targets": [f"{HOST}:{server_port}"]}]}
        ],
    }
    config.write_text(json.dumps(settings))  # JSON is YAML
    command = [
        *("prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}"),
        f"--web.listen-address={HOST}:{port}",
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        )
    try:
        with httpx.Client(base_url=f"http://{HOST}:{port}", timeout=20, trust_env=False) as client:
            yield Prometheus(client, process, log)
    finally:
        process.terminate()
        process.wait(30)


def promtool(*words: str, given: bytes | None = None) -> str:
    """Run promtool; give back what it says, or fail with that."""
    done = subprocess.run(
        ["promtool", *words], input=given, capture_output=True, timeout=60, check=False
    )
    said = (done.stdout + done.stderr).decode()
    assert done.returncode == 0, said
    return said


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind((HOST, 0))
        port: int = sock.getsockname()[1]
        return port

"""What cannot be used gets one line on stderr, exit code 2, no traceback, and nothing half-written."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import conformance
from conformance.target import parse_base_url
from tests.runs.running import Ran, suite

KEY = {"NEO_API_KEY": "neo_sk_test_0123456789"}
SOMEWHERE = "http://127.0.0.1:9"


def one_line(ran: Ran, *words: str) -> None:
    assert ran.code == 2, ran.out + ran.err
    lines = ran.err.strip().splitlines()
    assert len(lines) == 1, ran.err
    assert lines[0].startswith("neo-conformance: ")
    assert "Traceback" not in ran.out + ran.err
    for word in words:
        assert word in lines[0], lines[0]
    assert ran.report is None
    assert "neo_sk_test_0123456789" not in ran.out + ran.err


@pytest.mark.parametrize(
    ("address", "word"),
    [
        ("127.0.0.1:8000", "http://"),
        ("ftp://127.0.0.1", "http://"),
        ("http://", "no host"),
        ("http://127.0.0.1:99999", "Port out of range"),
        ("http://127.0.0.1:8000?x=1", "query"),
        ("http://127.0.0.1:8000/#top", "fragment"),
        ("http://user:word@127.0.0.1:8000", "credentials"),
        ("http://127.0.0.1:8000/public-api", "/public-api"),
        ("http://127.0.0.1:8000/public-api/", "/public-api"),
    ],
)
def test_an_address_that_is_none(address: str, word: str, tmp_path: Path) -> None:
    ran = suite("--base-url", address, report_dir=tmp_path / "reports", environ=KEY)
    one_line(ran, word)
    assert "user:word" not in ran.out + ran.err


def test_another_path_prefix_is_allowed() -> None:
    assert parse_base_url("https://gateway.example/neo/v1/") == "https://gateway.example/neo/v1"


def test_nothing_listens(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    one_line(
        suite("--base-url", f"http://127.0.0.1:{port}", report_dir=tmp_path / "reports", environ=KEY), "nothing answers"
    )


def test_an_unknown_host(tmp_path: Path) -> None:
    ran = suite("--base-url", "https://no-such-host.invalid", report_dir=tmp_path / "reports", environ=KEY)
    one_line(ran, "nothing answers")


class _Refuses(BaseHTTPRequestHandler):
    """A server that knows no key."""

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        body = b'{"error": {"code": "UNAUTHORIZED", "message": "no"}, "meta": {"request_id": "1"}}'
        self.send_response(401)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = _answer  # noqa: N815 - the names that http.server calls

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the test's output is not the place."""


@pytest.fixture
def refusing() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Refuses)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_key_that_the_target_refuses(refusing: ThreadingHTTPServer, tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{refusing.server_address[1]}"
    one_line(
        suite("--base-url", address, report_dir=tmp_path / "reports", environ=KEY), "refuses the key", "NEO_API_KEY"
    )


def test_tls_that_cannot_be_verified(refusing: ThreadingHTTPServer, tmp_path: Path) -> None:
    certificate, key = tmp_path / "own.pem", tmp_path / "own.key"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    refusing.socket = context.wrap_socket(refusing.socket, server_side=True)
    address = f"https://localhost:{refusing.server_address[1]}"
    one_line(suite("--base-url", address, report_dir=tmp_path / "reports", environ=KEY), "cannot be verified")


@pytest.mark.parametrize(
    ("environ", "word"),
    [
        ({}, "is not set"),
        ({"NEO_API_KEY": ""}, "is empty"),
        ({"NEO_API_KEY": "neo sk"}, "white space"),
        ({"NEO_API_KEY": "neo_sk\n"}, "line break"),
        ({"NEO_API_KEY": "neo_sk_\u00e9"}, "header cannot carry"),
        ({**KEY, "NEO_OTHER_API_KEY": " "}, "NEO_OTHER_API_KEY"),
    ],
)
def test_a_key_that_is_none(environ: dict[str, str], word: str, tmp_path: Path) -> None:
    one_line(suite("--base-url", SOMEWHERE, report_dir=tmp_path / "reports", environ=environ), word)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--level", "maybe"),
        ("--agent-id", "x"),
        ("--agent-id", "-1"),
        ("--max-turns", "0"),
        ("--turn-timeout", "nan"),
        ("--turn-timeout", "0"),
        ("--fuzz-examples", "many"),
        ("--fuzz-turns", "-1"),
        ("--replay", "/no/such/recording.json"),
    ],
)
def test_an_option_value_that_is_none(arguments: tuple[str, str], tmp_path: Path) -> None:
    # The "=": a value that begins with a dash would be read as an option otherwise.
    one_line(suite("=".join(arguments), report_dir=tmp_path / "reports"), arguments[1].rpartition("/")[2])


def test_a_report_directory_that_cannot_be_written(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder", encoding="utf-8")
    one_line(suite(report_dir=blocked / "reports", cwd=tmp_path), "--report-dir")
    assert blocked.read_text(encoding="utf-8") == "not a folder"


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("requirements.yaml", None, "missing"),
        ("requirements.yaml", "requirements: [", "not YAML"),
        ("requirements.yaml", "requirements: []", "damaged"),
        ("openapi.yaml", "[]", "OpenAPI"),
    ],
)
def test_a_spec_file_that_is_missing_or_damaged(name: str, content: str | None, word: str, tmp_path: Path) -> None:
    """On a copy of the package: the checkout's own files stay as they are."""
    package = Path(conformance.__file__).parent
    copy = tmp_path / "copy"
    shutil.copytree(package, copy / "conformance", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(package.parent / "spec", copy / "conformance" / "spec")
    damaged = copy / "conformance" / "spec" / name
    damaged.unlink() if content is None else damaged.write_text(content, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "conformance", "run", "-q", "--report-dir", str(tmp_path / "reports")],
        capture_output=True,
        text=True,
        cwd=copy,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(copy)},
        timeout=60,
        check=False,
    )
    one_line(Ran(done.returncode, done.stdout, done.stderr, None), f"spec/{name}", word)


def test_an_unknown_command_and_an_unknown_option_of_the_mock(tmp_path: Path) -> None:
    for arguments in (("nonsense",), ("mock", "--nonsense"), ("mock", "--port", "x"), ("mock", "--rate-limit", "many")):
        command = [sys.executable, "-m", "conformance", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False)
        assert done.returncode == 2
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr

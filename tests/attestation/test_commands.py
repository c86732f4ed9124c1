"""The two commands as a vendor and a buyer use them: files, keys, variables, one line, and the exit codes of the README."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from conformance.attestation import keys
from conformance.attestation.command import verify
from conformance.attestation.keys import SIGNING_VARIABLE, VERIFYING_VARIABLE
from conformance.attestation.refusals import MEANINGS
from conformance.attestation.strict_json import read_bounded
from conformance.cli import main
from conformance.outcomes import BadInput
from tests.attestation.attested import Attested, set_outcome

README = Path(__file__).parents[2] / "README.md"
KEY = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def pem(key: keys.CryptoSigner | object, encryption: KeySerializationEncryption | None = None) -> bytes:
    assert hasattr(key, "private_bytes")
    done = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())
    assert isinstance(done, bytes)
    return done


def public(key: object) -> bytes:
    assert hasattr(key, "public_key")
    done = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert isinstance(done, bytes)
    return done


@pytest.fixture
def folder(good: Attested, tmp_path: Path) -> Path:
    """As the vendor has it: the run's two files, and a key."""
    (tmp_path / "conformance.json").write_bytes(good.report)
    (tmp_path / "recording.json").write_bytes(good.recording)
    (tmp_path / "key.pem").write_bytes(pem(KEY))
    (tmp_path / "key.pub").write_bytes(public(KEY))
    return tmp_path


@dataclass(frozen=True)
class Done:
    """What a command printed, and its exit code."""

    returncode: int
    stdout: str
    stderr: str


Neo = Callable[..., Done]


@pytest.fixture
def neo(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Neo:
    """The program within this process, where the digest of the suite's files stays what it was however they are edited."""

    def run(*arguments: str | Path, environ: Mapping[str, str] | None = None) -> Done:
        capsys.readouterr()
        with monkeypatch.context() as patched:
            for name in (SIGNING_VARIABLE, VERIFYING_VARIABLE):
                patched.delenv(name, raising=False)
            for name, value in (environ or {}).items():
                patched.setenv(name, value)
            patched.setattr(sys, "argv", ["neo-conformance", *map(str, arguments)])
            with pytest.raises(SystemExit) as ended:
                main()
        out, err = capsys.readouterr()
        return Done(int(ended.value.code or 0), out, err)

    return run


def test_the_vendor_signs_and_the_buyer_checks(neo: Neo, folder: Path) -> None:
    signed = neo("attest", folder / "conformance.json", "--key", folder / "key.pem")
    assert (signed.returncode, signed.stderr) == (0, "")
    assert "PRIVATE" not in signed.stdout
    file = folder / "attestation.json"
    checked = neo("verify", file, "--key", folder / "key.pub", "--rejudge", folder / "recording.json")
    assert (checked.returncode, checked.stderr) == (0, "")
    assert checked.stdout.startswith("genuine: conformant")
    assert "FUZZ-01, FUZZ-02, which no recording shows" in checked.stdout
    assert checked.stdout.count("\n") == 1
    file.write_bytes(file.read_bytes().replace(b"A", b"B", 1))
    refused = neo("verify", file, environ={VERIFYING_VARIABLE: public(KEY).decode()})
    assert (refused.returncode, refused.stdout) == (4, "")
    assert refused.stderr.count("\n") == 1


def test_the_keys_come_from_the_environment_too(neo: Neo, folder: Path) -> None:
    environ = {SIGNING_VARIABLE: pem(KEY).decode(), VERIFYING_VARIABLE: public(KEY).decode()}
    out = folder / "elsewhere.json"
    assert neo("attest", folder / "conformance.json", "--out", out, environ=environ).returncode == 0
    assert neo("verify", out, environ=environ).returncode == 0


def test_a_broken_target_is_exit_1(neo: Neo, broken: Attested, folder: Path) -> None:
    (folder / "conformance.json").write_bytes(broken.report)
    (folder / "recording.json").write_bytes(broken.recording)
    assert neo("attest", folder / "conformance.json", "--key", folder / "key.pem").returncode == 0
    checked = neo("verify", folder / "attestation.json", "--key", folder / "key.pub")
    assert (checked.returncode, checked.stderr) == (1, "")
    assert checked.stdout.startswith("genuine: nonconformant")


def test_what_was_not_tested_is_exit_1_too(neo: Neo, good: Attested, folder: Path) -> None:
    """A gate wants `conformant`: what is genuine and incomplete is not it."""
    incomplete = good.with_report(set_outcome("FUZZ-02", "untested"))
    (folder / "conformance.json").write_bytes(incomplete.report)
    (folder / "attestation.json").write_bytes(incomplete.attestation)
    checked = neo("verify", folder / "attestation.json", "--key", folder / "key.pub")
    assert (checked.returncode, checked.stderr) == (1, "")
    assert checked.stdout.startswith("genuine: incomplete")


def test_another_target_than_the_buyers_is_refused(neo: Neo, good: Attested, folder: Path) -> None:
    (folder / "attestation.json").write_bytes(good.attestation)
    line = ("verify", folder / "attestation.json", "--key", folder / "key.pub", "--target")
    target = json.loads(good.report)["target"]
    assert neo(*line, f"{target}/").returncode == 0
    refused = neo(*line, "https://api.example.net")
    assert (refused.returncode, refused.stdout) == (9, "")
    assert refused.stderr == f"neo-conformance: genuine, but of another target: {target}\n"


def test_what_does_not_follow_from_its_recording_is_not_signed(neo: Neo, broken: Attested, folder: Path) -> None:
    """An edited report, made consistent: the vendor's own tool does not sign it by mistake."""
    value = json.loads(broken.report)
    set_outcome("CUR-01", "passed")(value)
    (folder / "conformance.json").write_text(json.dumps(value))
    (folder / "recording.json").write_bytes(broken.recording)
    done = neo("attest", folder / "conformance.json", "--key", folder / "key.pem")
    assert (done.returncode, done.stdout) == (7, "")
    assert "not signed: CUR-01 is attested passed" in done.stderr
    assert not (folder / "attestation.json").exists()


def test_without_a_key_nothing_is_believed(neo: Neo, folder: Path) -> None:
    assert neo("attest", folder / "conformance.json", "--key", folder / "key.pem").returncode == 0
    for environ in ({}, {VERIFYING_VARIABLE: "  "}):
        done = neo("verify", folder / "attestation.json", environ=environ)
        assert (done.returncode, done.stdout) == (2, "")
        assert "no key was given" in done.stderr


@pytest.mark.parametrize("absent", ["conformance.json", "recording.json", "attestation.json"])
def test_a_file_that_is_not_there_is_one_line(neo: Neo, folder: Path, absent: str) -> None:
    assert neo("attest", folder / "conformance.json", "--key", folder / "key.pem").returncode == 0
    (folder / absent).unlink()
    done = neo("verify", folder / "attestation.json", "--key", folder / "key.pub")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"neo-conformance: '{absent}': No such file or directory\n"


@pytest.mark.parametrize(
    "other",
    [
        ec.generate_private_key(ec.SECP256R1()),
        rsa.generate_private_key(65537, 2048),
        ed448.Ed448PrivateKey.generate(),
        x25519.X25519PrivateKey.generate(),
    ],
    ids=["ecdsa", "rsa", "ed448", "x25519"],
)
def test_a_key_of_another_algorithm_is_refused(other: object, tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(public(other))
    with pytest.raises(BadInput, match="another algorithm"):
        keys.verifying_key(path, {})
    path.write_bytes(pem(other))
    with pytest.raises(BadInput, match="another algorithm"):
        keys.signer(path, {})


def test_a_key_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    for content in (
        b"",
        b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        b"\x00" * 100,
        public(KEY)[:60],
    ):
        path.write_bytes(content)
        with pytest.raises(BadInput, match="no public key"):
            keys.verifying_key(path, {})
        with pytest.raises(BadInput, match="no private key"):
            keys.signer(path, {})
    path.write_bytes(pem(KEY, BestAvailableEncryption(b"word")))
    with pytest.raises(BadInput, match="encrypted"):
        keys.signer(path, {})
    path.write_bytes(pem(KEY))
    with pytest.raises(BadInput, match="is a private key"):
        keys.verifying_key(path, {})
    path.write_bytes(b"x" * 20_000)
    with pytest.raises(BadInput, match="larger than it can be"):
        keys.signer(path, {})


def test_as_a_program_it_is_the_same(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "conformance", "verify", str(tmp_path / "no.json"), "--key", str(tmp_path / "no.pub")]
    done = subprocess.run(line, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "neo-conformance: 'no.pub': No such file or directory\n"


def test_two_recordings_are_one_too_many() -> None:
    done = CliRunner().invoke(verify, ["x", "--recording", "a", "--rejudge", "b"])
    assert isinstance(done.exception, BadInput)


def test_a_file_larger_than_its_bound_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 11)
    assert read_bounded(path, 11) == b"x" * 11
    with pytest.raises(BadInput, match="larger than it can be"):
        read_bounded(path, 10)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadInput, match="not a file"):
        read_bounded(tmp_path / "pipe", 10)


def test_readme_and_help_name_every_exit_code() -> None:
    shown = CliRunner().invoke(verify, ["--help"]).output
    readme = README.read_text(encoding="utf-8")
    for code, meaning in MEANINGS.items():
        assert f"{code}  {meaning}" in shown
        assert f"| {code} | {meaning} |" in readme

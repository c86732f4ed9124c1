"""ed25519 keys in PEM, from a file or from the environment. A key is read, never written and never shown."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from securesystemslib.signer import CryptoSigner, SSlibKey  # type: ignore[attr-defined]  # it names no exports

from conformance.attestation.refusals import Unusable
from conformance.attestation.strict_json import read_bounded

__all__ = ["SIGNING_VARIABLE", "VERIFYING_VARIABLE", "CryptoSigner", "SSlibKey", "signer", "verifying_key"]

SIGNING_VARIABLE: Final = "NEO_CONFORMANCE_SIGNING_KEY"
"""Holds the private key itself, in PEM: so a secret of a CI need not become a file."""
VERIFYING_VARIABLE: Final = "NEO_CONFORMANCE_VERIFYING_KEY"
"""Holds the public key itself, in PEM."""
MAX_KEY_BYTES: Final = 16 * 1024

_WANTED: Final = "an ed25519 key in PEM is needed (openssl genpkey -algorithm ed25519)"


def signer(path: Path | None, environ: Mapping[str, str]) -> CryptoSigner:
    """Who signs. ``path``: the file of the private key; None: the variable has it.

    :raises Unusable: there is no key, it is encrypted, no private key, or none of ed25519.
    """
    content, name = _given(path, environ, SIGNING_VARIABLE)
    try:
        key = load_pem_private_key(content, password=None)
    except TypeError:
        raise Unusable(f"{name} is encrypted; the key has to be given as it is used") from None
    except (ValueError, UnsupportedAlgorithm):
        raise Unusable(f"{name} is no private key: {_WANTED}") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise Unusable(f"{name} is a key of another algorithm: {_WANTED}")
    return CryptoSigner(key)


def verifying_key(path: Path | None, environ: Mapping[str, str]) -> SSlibKey:
    """Whose signature is believed: a key from outside, for an attestation that brought its own would prove nothing.

    :raises Unusable: there is no key, it is no public key, or none of ed25519.
    """
    content, name = _given(path, environ, VERIFYING_VARIABLE)
    if b"PRIVATE KEY" in content:
        raise Unusable(f"{name} is a private key: who checks needs the public one, and nobody else the private one")
    try:
        key = load_pem_public_key(content)
    except (ValueError, UnsupportedAlgorithm):
        raise Unusable(f"{name} is no public key (openssl pkey -in KEY -pubout)") from None
    if not isinstance(key, Ed25519PublicKey):
        raise Unusable(f"{name} is a key of another algorithm: an ed25519 key in PEM is needed")
    return SSlibKey.from_crypto(key)


def _given(path: Path | None, environ: Mapping[str, str], variable: str) -> tuple[bytes, str]:
    if path is not None:
        return read_bounded(path, MAX_KEY_BYTES), repr(path.name)
    text = environ.get(variable, "")
    if not text.strip():
        raise Unusable(f"no key was given: --key FILE, or the key in {variable}")
    if len(text) > MAX_KEY_BYTES:
        raise Unusable(f"{variable} is larger than a key ({MAX_KEY_BYTES} bytes)")
    return text.encode("utf-8", "replace"), variable

"""The DSSE envelope: a statement, its type, and one signature over both (https://github.com/secure-systems-lab/dsse)."""

from __future__ import annotations

import base64
import binascii
from typing import Any, Final

from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError

from conformance.attestation.keys import CryptoSigner, SSlibKey
from conformance.attestation.refusals import EXIT_SIGNATURE, Refused, Unusable
from conformance.attestation.strict_json import canonical, parse_canonical

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
MAX_ENVELOPE_BYTES: Final = 1024 * 1024
"""A statement about a hundred requirements has ten thousand."""


def sign(payload: bytes, signer: CryptoSigner) -> bytes:
    """The file of an attestation: one line of canonical JSON."""
    envelope = Envelope(payload, PAYLOAD_TYPE, {})
    envelope.sign(signer)
    return canonical(envelope.to_dict()) + b"\n"


def open_envelope(content: bytes, key: SSlibKey) -> bytes:
    """The payload of an envelope that ``key`` has signed. Nothing of the payload is looked at before the signature is good.

    :raises Unusable: it is no envelope of ours, or not byte for byte the one that was written.
    :raises Refused: another key signed it, or it was changed afterwards.
    """
    value = _of_our_form(content)
    envelope = Envelope.from_dict(value)
    try:
        envelope.verify([key], threshold=1)
    except VerificationError:
        named = next(iter(envelope.signatures))
        if named != key.keyid:
            line = f"signed by an unknown key: it names {named[:16]}, and the key given is {key.keyid[:16]}"
            raise Refused(EXIT_SIGNATURE, line) from None
        raise Refused(EXIT_SIGNATURE, "the signature is not that key's over this content: it was changed") from None
    return envelope.payload


def _of_our_form(content: bytes) -> dict[str, Any]:
    """The envelope as JSON values, as `Envelope.from_dict` takes them; that reads more forms than one, so they are
    refused here: base64 in another alphabet or with bits to spare, a second signature, further fields."""
    if not content.endswith(b"\n"):
        raise Unusable("the attestation is cut off: its last byte is missing")
    value = parse_canonical(content[:-1], "the attestation")
    if not isinstance(value, dict) or set(value) != {"payload", "payloadType", "signatures"}:
        raise Unusable("the attestation is not a DSSE envelope: payload, payloadType and signatures, and nothing else")
    if value["payloadType"] != PAYLOAD_TYPE:
        raise Unusable(f"the attestation is of another type than {PAYLOAD_TYPE}")
    signatures = value["signatures"]
    if not isinstance(signatures, list) or len(signatures) != 1:
        raise Unusable("the attestation has to have one signature")
    signature = signatures[0]
    if not isinstance(signature, dict) or set(signature) != {"keyid", "sig"}:
        raise Unusable("the signature of the attestation has another form: keyid and sig, and nothing else")
    if not isinstance(signature["keyid"], str) or len(signature["keyid"]) > 200:
        raise Unusable("the attestation names its key in another form")
    _base64(value["payload"], "payload")
    _base64(signature["sig"], "signature")
    return value


def _base64(text: Any, what: str) -> None:
    try:
        exact = isinstance(text, str) and base64.b64encode(base64.b64decode(text, validate=True)).decode() == text
    except (binascii.Error, ValueError):
        exact = False
    if not exact or not text:
        raise Unusable(f"the {what} of the attestation is no base64")

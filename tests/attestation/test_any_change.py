"""Any byte of an attestation, and any value of its statement: whatever is changed is refused."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from conformance.attestation.envelope import sign
from conformance.attestation.refusals import EXIT_FILES, EXIT_OTHER_SUITE, EXIT_SIGNATURE
from conformance.attestation.strict_json import canonical
from conformance.outcomes import EXIT_BAD_INPUT
from tests.attestation.attested import SIGNER, Attested
from tests.attestation.changing import put, refused, take


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_changed_byte_of_the_payload_is_a_changed_signature(good: Attested, data: st.DataObject) -> None:
    content = bytearray(base64.b64decode(good.envelope["payload"]))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    changed = good.with_envelope(put("payload", value=base64.b64encode(bytes(content)).decode()))
    assert refused(changed) == EXIT_SIGNATURE


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_changed_byte_of_the_file_is_refused(good: Attested, data: st.DataObject) -> None:
    content = bytearray(good.attestation)
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    assert refused(replace(good, attestation=bytes(content))) in (EXIT_BAD_INPUT, EXIT_SIGNATURE)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=400))
def test_whatever_is_signed_that_is_no_statement_is_refused(good: Attested, content: bytes) -> None:
    assert refused(replace(good, attestation=sign(content or b" ", SIGNER))) == EXIT_BAD_INPUT


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=3,
)


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The path of everything within a value."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [one for step, inner in steps for one in ((*path, step), *places(inner, (*path, step)))]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_changed_value_of_the_statement_is_refused_though_signed_again(good: Attested, data: st.DataObject) -> None:
    value = good.statement
    path = data.draw(st.sampled_from(places(value)))
    change = take(*path) if data.draw(st.booleans()) else put(*path, value=data.draw(JSON_VALUES))
    change(value)
    assume(canonical(value) != canonical(good.statement))
    code = refused(replace(good, attestation=sign(canonical(value), SIGNER)))
    assert code in (EXIT_BAD_INPUT, EXIT_FILES, EXIT_OTHER_SUITE)

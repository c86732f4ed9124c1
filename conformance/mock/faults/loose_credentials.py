"""A credential that is read too kindly (AUTH-01)."""

from __future__ import annotations

from dataclasses import replace

from conformance.mock.accounts import MOCK_KEYS, Account
from conformance.mock.behaviour import Behaviour
from conformance.mock.faults.registry import fault


@fault("AUTH-01", mistake="header.split()[1]: whatever stands behind the key is not looked at")
def words_behind_the_key(server: Behaviour) -> Behaviour:
    """A key is good with any words behind it."""

    def account_of(authorization: list[bytes]) -> Account | None:
        return server.account_of([b" ".join(value.split()[:2]) for value in authorization])

    return replace(server, account_of=account_of)


@fault("AUTH-01", mistake="a column of keys whose collation does not tell cases apart")
def key_in_any_case(server: Behaviour) -> Behaviour:
    """A key is known in capitals as in small letters."""

    def account_of(authorization: list[bytes]) -> Account | None:
        for key in MOCK_KEYS.values():
            if [value.lower() for value in authorization] == [f"bearer {key}".lower().encode()]:
                return server.account_of([f"Bearer {key}".encode()])
        return server.account_of(authorization)

    return replace(server, account_of=account_of)

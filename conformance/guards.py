"""What a run may not do unless it is told to: checked before the first request, so that a slip costs nothing."""

from __future__ import annotations

from urllib.parse import urlsplit

from conformance.outcomes import BadInput
from conformance.target import KEY_VARIABLE, OTHER_KEY_VARIABLE, Target

PRODUCTION_HOSTS = frozenset({"api.neoagent.io"})
"""The documented address of the API (contract G1)."""
PRODUCTION_MARK = "prod"
"""The environment within a key, ``neo_sk_prod_…`` (contract G3)."""


def guard(target: Target, *, allow_production: bool, allow_http: bool) -> None:
    """Refuse what may cost money, or give a key away, unless the user has said that it is meant.

    :raises BadInput: the target is production and that was not allowed; or a key would go over plain http to another
        machine, and that was not allowed.
    """
    if not allow_production:
        _no_production(target)
    if not allow_http and urlsplit(target.base_url).scheme == "http" and not target.on_loopback:
        raise BadInput(
            f"{target.base_url} is plain http on another machine: anyone between could read the key; "
            "--allow-http sends it all the same"
        )


def _no_production(target: Target) -> None:
    host = (urlsplit(target.base_url).hostname or "").rstrip(".").lower()
    if host in PRODUCTION_HOSTS:
        raise BadInput(f"{host} is production: every turn there costs; --allow-production runs on it all the same")
    for variable, key in ((KEY_VARIABLE, target.api_key), (OTHER_KEY_VARIABLE, target.other_key)):
        if key is not None and PRODUCTION_MARK in key.lower():
            raise BadInput(
                f'the key in {variable} has "{PRODUCTION_MARK}" in it: it seems to be one of production; '
                "--allow-production runs with it all the same"
            )

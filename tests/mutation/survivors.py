"""The list of survivors: each with the reason why no test has to notice it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import yaml

LIST = Path(__file__).with_name("survivors.yaml")


def listed() -> dict[str, str]:
    """Mutant -> reason.

    :raises ValueError: where a mutant stands twice, or without a reason.
    """
    found: dict[str, str] = {}
    for group in yaml.safe_load(LIST.read_text(encoding="utf-8")) or ():
        if not str(group.get("reason") or "").strip():
            raise ValueError(f"survivors.yaml: no reason for {group.get('mutants')}")
        for key in group["mutants"]:
            if key in found:
                raise ValueError(f"survivors.yaml: twice: {key}")
            found[key] = group["reason"]
    return found


def unlisted(survived: Collection[str], reasons: Mapping[str, str]) -> list[str]:
    return [key for key in survived if key not in reasons]


def stale(
    survived: Collection[str], tried: Collection[str], modules: Collection[str], reasons: Mapping[str, str]
) -> list[str]:
    """What is listed and need not be: killed by now, or no mutant any more of one of the modules that were tried."""
    alive = set(survived)
    known = set(tried)
    return [k for k in reasons if k.partition(" ")[0] in modules and (k not in known or k not in alive)]

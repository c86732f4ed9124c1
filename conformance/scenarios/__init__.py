"""The hand-written scenarios: each is a function of the recording that proves one sentence of the contract."""

from __future__ import annotations


def load() -> None:
    """Import every module of scenarios, so that each of them registers what it judges."""
    # Here and not above: who imports one scenario need not pay for all.
    from importlib import import_module
    from pkgutil import iter_modules

    for module in iter_modules(__path__):
        if module.name.startswith("test_"):
            import_module(f"{__name__}.{module.name}")

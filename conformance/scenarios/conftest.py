"""A fixture for each view of the recording, by the name that a scenario asks for."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.evidence import VIEWS
from conformance.session import ConformanceSession


def _fixture(name: str) -> Any:
    @pytest.fixture(scope="session", name=name)
    def view(conformance_session: ConformanceSession) -> Any:
        return conformance_session.view(name)

    return view


globals().update({f"{name}_view": _fixture(name) for name in VIEWS})

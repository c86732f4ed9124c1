"""``python -m conformance.mock``: the same command as ``neo-conformance mock``."""

from conformance.mock.command import mock

if __name__ == "__main__":
    mock(prog_name="python -m conformance.mock")

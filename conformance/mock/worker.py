"""One of several server processes: ``python -m conformance.mock.worker <descriptor of the listening socket>``.

Started by the parent only. It says one line when it serves, and ends when its standard input does.
"""

from __future__ import annotations

import os
import socket
import sys

from conformance.mock.processes import SETTINGS_VARIABLE, serve_here
from conformance.mock.settings import Settings


def main() -> None:
    """Serve on the socket that the parent passed on."""
    settings = Settings.from_json(os.environ[SETTINGS_VARIABLE])
    with socket.socket(fileno=int(sys.argv[1])) as listening:
        serve_here(settings, listening, lambda: print("ready", flush=True), until_stdin_closes=True)


if __name__ == "__main__":
    main()

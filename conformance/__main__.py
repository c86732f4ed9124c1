"""`python -m conformance` is `neo-conformance`."""

from conformance.cli import main

main()

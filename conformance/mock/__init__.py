"""Reference mock server for the chat surface of the Neo Public API.

It is the plain reading of every stated and implied fact of the contract; the open points are settled by a
:class:`~conformance.mock.policy.Policy`, so that one server can be run in each of its lawful variations.

Start it with ``python -m conformance.mock``, or inside a test with :func:`conformance.mock.embedded.running`.
Nothing is imported here: the command line has to start fast.
"""

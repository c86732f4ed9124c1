"""Side by side with a peer: stock schemathesis on the same broken and lawful servers. ``tox -e peers`` runs it."""

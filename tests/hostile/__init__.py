"""The suite against servers that mean harm."""

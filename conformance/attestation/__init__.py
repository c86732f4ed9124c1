"""A verdict that can be handed on: signed, checked against the files that it speaks of, and judged again."""

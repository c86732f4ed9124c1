"""Between the player and the wire: what a run may spend, what a target may stretch, and where a credential may go."""

"""What stands between the player and the wire."""

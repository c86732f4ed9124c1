"""What a run leaves behind: the machine-readable report, and the table at the end of the terminal."""

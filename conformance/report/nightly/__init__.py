"""Every night's run beside the one before: what changed is told in one issue of the repository that runs it."""

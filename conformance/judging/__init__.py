"""What the scenarios reason with: pure functions of exchanges, envelopes and ids. None of them knows a requirement's id."""

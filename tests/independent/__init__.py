"""A second server for the suite, written from the contract alone: what one mistake would hide in the mock shows up here."""

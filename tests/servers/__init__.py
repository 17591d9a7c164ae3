"""Real servers on loopback addresses, started for a test and gone after it."""

"""Rules of the family: one file, one rule."""

"""Fuzzing of what reads a stranger's bytes: see ``targets.py`` and ``run.py``."""

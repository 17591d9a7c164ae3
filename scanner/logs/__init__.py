"""Holding log files that an operator hands over against what a scan left behind. Files are only read; nothing is sent."""

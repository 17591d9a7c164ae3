"""The store: scans, hosts, services, probe runs and results, in SQLite or PostgreSQL."""

from scanner.store.store import ScanRecord, Store, open_store

__all__ = ["ScanRecord", "Store", "open_store"]

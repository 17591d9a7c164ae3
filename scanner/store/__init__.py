"""The store: scans, hosts, services, probe runs, results and dossiers, in SQLite or PostgreSQL."""

from scanner.store.dossiers import Dossier, Dossiers
from scanner.store.store import ScanRecord, Store, open_store

__all__ = ["Dossier", "Dossiers", "ScanRecord", "Store", "open_store"]

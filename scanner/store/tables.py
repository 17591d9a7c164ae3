"""The tables, for Alembic. A change here goes with a migration in ``migrations/versions`` and with
:data:`scanner.store.database.HEAD`; a test compares them.

Moments are stored as RFC 3339 text in UTC: they sort, and mean the same in every database.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "uq": "uq_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)


def _scan() -> Column[str]:
    return Column("scan", String(40), ForeignKey("scans.id"), nullable=False, index=True)


scans = Table(
    "scans",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("started", String(40), nullable=False, index=True),
    Column("status", String(20), nullable=False),
    Column("record", JSON, nullable=False),
)

steps = Table(
    "steps",
    metadata,
    Column("number", Integer, primary_key=True),
    _scan(),
    Column("key", Text, nullable=False),
    Column("value", JSON, nullable=False),
    UniqueConstraint("scan", "key"),
)

hosts = Table(
    "hosts",
    metadata,
    Column("number", Integer, primary_key=True),
    _scan(),
    Column("ip", String(45), nullable=False),
    Column("host", JSON, nullable=False),
    UniqueConstraint("scan", "ip"),
)

services = Table(
    "services",
    metadata,
    Column("number", Integer, primary_key=True),
    _scan(),
    Column("endpoint", String(330), nullable=False),
    Column("service", JSON, nullable=False),
    UniqueConstraint("scan", "endpoint"),
)

runs = Table(
    "runs",
    metadata,
    Column("number", Integer, primary_key=True),
    _scan(),
    Column("endpoint", String(330), nullable=False),
    Column("probe", String(40), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("run", JSON, nullable=False),
    UniqueConstraint("scan", "endpoint", "probe", "attempt"),
)

results = Table(
    "results",
    metadata,
    Column("number", Integer, primary_key=True),
    _scan(),
    Column("law_date", String(10), nullable=False),
    Column("made", String(40), nullable=False),
    Column("document", LargeBinary, nullable=False),
)

dossiers = Table(
    "dossiers",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("id", String(40), nullable=False),
    Column("opened", String(40), nullable=False),
    Column("record", JSON, nullable=False),
    UniqueConstraint("kind", "id"),
)

trail = Table(
    "trail",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("dossier", String(61), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    # Text, not JSON: what was hashed is kept as it was.
    Column("line", Text, nullable=False),
    UniqueConstraint("dossier", "seq"),
)

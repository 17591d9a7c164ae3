"""The first tables: scans, steps, hosts, services, runs, results."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _of_scan(name: str, *columns: sa.Column, unique: tuple[str, ...] = ()) -> None:  # type: ignore[type-arg]
    op.create_table(
        name,
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("scan", sa.String(40), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("number", name=f"pk_{name}"),
        sa.ForeignKeyConstraint(["scan"], ["scans.id"], name=f"fk_{name}_scans"),
        *((sa.UniqueConstraint("scan", *unique, name=f"uq_{name}"),) if unique else ()),
    )
    op.create_index(f"ix_{name}_scan", name, ["scan"])


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "scans",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("started", sa.String(40), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("record", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_scans"),
    )
    op.create_index("ix_scans_started", "scans", ["started"])
    _of_scan(
        "steps",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("value", sa.JSON, nullable=False),
        unique=("key",),
    )
    _of_scan(
        "hosts",
        sa.Column("ip", sa.String(45), nullable=False),
        sa.Column("host", sa.JSON, nullable=False),
        unique=("ip",),
    )
    _of_scan(
        "services",
        sa.Column("endpoint", sa.String(330), nullable=False),
        sa.Column("service", sa.JSON, nullable=False),
        unique=("endpoint",),
    )
    _of_scan(
        "runs",
        sa.Column("endpoint", sa.String(330), nullable=False),
        sa.Column("probe", sa.String(40), nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("run", sa.JSON, nullable=False),
        unique=("endpoint", "probe", "attempt"),
    )
    _of_scan(
        "results",
        sa.Column("law_date", sa.String(10), nullable=False),
        sa.Column("made", sa.String(40), nullable=False),
        sa.Column("document", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    """Drop the tables."""
    for name in ("results", "runs", "services", "hosts", "steps", "scans"):
        op.drop_table(name)

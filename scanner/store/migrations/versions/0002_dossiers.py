"""Inspections and cases, and the trail of what was done with them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "dossiers",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("opened", sa.String(40), nullable=False),
        sa.Column("record", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_dossiers"),
        sa.UniqueConstraint("kind", "id", name="uq_dossiers"),
    )
    op.create_table(
        "trail",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("dossier", sa.String(61), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("line", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_trail"),
        sa.UniqueConstraint("dossier", "seq", name="uq_trail"),
    )


def downgrade() -> None:
    """Drop the tables."""
    for name in ("trail", "dossiers"):
        op.drop_table(name)

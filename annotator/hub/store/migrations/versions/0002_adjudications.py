"""Which events were made to adjudicate."""

import sqlalchemy as sa
from alembic import op

__all__ = ["upgrade"]

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add their table."""
    op.create_table(
        "adjudications",
        sa.Column("project_id", _BIG, nullable=False),
        sa.Column("seq", _BIG, nullable=False),
        sa.Column("label_column", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id", "seq"],
            ["events.project_id", "events.seq"],
            name="fk_adjudications_project_id",
        ),
        sa.PrimaryKeyConstraint("project_id", "seq", name="pk_adjudications"),
    )

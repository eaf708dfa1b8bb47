"""What was said of all clips holds for those that are added later."""

import sqlalchemy as sa
from alembic import op

__all__ = ["upgrade"]

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Remember it with the project."""
    for name, kind, default in (
        ("reviews_wanted", sa.Integer(), "1"),
        ("blind_share", sa.Float(), "0"),
    ):
        column = sa.Column(name, kind, nullable=False, server_default=sa.text(default))
        op.add_column("projects", column)
    op.create_table(
        "reviewers",
        sa.Column("project_id", _BIG, nullable=False),
        sa.Column("user_id", _BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_reviewers_project_id"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_reviewers_user_id"),
        sa.PrimaryKeyConstraint("project_id", "user_id", name="pk_reviewers"),
    )

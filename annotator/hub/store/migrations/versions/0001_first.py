"""The first schema."""

import sqlalchemy as sa
from alembic import op

__all__ = ["upgrade"]

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "users",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_key", sa.String(length=80), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("name_key", name="uq_users_name_key"),
    )
    op.create_table(
        "projects",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("owner_id", _BIG, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_key", sa.String(length=120), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("config", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(length=24), nullable=False),
        sa.Column("archived_at", sa.String(length=24), nullable=True),
        sa.Column("last_seq", _BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name="fk_projects_owner_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_projects"),
        sa.UniqueConstraint("owner_id", "name_key", name="uq_projects_owner_id"),
        sa.UniqueConstraint("uid", name="uq_projects_uid"),
    )
    op.create_table(
        "tokens",
        sa.Column("key_id", sa.String(length=10), nullable=False),
        sa.Column("user_id", _BIG, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.String(length=200), nullable=False),
        sa.Column("project_uids", sa.Text(), nullable=True),
        sa.Column("created_at", sa.String(length=24), nullable=False),
        sa.Column("expires_at", sa.String(length=24), nullable=True),
        sa.Column("last_used_at", sa.String(length=24), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_tokens_user_id"),
        sa.PrimaryKeyConstraint("key_id", name="pk_tokens"),
    )
    op.create_index("ix_tokens_user_id", "tokens", ["user_id"])
    op.create_table(
        "web_sessions",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("user_id", _BIG, nullable=False),
        sa.Column("created_at", sa.String(length=24), nullable=False),
        sa.Column("expires_at", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_web_sessions_user_id"
        ),
        sa.PrimaryKeyConstraint("digest", name="pk_web_sessions"),
    )
    op.create_index("ix_web_sessions_user_id", "web_sessions", ["user_id"])
    op.create_table(
        "annotations",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("project_id", _BIG, nullable=False),
        sa.Column("annotation_id", sa.String(length=80), nullable=False),
        sa.Column("clip", sa.String(length=255), nullable=False),
        sa.Column("user_id", _BIG, nullable=False),
        sa.Column("from_seq", _BIG, nullable=False),
        sa.Column("until_seq", _BIG, nullable=True),
        sa.Column("row", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_annotations_project_id"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_annotations_user_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_annotations"),
    )
    op.create_index("ix_annotations_by_clip", "annotations", ["project_id", "clip"])
    op.create_index(
        "ix_annotations_in_order", "annotations", ["project_id", "from_seq", "id"]
    )
    op.create_index(
        "ix_annotations_ended",
        "annotations",
        ["project_id", "until_seq"],
        sqlite_where=sa.text("until_seq IS NOT NULL"),
        postgresql_where=sa.text("until_seq IS NOT NULL"),
    )
    op.create_index(
        "ix_annotations_now", "annotations", ["project_id", "annotation_id", "user_id"]
    )
    op.create_table(
        "audit",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.Column("user_id", _BIG, nullable=True),
        sa.Column("project_id", _BIG, nullable=True),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_audit_project_id"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_audit_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_project_id", "audit", ["project_id"])
    op.create_table(
        "clips",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("project_id", _BIG, nullable=False),
        sa.Column("identity", sa.String(length=255), nullable=False),
        sa.Column("recording", sa.Text(), nullable=False),
        sa.Column("start_time", sa.Float(), nullable=False),
        sa.Column("end_time", sa.Float(), nullable=False),
        sa.Column("row", sa.Text(), nullable=False),
        sa.Column("reviews_wanted", sa.Integer(), nullable=False),
        sa.Column("is_blind", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_clips_project_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_clips"),
        sa.UniqueConstraint("project_id", "identity", name="uq_clips_project_id"),
    )
    op.create_index("ix_clips_in_order", "clips", ["project_id", "id"])
    op.create_table(
        "events",
        sa.Column("project_id", _BIG, nullable=False),
        sa.Column("seq", _BIG, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("clip", sa.String(length=255), nullable=False),
        sa.Column("user_id", _BIG, nullable=False),
        sa.Column("annotator", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("rows", sa.Text(), nullable=False),
        sa.Column("look", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(length=40), nullable=False),
        sa.Column("received_at", sa.String(length=24), nullable=False),
        sa.Column("app_version", sa.String(length=40), nullable=False),
        sa.Column("config", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_events_project_id"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_events_user_id"),
        sa.PrimaryKeyConstraint("project_id", "seq", name="pk_events"),
        sa.UniqueConstraint("project_id", "id", name="uq_events_project_id"),
    )
    op.create_index("ix_events_by_clip", "events", ["project_id", "clip"])
    op.create_index(
        "ix_events_by_user", "events", ["project_id", "user_id", "received_at"]
    )
    op.create_table(
        "members",
        sa.Column("project_id", _BIG, nullable=False),
        sa.Column("user_id", _BIG, nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("added_at", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_members_project_id"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_members_user_id"),
        sa.PrimaryKeyConstraint("project_id", "user_id", name="pk_members"),
    )
    op.create_index("ix_members_user_id", "members", ["user_id"])
    op.create_table(
        "places",
        sa.Column("project_id", _BIG, nullable=False),
        sa.Column("user_id", _BIG, nullable=False),
        sa.Column("is_assigned", sa.Boolean(), nullable=False),
        sa.Column("clip_id", _BIG, nullable=False),
        sa.Column("seq", _BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_places_project_id"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_places_user_id"),
        sa.PrimaryKeyConstraint(
            "project_id", "user_id", "is_assigned", name="pk_places"
        ),
    )
    op.create_table(
        "snapshots",
        sa.Column("project_id", _BIG, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_key", sa.String(length=120), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("through_seq", _BIG, nullable=False),
        sa.Column("n_rows", _BIG, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("user_id", _BIG, nullable=False),
        sa.Column("created_at", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_snapshots_project_id"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_snapshots_user_id"),
        sa.PrimaryKeyConstraint("project_id", "number", name="pk_snapshots"),
        sa.UniqueConstraint("project_id", "name_key", name="uq_snapshots_project_id"),
    )
    op.create_table(
        "assignments",
        sa.Column("clip_id", _BIG, nullable=False),
        sa.Column("user_id", _BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["clip_id"], ["clips.id"], name="fk_assignments_clip_id"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_assignments_user_id"
        ),
        sa.PrimaryKeyConstraint("clip_id", "user_id", name="pk_assignments"),
    )
    op.create_index("ix_assignments_by_user", "assignments", ["user_id", "clip_id"])
    op.create_table(
        "leases",
        sa.Column("clip_id", _BIG, nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("user_id", _BIG, nullable=False),
        sa.Column("until", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(["clip_id"], ["clips.id"], name="fk_leases_clip_id"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_leases_user_id"),
        sa.PrimaryKeyConstraint("clip_id", "slot", name="pk_leases"),
    )
    op.create_index("ix_leases_user_id", "leases", ["user_id"])

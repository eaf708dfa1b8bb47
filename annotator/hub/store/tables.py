"""The tables of a hub.

*Events* are what people did, only ever appended, numbered within their project without
a gap. *Annotations* are the rows that follow from them, each with the numbers of the
event that wrote it (`from_seq`) and of the one that replaced or removed it
(`until_seq`, NULL while it stands): the table as it was at any number is one SELECT.

Times are text (see `clock`), and so is JSON: what came in goes out, to the letter.
"""
# Without the future's `annotations`: that is a table here.

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

__all__ = [
    "adjudications",
    "annotations",
    "assignments",
    "audit",
    "clips",
    "events",
    "leases",
    "members",
    "metadata",
    "places",
    "projects",
    "reviewers",
    "snapshots",
    "tokens",
    "users",
    "web_sessions",
]

# Names for all constraints: Alembic finds them again on each database.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_BIG = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers only INTEGER keys
_TIME = String(24)
_UUID = String(36)


def _key() -> Column[int]:
    return Column("id", _BIG, primary_key=True, autoincrement=True)


def _user(name: str = "user_id", **options: object) -> Column[int]:
    return Column(name, _BIG, ForeignKey("users.id"), **options)  # type: ignore[arg-type]


def _project(**options: object) -> Column[int]:
    return Column("project_id", _BIG, ForeignKey("projects.id"), **options)  # type: ignore[arg-type]


users = Table(
    "users",
    metadata,
    _key(),
    Column("name", String(80), nullable=False),
    Column("name_key", String(80), nullable=False, unique=True),  # without case
    Column("password_hash", Text, nullable=False),
    Column("is_admin", Boolean, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("created_at", _TIME, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("key_id", String(10), primary_key=True),
    _user(nullable=False, index=True),
    Column("name", String(80), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("scopes", String(200), nullable=False),  # words with blanks between
    Column("project_uids", Text),  # JSON list; NULL: all
    Column("created_at", _TIME, nullable=False),
    Column("expires_at", _TIME),  # NULL: never
    Column("last_used_at", _TIME),
)

web_sessions = Table(
    "web_sessions",
    metadata,
    Column("digest", String(64), primary_key=True),
    _user(nullable=False, index=True),
    Column("created_at", _TIME, nullable=False),
    Column("expires_at", _TIME, nullable=False),
)

projects = Table(
    "projects",
    metadata,
    _key(),
    Column("uid", _UUID, nullable=False, unique=True),
    _user("owner_id", nullable=False),
    Column("name", String(120), nullable=False),
    Column("name_key", String(120), nullable=False),
    Column("description", Text, nullable=False),
    Column("config", Text, nullable=False),  # YAML
    Column("created_at", _TIME, nullable=False),
    Column("archived_at", _TIME),
    Column("last_seq", _BIG, nullable=False),
    # What was said of all clips holds for those that are added later.
    Column("reviews_wanted", Integer, nullable=False, server_default=text("1")),
    Column("blind_share", Float, nullable=False, server_default=text("0")),
    UniqueConstraint("owner_id", "name_key"),
)

members = Table(
    "members",
    metadata,
    _project(primary_key=True),
    _user(primary_key=True, index=True),
    Column("role", String(10), nullable=False),
    Column("added_at", _TIME, nullable=False),
)

clips = Table(
    "clips",
    metadata,
    _key(),
    _project(nullable=False),
    Column("identity", String(255), nullable=False),
    Column("recording", Text, nullable=False),
    Column("start_time", Float, nullable=False),  # s
    Column("end_time", Float, nullable=False),
    Column("row", Text, nullable=False),  # JSON: the source table's columns
    Column("reviews_wanted", Integer, nullable=False),
    Column("is_blind", Boolean, nullable=False),  # one review more, blind
    UniqueConstraint("project_id", "identity"),
    Index("ix_clips_in_order", "project_id", "id"),
)

assignments = Table(
    "assignments",
    metadata,
    Column("clip_id", _BIG, ForeignKey("clips.id"), primary_key=True),
    _user(primary_key=True),
    Index("ix_assignments_by_user", "user_id", "clip_id"),
)

# Who reviews the clips that are added later; nobody: all who may.
reviewers = Table(
    "reviewers",
    metadata,
    _project(primary_key=True),
    _user(primary_key=True),
)

leases = Table(
    "leases",
    metadata,
    Column("clip_id", _BIG, ForeignKey("clips.id"), primary_key=True),
    Column("slot", Integer, primary_key=True),
    _user(nullable=False, index=True),
    Column("until", _TIME, nullable=False),
)

# How far a person's search for the next clip came: none up to `clip_id` was open to
# them after event `seq`. Only a help, and forgotten when assignments change.
places = Table(
    "places",
    metadata,
    _project(primary_key=True),
    _user(primary_key=True),
    Column("is_assigned", Boolean, primary_key=True),  # among clips assigned to them
    Column("clip_id", _BIG, nullable=False),
    Column("seq", _BIG, nullable=False),
)

events = Table(
    "events",
    metadata,
    _project(primary_key=True),
    Column("seq", _BIG, primary_key=True),
    Column("id", _UUID, nullable=False),
    Column("clip", String(255), nullable=False),
    _user(nullable=False),
    Column("annotator", String(80), nullable=False),  # as the client called the person
    Column("kind", String(6), nullable=False),
    Column("rows", Text, nullable=False),  # JSON
    Column("look", Text, nullable=False),  # JSON
    Column("created_at", String(40), nullable=False),  # by the client's clock
    Column("received_at", _TIME, nullable=False),
    Column("app_version", String(40), nullable=False),
    Column("config", String(80), nullable=False),
    UniqueConstraint("project_id", "id"),
    Index("ix_events_by_clip", "project_id", "clip"),
    Index("ix_events_by_user", "project_id", "user_id", "received_at"),
)

# Which events were made to adjudicate. Who decided what about which clip, and when,
# stands in the event; whether it still holds, in the rows that the event wrote.
adjudications = Table(
    "adjudications",
    metadata,
    Column("project_id", _BIG, primary_key=True),
    Column("seq", _BIG, primary_key=True),
    Column("label_column", String(200)),  # whose labels differed; NULL: not said
    ForeignKeyConstraint(["project_id", "seq"], ["events.project_id", "events.seq"]),
)

annotations = Table(
    "annotations",
    metadata,
    _key(),
    _project(nullable=False),
    Column("annotation_id", String(80), nullable=False),
    Column("clip", String(255), nullable=False),
    _user(nullable=False),
    Column("from_seq", _BIG, nullable=False),
    Column("until_seq", _BIG),
    Column("row", Text, nullable=False),  # JSON
    Index("ix_annotations_now", "project_id", "annotation_id", "user_id"),
    Index("ix_annotations_by_clip", "project_id", "clip"),
    Index("ix_annotations_in_order", "project_id", "from_seq", "id"),
)
Index(
    "ix_annotations_ended",  # what changed since a number; most rows stand
    annotations.c.project_id,
    annotations.c.until_seq,
    sqlite_where=annotations.c.until_seq.is_not(None),
    postgresql_where=annotations.c.until_seq.is_not(None),
)

snapshots = Table(
    "snapshots",
    metadata,
    _project(primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("name", String(120), nullable=False),
    Column("name_key", String(120), nullable=False),
    Column("message", Text, nullable=False),
    Column("through_seq", _BIG, nullable=False),
    Column("n_rows", _BIG, nullable=False),
    Column("sha256", String(64), nullable=False),
    _user(nullable=False),
    Column("created_at", _TIME, nullable=False),
    UniqueConstraint("project_id", "name_key"),
)

audit = Table(
    "audit",
    metadata,
    _key(),
    Column("at", _TIME, nullable=False),
    _user(nullable=True),
    _project(nullable=True, index=True),
    Column("action", String(40), nullable=False),
    Column("detail", Text, nullable=False),  # JSON; never a secret
)

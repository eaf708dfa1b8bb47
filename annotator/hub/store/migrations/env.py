"""Alembic runs this for each upgrade; the connection comes from `upgrade`."""

from alembic import context

from annotator.hub.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite changes tables by copying them
)
context.run_migrations()

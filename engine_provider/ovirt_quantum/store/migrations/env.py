"""Alembic's way in. The connection is given: configuration and credentials stay with the service."""

from alembic import context

from ovirt_quantum.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
)
context.run_migrations()

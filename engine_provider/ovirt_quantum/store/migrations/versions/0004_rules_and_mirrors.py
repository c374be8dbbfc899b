"""types of QoS rules"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Every rule so far was a bandwidth limit, and did not have to say so."""
    policies = sa.table("qos_policies", sa.column("id"), sa.column("document"))
    for id, text in op.get_bind().execute(sa.select(policies.c.id, policies.c.document)).all():
        document = json.loads(text)
        document["rules"] = [{"type": "bandwidth_limit", **rule} for rule in document["rules"]]
        written = {"document": json.dumps(document)}
        op.get_bind().execute(sa.update(policies).where(policies.c.id == id).values(written))

"""The console's pages: when a message was due, what an order event brought, and lists by state."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_INDEXES = (
    ("ix_run_state_id", "run", ["state", "id"]),
    ("ix_run_automation_id_id", "run", ["automation_id", "id"]),
    ("ix_message_state_created_at_id", "message", ["state", "created_at", "id"]),
)


def upgrade() -> None:
    op.add_column("message", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("order_event", sa.Column("kept", JSONB(none_as_null=True), nullable=True))
    for name, table, columns in _INDEXES:
        op.create_index(name, table, columns)
    op.drop_index("ix_run_automation_id", "run")


def downgrade() -> None:
    op.create_index("ix_run_automation_id", "run", ["automation_id"])
    for name, table, _ in reversed(_INDEXES):
        op.drop_index(name, table)
    op.drop_column("order_event", "kept")
    op.drop_column("message", "due_at")

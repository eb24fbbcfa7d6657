"""Custom events and their list; what becomes of runs and decisions whose event or order is deleted; the audit log."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_REFERENCES = (
    ("order_event", "order_id", "order", "CASCADE"),
    ("decision", "event_id", "order_event", "CASCADE"),
    ("run", "event_id", "order_event", "SET NULL"),
    ("run", "stop_event_id", "order_event", "SET NULL"),
    ("run", "order_id", "order", "SET NULL"),
)


def upgrade() -> None:
    op.add_column("order_event", sa.Column("depth", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.create_index("ix_order_event_event_type_id", "order_event", ["event_type", "id"])
    op.create_index("ix_order_event_event_key_id", "order_event", ["event_key", "id"])
    op.create_index("ix_order_event_custom", "order_event", ["id"], postgresql_where=sa.text("params IS NOT NULL"))
    op.create_index("ix_run_failed", "run", ["event_id"], postgresql_where=sa.text("state = 'failed'"))
    op.create_index(
        "ix_message_failed",
        "message",
        ["run_id"],
        postgresql_where=sa.text("state IN ('failed', 'bounced', 'unknown')"),
    )
    op.alter_column("run", "event_id", nullable=True)
    for table, column, target, on_delete in _REFERENCES:
        _refer(table, column, target, on_delete)
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("details", postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    for column in ("actor", "action", "subject"):
        op.create_index(f"ix_audit_log_{column}_id", "audit_log", [column, "id"])


def downgrade() -> None:
    op.drop_table("audit_log")
    for table, column, target, _ in _REFERENCES:
        _refer(table, column, target, None)
    op.execute("DELETE FROM message WHERE run_id IN (SELECT id FROM run WHERE event_id IS NULL)")
    op.execute("DELETE FROM decision WHERE run_id IN (SELECT id FROM run WHERE event_id IS NULL)")
    op.execute("DELETE FROM run WHERE event_id IS NULL")
    op.alter_column("run", "event_id", nullable=False)
    op.drop_index("ix_message_failed", table_name="message")
    op.drop_index("ix_run_failed", table_name="run")
    op.drop_index("ix_order_event_custom", table_name="order_event")
    op.drop_index("ix_order_event_event_key_id", table_name="order_event")
    op.drop_index("ix_order_event_event_type_id", table_name="order_event")
    op.drop_column("order_event", "depth")


def _refer(table: str, column: str, target: str, on_delete: str | None) -> None:
    name = f"fk_{table}_{column}"
    op.drop_constraint(name, table, type_="foreignkey")
    op.create_foreign_key(name, table, target, [column], ["id"], ondelete=on_delete)

"""What a run waits for and what its steps came to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_COLUMNS = ("awaited_step", "awaited_by", "awaited_types", "awaited_after", "awaited_event_id", "seen_order_id")


def upgrade() -> None:
    op.add_column("run", sa.Column("awaited_step", sa.Text(), nullable=True))
    op.add_column("run", sa.Column("awaited_by", sa.Text(), nullable=True))
    op.add_column("run", sa.Column("awaited_types", postgresql.ARRAY(sa.Text()), nullable=True))
    op.add_column("run", sa.Column("awaited_after", sa.BigInteger(), nullable=True))
    op.add_column("run", sa.Column("awaited_event_id", sa.Uuid(), nullable=True))
    op.add_column("run", sa.Column("seen_order_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_run_awaited_event_id_order_event"),
        "run",
        "order_event",
        ["awaited_event_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_foreign_key(
        op.f("fk_run_seen_order_id_order"), "run", "order", ["seen_order_id"], ["id"], ondelete="SET NULL"
    )
    awaits = sa.text("awaited_step IS NOT NULL")
    op.create_index("ix_run_awaiting_order", "run", ["order_id"], postgresql_where=awaits)
    op.create_index("ix_run_awaiting_contact", "run", ["contact_id"], postgresql_where=awaits)
    op.create_index(op.f("ix_run_awaited_event_id"), "run", ["awaited_event_id"])
    op.create_table(
        "step_result",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("step_id", sa.Text(), nullable=False),
        sa.Column("result", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_step_result_run_id_run"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["event_id"], ["order_event.id"], name=op.f("fk_step_result_event_id_order_event"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("run_id", "step_id", name=op.f("pk_step_result")),
    )
    op.create_index(op.f("ix_step_result_event_id"), "step_result", ["event_id"])


def downgrade() -> None:
    op.drop_table("step_result")
    op.drop_index("ix_run_awaiting_order", "run")
    op.drop_index("ix_run_awaiting_contact", "run")
    for column in _COLUMNS:
        op.drop_column("run", column)

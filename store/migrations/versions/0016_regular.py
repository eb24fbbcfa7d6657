"""Regular automations: the schedules that Temporal keeps for them, their looks, and the events that are for one alone."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("order_event", sa.Column("automation_id", sa.Uuid(), nullable=True))
    op.add_column("regular_launch", sa.Column("known", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("regular_launch", sa.Column("reason", sa.Text(), nullable=True))
    op.add_column("regular_launch", sa.Column("segment_id", sa.Uuid(), nullable=True))
    moment = sa.DateTime(timezone=True)
    op.add_column("regular_launch", sa.Column("began_at", moment, server_default=sa.text("now()"), nullable=False))
    op.add_column("regular_launch", sa.Column("ended_at", moment, nullable=True))
    op.create_table(
        "regular_schedule",
        sa.Column("automation_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("automation_id", name=op.f("pk_regular_schedule")),
        sa.ForeignKeyConstraint(
            ["automation_id"], ["automation.id"], name=op.f("fk_regular_schedule_automation_id"), ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    op.drop_table("regular_schedule")
    for column in ("ended_at", "began_at", "segment_id", "reason", "known"):
        op.drop_column("regular_launch", column)
    op.drop_column("order_event", "automation_id")

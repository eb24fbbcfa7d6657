"""Sending: when messages were claimed, providers that are paused, shops that are switched off."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message", sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("message", sa.Column("obligatory", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.execute("UPDATE message SET claimed_at = COALESCE(sent_at, updated_at) WHERE attempts > 0")
    op.create_index("ix_message_created_at_id", "message", ["created_at", "id"])
    op.create_table(
        "provider_state",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("provider", name=op.f("pk_provider_state")),
    )
    op.create_table(
        "disabled_store",
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("store_id", name=op.f("pk_disabled_store")),
    )


def downgrade() -> None:
    op.drop_table("disabled_store")
    op.drop_table("provider_state")
    op.drop_index("ix_message_created_at_id", table_name="message")
    for column in ("obligatory", "claimed_at"):
        op.drop_column("message", column)

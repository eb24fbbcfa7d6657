"""Feedback of providers and of our own links: what was told of each message, and how far it came."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_MOMENTS = ("delivered_at", "opened_at", "clicked_at", "bounced_at", "complained_at")


def upgrade() -> None:
    for name in _MOMENTS:
        op.add_column("message", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("message", sa.Column("bounce", sa.Text(), nullable=True))
    op.create_index(
        "ix_message_provider_id", "message", ["provider_id"], postgresql_where=sa.text("provider_id IS NOT NULL")
    )
    op.create_index("ix_message_sent_at", "message", ["sent_at"], postgresql_where=sa.text("sent_at IS NOT NULL"))
    op.create_table(
        "message_feedback",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_feedback")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_message_feedback_message_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("source", "event_id", name=op.f("uq_message_feedback_source_event_id")),
    )
    op.create_index("ix_message_feedback_message_id_kind_at", "message_feedback", ["message_id", "kind", "at"])
    op.create_table(
        "feedback_tally",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "source", "outcome", name=op.f("pk_feedback_tally")),
    )


def downgrade() -> None:
    op.drop_table("feedback_tally")
    op.drop_table("message_feedback")
    op.drop_index("ix_message_sent_at", table_name="message")
    op.drop_index("ix_message_provider_id", table_name="message")
    for name in (*_MOMENTS, "bounce"):
        op.drop_column("message", name)

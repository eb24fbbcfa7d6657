"""Kept figures: where one score of the RFM ends and the next begins, and an index that figures are counted from."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


_FIGURED = ["status", "date", "total_cost", "currency", "source", "store_id"]


def upgrade() -> None:
    op.create_table(
        "score_edge",
        sa.Column("score", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.DateTime(timezone=True), nullable=True),
        sa.Column("orders", sa.Integer(), nullable=True),
        sa.Column("kept_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("score", name=op.f("pk_score_edge")),
    )
    op.drop_index("ix_order_contact_id_id", "order")
    op.create_index("ix_order_contact_id_id", "order", ["contact_id", "id"], postgresql_include=_FIGURED)


def downgrade() -> None:
    op.drop_index("ix_order_contact_id_id", "order")
    op.create_index("ix_order_contact_id_id", "order", ["contact_id", "id"])
    op.drop_table("score_edge")

"""Rates of keys."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("api_key", sa.Column("rate", sa.Integer(), nullable=True))
    op.create_table(
        "rate_budget",
        sa.Column("api_key_id", sa.Uuid(), nullable=False),
        sa.Column("tokens", sa.Float(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("api_key_id", name=op.f("pk_rate_budget")),
        sa.ForeignKeyConstraint(["api_key_id"], ["api_key.id"], name=op.f("fk_rate_budget_api_key_id")),
    )


def downgrade() -> None:
    op.drop_table("rate_budget")
    op.drop_column("api_key", "rate")

"""Test launches: runs that are counted nowhere, perhaps with an address of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("run", sa.Column("test", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("run", sa.Column("test_to", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("run", "test_to")
    op.drop_column("run", "test")

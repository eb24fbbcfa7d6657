"""Templates."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("template_version", sa.Column("prepared", JSONB(none_as_null=True), nullable=True))


def downgrade() -> None:
    op.drop_column("template_version", "prepared")

"""Intake at a million rows."""

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None: ...


def downgrade() -> None: ...

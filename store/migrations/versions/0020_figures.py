"""Kept figures."""

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None: ...


def downgrade() -> None: ...

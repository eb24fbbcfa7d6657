"""How many runs are under way and where they stand is counted from an index alone, without the rows."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_run_standing",
        "run",
        ["automation_id", "version_id", "state", "step_id"],
        postgresql_where=sa.text("state IN ('pending', 'running', 'waiting') AND stop IS NULL AND NOT test"),
    )


def downgrade() -> None:
    op.drop_index("ix_run_standing", table_name="run")

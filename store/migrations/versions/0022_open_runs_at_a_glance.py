"""How many runs are open and where they stand is read from an index alone, without the rows."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_OPEN = sa.text("state IN ('pending', 'running', 'waiting')")


def upgrade() -> None:
    op.drop_index("ix_run_automation_open", table_name="run")
    op.create_index(
        "ix_run_automation_open",
        "run",
        ["automation_id", "id"],
        postgresql_where=_OPEN,
        postgresql_include=["test", "version_id", "state", "step_id"],
    )


def downgrade() -> None:
    op.drop_index("ix_run_automation_open", table_name="run")
    op.create_index("ix_run_automation_open", "run", ["automation_id", "id"], postgresql_where=_OPEN)

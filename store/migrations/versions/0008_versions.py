"""Versions that are drained, drafts, and the way to a contact's runs of one automation."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # automations and versions are never deleted, and decisions are most of what is written
    op.drop_constraint("fk_decision_automation_id", "decision", type_="foreignkey")
    op.drop_constraint("fk_decision_version_id", "decision", type_="foreignkey")
    op.add_column("automation", sa.Column("draft", postgresql.JSONB(none_as_null=True), nullable=True))
    op.add_column("automation_version", sa.Column("drained_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_run_contact_id_automation_id", "run", ["contact_id", "automation_id"])
    op.create_index(
        "ix_run_automation_open",
        "run",
        ["automation_id", "id"],
        postgresql_where=sa.text("state IN ('pending', 'running', 'waiting')"),
    )


def downgrade() -> None:
    op.create_foreign_key("fk_decision_version_id", "decision", "automation_version", ["version_id"], ["id"])
    op.create_foreign_key("fk_decision_automation_id", "decision", "automation", ["automation_id"], ["id"])
    op.drop_index("ix_run_automation_open", table_name="run")
    op.drop_index("ix_run_contact_id_automation_id", table_name="run")
    op.drop_column("automation_version", "drained_at")
    op.drop_column("automation", "draft")

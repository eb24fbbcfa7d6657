"""Cells and moves are made from contacts alone: asking for each whether its contact exists cost more than writing it."""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_TABLES = ("contact_rfm", "rfm_move")


def upgrade() -> None:
    for table in _TABLES:
        op.drop_constraint(f"fk_{table}_contact_id", table, type_="foreignkey")


def downgrade() -> None:
    for table in _TABLES:
        op.create_foreign_key(f"fk_{table}_contact_id", table, "contact", ["contact_id"], ["id"])

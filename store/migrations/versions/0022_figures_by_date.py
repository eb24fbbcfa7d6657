"""One index of a contact's orders where there were two: by date, with the columns that figures are counted from."""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_FIGURED = ["status", "total_cost", "currency", "source", "store_id"]
_BY_DATE = "ix_order_contact_id_date_id"
_BY_ID = "ix_order_contact_id_id"


def upgrade() -> None:
    op.drop_index(_BY_DATE, "order")
    op.create_index(_BY_DATE, "order", ["contact_id", "date", "id"], postgresql_include=_FIGURED)
    op.drop_index(_BY_ID, "order")


def downgrade() -> None:
    op.create_index(_BY_ID, "order", ["contact_id", "id"], postgresql_include=["status", "date", *_FIGURED[1:]])
    op.drop_index(_BY_DATE, "order")
    op.create_index(_BY_DATE, "order", ["contact_id", "date", "id"])

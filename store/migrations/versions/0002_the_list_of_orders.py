"""The list of orders: newest first by date, by filter, and by the beginning of what people search for."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_SEARCHED = ("external_order_id", "email", "first_name", "last_name")


def upgrade() -> None:
    op.create_index("ix_order_date_id", "order", ["date", "id"])
    for column in ("status", "contact_id", "store_id"):
        op.create_index(f"ix_order_{column}_date_id", "order", [column, "date", "id"])
    # one collation for every database, so that a beginning is a range of the index
    for column in _SEARCHED:
        op.execute(f'CREATE INDEX ix_order_search_{column} ON "order" (lower({column} COLLATE pg_c_utf8))')
    op.execute('CREATE INDEX ix_order_search_match_phone ON "order" (match_phone COLLATE pg_c_utf8)')


def downgrade() -> None:
    for column in ("match_phone", *reversed(_SEARCHED)):
        op.drop_index(f"ix_order_search_{column}", table_name="order")
    for column in ("store_id", "contact_id", "status"):
        op.drop_index(f"ix_order_{column}_date_id", table_name="order")
    op.drop_index("ix_order_date_id", table_name="order")

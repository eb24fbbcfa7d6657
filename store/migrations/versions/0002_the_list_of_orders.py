"""The list of orders: newest first by date, by filter, by the beginning of what people search for; stored answers."""

import sqlalchemy as sa
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
    op.create_table(
        "stored_answer",
        sa.Column("api_key_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["api_key_id"], ["api_key.id"], name=op.f("fk_stored_answer_api_key_id")),
        sa.PrimaryKeyConstraint("api_key_id", "key", name=op.f("pk_stored_answer")),
    )
    op.create_index(op.f("ix_stored_answer_created_at"), "stored_answer", ["created_at"])


def downgrade() -> None:
    op.drop_table("stored_answer")
    for column in ("match_phone", *reversed(_SEARCHED)):
        op.drop_index(f"ix_order_search_{column}", table_name="order")
    for column in ("store_id", "contact_id", "status"):
        op.drop_index(f"ix_order_{column}_date_id", table_name="order")
    op.drop_index("ix_order_date_id", table_name="order")

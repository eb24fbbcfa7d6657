"""Clicks and opens by their moment, and the moment at which a cart became an order."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_CART = "'ABANDONED_SHOPPING_CART'"


def upgrade() -> None:
    op.add_column("order", sa.Column("placed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_order_placed_at", "order", ["placed_at"], postgresql_where=sa.text("placed_at IS NOT NULL"))
    op.execute("""
        CREATE FUNCTION place_cart() RETURNS trigger LANGUAGE plpgsql AS $body$
        BEGIN
            NEW.placed_at := NEW.status_at;
            RETURN NEW;
        END $body$
    """)
    op.execute(
        'CREATE TRIGGER place_cart BEFORE UPDATE OF status ON "order" FOR EACH ROW '
        f"WHEN (OLD.status = {_CART} AND NEW.status <> {_CART}) EXECUTE FUNCTION place_cart()"
    )
    op.create_index(
        "ix_message_feedback_kind_at",
        "message_feedback",
        ["kind", "at"],
        postgresql_include=["message_id"],
        postgresql_where=sa.text("kind IN ('clicked', 'opened')"),
    )


def downgrade() -> None:
    op.drop_index("ix_message_feedback_kind_at", table_name="message_feedback")
    op.execute('DROP TRIGGER place_cart ON "order"')
    op.execute("DROP FUNCTION place_cart()")
    op.drop_index("ix_order_placed_at", table_name="order")
    op.drop_column("order", "placed_at")

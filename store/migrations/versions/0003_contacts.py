"""Contacts: fields of the shop's own, merges that can be undone, deletion, search."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contact", sa.Column("fields", postgresql.JSONB(), nullable=True))
    op.add_column("contact", sa.Column("merged_into", sa.Uuid(), nullable=True))
    op.add_column("contact", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key("fk_contact_merged_into", "contact", "contact", ["merged_into"], ["id"])
    op.create_index(
        "ix_contact_merged_into", "contact", ["merged_into"], postgresql_where=sa.text("merged_into IS NOT NULL")
    )
    op.add_column("contact_identity", sa.Column("merged_from", sa.Uuid(), nullable=True))
    op.create_foreign_key("fk_contact_identity_merged_from", "contact_identity", "contact", ["merged_from"], ["id"])
    for column in ("first_name", "last_name"):
        op.execute(f"CREATE INDEX ix_contact_search_{column} ON contact (lower({column} COLLATE pg_c_utf8))")
    op.execute("CREATE INDEX ix_contact_identity_search ON contact_identity (lower(value COLLATE pg_c_utf8))")
    op.create_index(
        "ix_order_identity_conflict", "order", ["contact_id"], postgresql_where=sa.text("identity_conflict")
    )
    op.create_table(
        "contact_merge",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("survivor_id", sa.Uuid(), nullable=False),
        sa.Column("merged_id", sa.Uuid(), nullable=False),
        sa.Column("filled", postgresql.JSONB(), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["survivor_id"], ["contact.id"], name=op.f("fk_contact_merge_survivor_id")),
        sa.ForeignKeyConstraint(["merged_id"], ["contact.id"], name=op.f("fk_contact_merge_merged_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_merge")),
    )
    op.create_index("ix_contact_merge_survivor_id", "contact_merge", ["survivor_id"])
    op.create_index("ix_contact_merge_merged_id", "contact_merge", ["merged_id"])
    op.create_table(
        "contact_merge_move",
        sa.Column("merge_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merge_id"], ["contact_merge.id"], name=op.f("fk_contact_merge_move_merge_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("merge_id", "kind", "row_id", name=op.f("pk_contact_merge_move")),
    )


def downgrade() -> None:
    op.drop_table("contact_merge_move")
    op.drop_table("contact_merge")
    op.drop_index("ix_order_identity_conflict", table_name="order")
    op.drop_index("ix_contact_identity_search", table_name="contact_identity")
    for column in ("last_name", "first_name"):
        op.drop_index(f"ix_contact_search_{column}", table_name="contact")
    op.drop_column("contact_identity", "merged_from")
    for column in ("deleted_at", "merged_into", "fields"):
        op.drop_column("contact", column)

"""Consent: the secret of links, suppressions by reason and topic, what people said."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "link_secret",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_secret")),
    )
    op.add_column("suppression", sa.Column("topic", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column("suppression", sa.Column("provenance", sa.Text(), server_default=sa.text("'api'"), nullable=False))
    op.drop_constraint("pk_suppression", "suppression", type_="primary")
    op.create_primary_key("pk_suppression", "suppression", ["channel", "address", "reason", "topic"])
    op.create_table(
        "consent_change",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("provenance", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_change")),
    )
    op.create_index("ix_consent_change_address", "consent_change", ["address", "channel"])


def downgrade() -> None:
    op.drop_table("consent_change")
    op.drop_constraint("pk_suppression", "suppression", type_="primary")
    # The earlier key has room for one reason of an address: the hard one, which holds more back.
    op.execute("DELETE FROM suppression WHERE topic <> '' OR reason = 'unconfirmed'")
    op.execute("""
        DELETE FROM suppression s USING suppression other WHERE s.channel = other.channel AND s.address = other.address
        AND ((s.reason = 'unsubscribed') > (other.reason = 'unsubscribed')
             OR ((s.reason = 'unsubscribed') = (other.reason = 'unsubscribed') AND s.reason > other.reason))
    """)
    op.create_primary_key("pk_suppression", "suppression", ["channel", "address"])
    for column in ("provenance", "topic"):
        op.drop_column("suppression", column)
    op.drop_table("link_secret")

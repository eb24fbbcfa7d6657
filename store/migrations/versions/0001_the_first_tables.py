"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("legacy_empty_body", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("prefix", name=op.f("uq_api_key_prefix")),
    )
    op.create_table(
        "automation",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("live_number", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automation")),
        sa.UniqueConstraint("name", name=op.f("uq_automation_name")),
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("first_name", sa.Text(), nullable=True),
        sa.Column("last_name", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("time_zone", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    op.create_table(
        "event_batch",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("versions", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_batch")),
    )
    op.create_index(
        "ix_event_batch_open", "event_batch", ["received_at"], unique=False, postgresql_where=sa.text("state <> 'done'")
    )
    op.create_table(
        "suppression",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("channel", "address", name=op.f("pk_suppression")),
    )
    op.create_table(
        "template",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template")),
        sa.UniqueConstraint("name", name=op.f("uq_template_name")),
    )
    op.create_table(
        "automation_version",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("automation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("definition", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["automation_id"], ["automation.id"], name=op.f("fk_automation_version_automation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automation_version")),
        sa.UniqueConstraint("automation_id", "number", name=op.f("uq_automation_version_automation_id_number")),
    )
    op.create_table(
        "contact_identity",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("provenance", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_contact_identity_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_identity")),
        sa.UniqueConstraint("contact_id", "kind", "value", name=op.f("uq_contact_identity_contact_id_kind_value")),
    )
    op.create_index("ix_contact_identity_kind_value", "contact_identity", ["kind", "value"], unique=False)
    op.create_index(
        "uq_contact_identity_external",
        "contact_identity",
        ["value"],
        unique=True,
        postgresql_where=sa.text("kind = 'external_customer_id'"),
    )
    op.create_table(
        "order",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("external_order_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("status_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status_date", sa.DateTime(timezone=True), nullable=True),
        sa.Column("date", sa.DateTime(timezone=True), nullable=False),
        sa.Column("total_cost", sa.Numeric(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("external_customer_id", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("first_name", sa.Text(), nullable=True),
        sa.Column("last_name", sa.Text(), nullable=True),
        sa.Column("shipping", sa.Numeric(), nullable=True),
        sa.Column("discount", sa.Numeric(), nullable=True),
        sa.Column("taxes", sa.Numeric(), nullable=True),
        sa.Column("restore_url", sa.Text(), nullable=True),
        sa.Column("status_description", sa.Text(), nullable=True),
        sa.Column("store_id", sa.Text(), nullable=True),
        sa.Column("delivery_method", sa.Text(), nullable=True),
        sa.Column("payment_method", sa.Text(), nullable=True),
        sa.Column("delivery_address", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("items", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("additional_info", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("extra", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("match_external_id", sa.Text(), nullable=True),
        sa.Column("match_email", sa.Text(), nullable=True),
        sa.Column("match_phone", sa.Text(), nullable=True),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("identity_conflict", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_order_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order")),
        sa.UniqueConstraint("external_order_id", name=op.f("uq_order_external_order_id")),
    )
    op.create_index("ix_order_contact_id_id", "order", ["contact_id", "id"], unique=False)
    op.create_index("ix_order_status_id", "order", ["status", "id"], unique=False)
    op.create_index("ix_order_unmatched", "order", ["id"], unique=False, postgresql_where=sa.text("contact_id IS NULL"))
    op.create_table(
        "template_version",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("template_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["template_id"], ["template.id"], name=op.f("fk_template_version_template_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template_version")),
        sa.UniqueConstraint("template_id", "number", name=op.f("uq_template_version_template_id_number")),
    )
    op.create_table(
        "order_event",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("event_key", sa.Text(), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("order_version", sa.Integer(), nullable=True),
        sa.Column("snapshot", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("params", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("matched_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["event_batch.id"], name=op.f("fk_order_event_batch_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_order_event_contact_id")),
        sa.ForeignKeyConstraint(["order_id"], ["order.id"], name=op.f("fk_order_event_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_event")),
        sa.UniqueConstraint("seq", name=op.f("uq_order_event_seq")),
    )
    op.create_index(op.f("ix_order_event_batch_id"), "order_event", ["batch_id"], unique=False)
    op.create_index("ix_order_event_contact_id_seq", "order_event", ["contact_id", "seq"], unique=False)
    op.create_index("ix_order_event_order_id_seq", "order_event", ["order_id", "seq"], unique=False)
    op.create_index(
        "ix_order_event_unmatched", "order_event", ["seq"], unique=False, postgresql_where=sa.text("matched_at IS NULL")
    )
    op.create_table(
        "run",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("automation_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column(
            "event_seq", sa.Integer(), nullable=False, comment="order_event.seq, so that a stop check needs no join"
        ),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("step_id", sa.Text(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stop", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("stop_event_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["automation_id"], ["automation.id"], name=op.f("fk_run_automation_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_run_contact_id")),
        sa.ForeignKeyConstraint(["event_id"], ["order_event.id"], name=op.f("fk_run_event_id")),
        sa.ForeignKeyConstraint(["order_id"], ["order.id"], name=op.f("fk_run_order_id")),
        sa.ForeignKeyConstraint(["stop_event_id"], ["order_event.id"], name=op.f("fk_run_stop_event_id")),
        sa.ForeignKeyConstraint(["version_id"], ["automation_version.id"], name=op.f("fk_run_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_run_dedupe_key")),
    )
    op.create_index(op.f("ix_run_automation_id"), "run", ["automation_id"], unique=False)
    op.create_index(
        "ix_run_contact_open",
        "run",
        ["contact_id"],
        unique=False,
        postgresql_where=sa.text("state IN ('pending', 'running', 'waiting')"),
    )
    op.create_index("ix_run_due_at", "run", ["due_at"], unique=False, postgresql_where=sa.text("state = 'waiting'"))
    op.create_index(op.f("ix_run_event_id"), "run", ["event_id"], unique=False)
    op.create_index("ix_run_order_id", "run", ["order_id"], unique=False)
    op.create_index(
        "ix_run_order_open",
        "run",
        ["order_id"],
        unique=False,
        postgresql_where=sa.text("state IN ('pending', 'running', 'waiting')"),
    )
    op.create_index(op.f("ix_run_stop_event_id"), "run", ["stop_event_id"], unique=False)
    op.create_table(
        "decision",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("automation_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["automation_id"], ["automation.id"], name=op.f("fk_decision_automation_id")),
        sa.ForeignKeyConstraint(["event_id"], ["order_event.id"], name=op.f("fk_decision_event_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_decision_run_id")),
        sa.ForeignKeyConstraint(["version_id"], ["automation_version.id"], name=op.f("fk_decision_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint(
            "event_id", "automation_id", "outcome", name=op.f("uq_decision_event_id_automation_id_outcome")
        ),
    )
    op.create_index(op.f("ix_decision_automation_id"), "decision", ["automation_id"], unique=False)
    op.create_index(op.f("ix_decision_run_id"), "decision", ["run_id"], unique=False)
    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("step_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("provider", sa.Text(), nullable=True),
        sa.Column("provider_id", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("content", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_message_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    op.create_index(
        "ix_message_open",
        "message",
        ["updated_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('pending', 'sending', 'unknown')"),
    )
    op.create_index("ix_message_run_id", "message", ["run_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_message_run_id", table_name="message")
    op.drop_index(
        "ix_message_open", table_name="message", postgresql_where=sa.text("state IN ('pending', 'sending', 'unknown')")
    )
    op.drop_table("message")
    op.drop_index(op.f("ix_decision_run_id"), table_name="decision")
    op.drop_index(op.f("ix_decision_automation_id"), table_name="decision")
    op.drop_table("decision")
    op.drop_index(op.f("ix_run_stop_event_id"), table_name="run")
    op.drop_index(
        "ix_run_order_open", table_name="run", postgresql_where=sa.text("state IN ('pending', 'running', 'waiting')")
    )
    op.drop_index("ix_run_order_id", table_name="run")
    op.drop_index(op.f("ix_run_event_id"), table_name="run")
    op.drop_index("ix_run_due_at", table_name="run", postgresql_where=sa.text("state = 'waiting'"))
    op.drop_index(
        "ix_run_contact_open", table_name="run", postgresql_where=sa.text("state IN ('pending', 'running', 'waiting')")
    )
    op.drop_index(op.f("ix_run_automation_id"), table_name="run")
    op.drop_table("run")
    op.drop_index("ix_order_event_unmatched", table_name="order_event", postgresql_where=sa.text("matched_at IS NULL"))
    op.drop_index("ix_order_event_order_id_seq", table_name="order_event")
    op.drop_index("ix_order_event_contact_id_seq", table_name="order_event")
    op.drop_index(op.f("ix_order_event_batch_id"), table_name="order_event")
    op.drop_table("order_event")
    op.drop_table("template_version")
    op.drop_index("ix_order_unmatched", table_name="order", postgresql_where=sa.text("contact_id IS NULL"))
    op.drop_index("ix_order_status_id", table_name="order")
    op.drop_index("ix_order_contact_id_id", table_name="order")
    op.drop_table("order")
    op.drop_index(
        "uq_contact_identity_external",
        table_name="contact_identity",
        postgresql_where=sa.text("kind = 'external_customer_id'"),
    )
    op.drop_index("ix_contact_identity_kind_value", table_name="contact_identity")
    op.drop_table("contact_identity")
    op.drop_table("automation_version")
    op.drop_table("template")
    op.drop_table("suppression")
    op.drop_index("ix_event_batch_open", table_name="event_batch", postgresql_where=sa.text("state <> 'done'"))
    op.drop_table("event_batch")
    op.drop_table("contact")
    op.drop_table("automation")
    op.drop_table("api_key")

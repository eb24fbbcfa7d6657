"""Segments, cells of the RFM grid and moves between them, daily figures, and the triggers that keep them fresh."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_NOW = sa.text("now()")


def _moment(name: str, *, optional: bool = False, now: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=optional, server_default=_NOW if now else None)


def _id() -> sa.Column[object]:
    return sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False)


def _primary(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _foreign(table: str, column: str, target: str, on_delete: str | None = None) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete=on_delete)


def upgrade() -> None:
    op.create_table(
        "segment",
        _id(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("definition", postgresql.JSONB(), nullable=True),
        _moment("created_at", now=True),
        _moment("updated_at", now=True),
        _moment("calculated_at", optional=True),
        _primary("segment", "id"),
        sa.UniqueConstraint("name", name=op.f("uq_segment_name")),
    )
    op.create_table(
        "segment_member",
        sa.Column("segment_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        _moment("added_at", now=True),
        _primary("segment_member", "segment_id", "contact_id"),
        _foreign("segment_member", "segment_id", "segment", "CASCADE"),
        _foreign("segment_member", "contact_id", "contact"),
    )
    op.create_index("ix_segment_member_contact_id", "segment_member", ["contact_id"])
    op.create_table(
        "contact_rfm",
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("recency", sa.Integer(), nullable=False),
        sa.Column("frequency", sa.Integer(), nullable=False),
        _moment("since", now=True),
        _primary("contact_rfm", "contact_id"),
        _foreign("contact_rfm", "contact_id", "contact"),
    )
    op.create_table(
        "rfm_move",
        _id(),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("from_recency", "from_frequency", "to_recency", "to_frequency")
        ),
        _moment("at", now=True),
        _primary("rfm_move", "id"),
        _foreign("rfm_move", "contact_id", "contact"),
    )
    op.create_index("ix_rfm_move_at", "rfm_move", ["at"])
    op.create_index("ix_rfm_move_contact_id_at", "rfm_move", ["contact_id", "at"])
    op.create_table(
        "touched_contact",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        _primary("touched_contact", "seq"),
    )
    op.create_table("figure_zone", sa.Column("zone", sa.Text(), nullable=False), _primary("figure_zone", "zone"))
    op.execute("INSERT INTO figure_zone VALUES ('UTC')")
    op.create_table(
        "daily_figure",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("store_id", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("orders", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.Numeric(), nullable=False),
        _primary("daily_figure", "seq"),
    )
    op.create_index("ix_daily_figure_day", "daily_figure", ["day"])
    op.create_table(
        "regular_launch",
        sa.Column("automation_id", sa.Uuid(), nullable=False),
        _moment("due_at"),
        sa.Column("after", sa.Uuid(), nullable=True),
        sa.Column("launched", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("done", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        _primary("regular_launch", "automation_id", "due_at"),
        _foreign("regular_launch", "automation_id", "automation", "CASCADE"),
    )
    for function in _FOLLOW:
        op.execute(function)
    for event, tables in _TRIGGERS.items():
        op.execute(
            f'CREATE TRIGGER follow_order_{event.lower()} AFTER {event} ON "order" '
            f"REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION follow_order_{event.lower()}()"
        )
    op.execute(_ALL_DAYS)


_TRIGGERS = {
    "INSERT": "NEW TABLE AS new_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
}

_KEY = "(date AT TIME ZONE (SELECT zone FROM figure_zone))::date, store_id, source, currency, status"
_COLUMNS = "id, contact_id, date, store_id, source, currency, status, total_cost"


def _function(event: str, changed: str) -> str:
    return f"""
CREATE FUNCTION follow_order_{event}() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    INSERT INTO touched_contact (contact_id)
    SELECT DISTINCT contact_id FROM ({changed}) AS changed WHERE contact_id IS NOT NULL;
    INSERT INTO daily_figure (day, store_id, source, currency, status, orders, total)
    SELECT {_KEY}, sum(sign), sum(sign * total_cost) FROM ({changed}) AS changed
    GROUP BY 1, 2, 3, 4, 5 HAVING sum(sign) <> 0 OR sum(sign * total_cost) <> 0;
    RETURN NULL;
END $body$;
"""  # noqa: S608 (constants)


# Only what changed in a column that some figure reads: a change of a name touches nothing.
_DIFFERENCE = f"""
    SELECT 1 AS sign, n.* FROM (SELECT {_COLUMNS} FROM new_rows EXCEPT SELECT {_COLUMNS} FROM old_rows) n
    UNION ALL
    SELECT -1, o.* FROM (SELECT {_COLUMNS} FROM old_rows EXCEPT SELECT {_COLUMNS} FROM new_rows) o
"""  # noqa: S608 (constants)
_FOLLOW = (
    _function("insert", f"SELECT 1 AS sign, {_COLUMNS} FROM new_rows"),  # noqa: S608 (constants)
    _function("update", _DIFFERENCE),
    _function("delete", f"SELECT -1 AS sign, {_COLUMNS} FROM old_rows"),  # noqa: S608 (constants)
)
_ALL_DAYS = f"""
    INSERT INTO daily_figure (day, store_id, source, currency, status, orders, total)
    SELECT {_KEY}, count(*), sum(total_cost) FROM "order" GROUP BY 1, 2, 3, 4, 5
"""  # noqa: S608 (constants)


def downgrade() -> None:
    for event in _TRIGGERS:
        op.execute(f'DROP TRIGGER follow_order_{event.lower()} ON "order"')
        op.execute(f"DROP FUNCTION follow_order_{event.lower()}()")
    for table in (
        "regular_launch",
        "daily_figure",
        "figure_zone",
        "touched_contact",
        "rfm_move",
        "contact_rfm",
        "segment_member",
        "segment",
    ):
        op.drop_table(table)

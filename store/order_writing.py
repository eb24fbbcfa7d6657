"""The statements that write orders, their events and batches; store.intake says what goes into them."""

from sqlalchemy import ARRAY, Text, any_, bindparam, literal_column, select, text

from store.claims_first import OF_ORDER_EVENTS
from store.merging import CONTENT, IDENTITIES
from store.tables import Order

_ORDER = Order.__table__  # type: ignore[attr-defined] # SQLModel does not type __table__

_WRITTEN = (
    *CONTENT,
    *IDENTITIES,
    "status_at",
    "contact_id",
    "identity_conflict",
    "version",
    "content_hash",
    "updated_at",
)

_TYPES = {
    "status_date": "timestamptz", "date": "timestamptz", "status_at": "timestamptz", "updated_at": "timestamptz",
    "total_cost": "numeric", "shipping": "numeric", "discount": "numeric", "taxes": "numeric",
    "items": "jsonb", "additional_info": "jsonb", "extra": "jsonb",
    "contact_id": "uuid", "identity_conflict": "boolean", "version": "int",
}  # fmt: skip
_COLUMNS = ", ".join(_WRITTEN)
_GIVEN = ", ".join(f"given.{name}" for name in _WRITTEN)
_TYPED = ", ".join(f"{name} {_TYPES.get(name, 'text')}" for name in _WRITTEN)


def _writing(when: str, conflict: str) -> str:
    """The parts of a statement that write, as long as `when` holds; `conflict` says what becomes of orders that exist.

    Batches, orders and events in one statement, for each statement is a round trip that others wait for. Rows travel as
    JSON parameters: one plan for any number of rows, and decimals stay exact. New orders are inserted in one order, so
    that two who insert the same ones do not wait for each other in a circle.
    """
    return f"""
    batch AS MATERIALIZED (
        SELECT n, COALESCE(id, uuidv7()) AS id, id IS NULL AS is_new, source, accepted, failed
        FROM json_to_recordset(CAST(:batches AS json)) AS given(n int, id uuid, source text, accepted int, failed int)
        WHERE {when}
    ), put_batch AS (
        INSERT INTO event_batch (id, source, state, accepted, failed)
        SELECT id, source, 'pending', accepted, failed FROM batch WHERE is_new
    ), changed AS (
        UPDATE "order" AS o SET ({_COLUMNS}) = ROW({_GIVEN})
        FROM json_to_recordset(CAST(:changed AS json)) AS given({_TYPED}, id uuid) WHERE o.id = given.id AND {when}
    ), inserted AS (
        INSERT INTO "order" ({_COLUMNS})
        SELECT {_GIVEN} FROM json_to_recordset(CAST(:new AS json)) AS given({_TYPED})
        WHERE {when} ORDER BY external_order_id
        {conflict} RETURNING external_order_id, id
    ), given AS MATERIALIZED (
        SELECT * FROM json_to_recordset(CAST(:events AS json)) AS given(n int, batch int, event_type text,
            event_key text, effect text, order_id uuid, order_version int, snapshot jsonb, kept jsonb,
            occurred_at timestamptz, contact_id uuid, match_external_id text, match_email text, match_phone text)
        WHERE {when}
    ), put_event AS (
        INSERT INTO order_event
            (event_type, event_key, effect, order_id, order_version, snapshot, kept, batch_id, occurred_at)
        SELECT event_type, event_key, effect, COALESCE(order_id, inserted.id), order_version, snapshot, kept, batch.id,
               occurred_at
        FROM given JOIN batch ON batch.n = given.batch
        LEFT JOIN inserted ON inserted.external_order_id = event_key
        WHERE order_id IS NOT NULL OR inserted.id IS NOT NULL ORDER BY given.n
    ), waited_for AS MATERIALIZED ({OF_ORDER_EVENTS})
    """  # noqa: S608 # column names are constants


_OF_IDS = _ORDER.c.external_order_id == any_(bindparam("ids", type_=ARRAY(Text)))
# FOR NO KEY UPDATE keeps other writers away, and lets workers insert what refers to the order.
LOCKED = select(_ORDER).where(_OF_IDS).order_by(_ORDER.c.external_order_id).with_for_update(key_share=True)
# After LOCKED, in its transaction. Events of what somebody else inserted meanwhile are left out.
WRITE = text(f"""
    WITH {_writing("true", "ON CONFLICT (external_order_id) DO NOTHING")}
    SELECT NULL AS external_order_id, n, id FROM batch UNION ALL SELECT external_order_id, NULL, id FROM inserted
    UNION ALL SELECT NULL, count(*), NULL FROM waited_for
""")  # noqa: S608 # constants

# The stamp is of the transaction that wrote the row.
SEEN = select(_ORDER, literal_column("CAST(xmin AS text)").label("stamp")).where(_OF_IDS)
# After SEEN, in a transaction of its own: everything is written if the orders are still as they were seen, and nothing
# otherwise. Orders are locked before runs, so the rows inserted are counted before those of runs. An order that was
# committed after the statement began ends it by the unique constraint.
WRITE_AS_SEEN = text(f"""
    WITH known AS MATERIALIZED (
        SELECT id, CAST(xmin AS text) AS stamp FROM "order"
        WHERE external_order_id = ANY(CAST(:ids AS text[])) ORDER BY external_order_id FOR NO KEY UPDATE
    ), seen AS MATERIALIZED (
        SELECT * FROM json_to_recordset(CAST(:seen AS json)) AS seen(id uuid, stamp text)
    ), fits AS MATERIALIZED (
        SELECT count(*) = count(seen.id) AND count(*) = (SELECT count(*) FROM seen) AS yes
        FROM known LEFT JOIN seen ON seen.id = known.id AND seen.stamp = known.stamp
    ), {_writing("(SELECT yes FROM fits)", "")}
    SELECT (SELECT array_agg(id ORDER BY n) FROM batch) AS batches, (SELECT count(*) FROM inserted) AS inserted,
        (SELECT count(*) FROM waited_for) AS waited_for
""")  # noqa: S608 # constants

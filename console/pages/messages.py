"""Messages: the ledger, with states and reasons."""

from markupsafe import Markup

from automation.reasons import message_sentence
from console.markup import filters, link, moment, older, put, state, table, with_small
from console.place import before, id_of
from console.shell import page
from console.text import tr
from console.visit import Visit
from store import automations
from store.message_list import MessageFilter, Row, list_messages
from store.tables.message import MessageState

_PAGE = 50


@page("/messages", title="Messages")
async def messages(visit: Visit) -> None:
    """The list, newest first."""
    query = visit.query
    contact = query.get("contact")
    wanted = MessageFilter(
        state=query.get("state"),
        channel=query.get("channel"),
        order=query.get("text"),
        contact_id=id_of("contact", contact) if contact else None,
        automation=query.get("automation"),
    )
    async with visit.read() as session:
        names = [one.name for one in await automations.list_all(session)]
        found = await list_messages(session, wanted, before=before(query.get("cursor")), limit=_PAGE + 1)
    put(
        filters(
            {
                "text": (tr("Order"), None),
                "state": (tr("State"), [str(each) for each in MessageState]),
                "automation": (tr("Automation"), names),
                "channel": (tr("Channel"), None),
            },
            query,
        ),
        listing(
            visit, found[:_PAGE], empty=tr("No such messages. Each message that an automation wants to send is one.")
        ),
        older("/messages", query, str(found[_PAGE - 1]["id"]) if len(found) > _PAGE else None),
    )


def listing(visit: Visit, rows: list[Row], *, empty: str) -> Markup:
    """Messages with what became of each."""
    zone = visit.services.settings.zone
    return table(
        [tr(name) for name in ("Message", "State", "Why", "Automation", "Channel", "Updated")],
        [
            (
                link(f"/messages/{row['id']}", row["subject"] or row["template"]),
                state(row["state"]),
                message_sentence(row["state"], row["reason"]) if row["reason"] else "–",
                with_small(
                    Markup("{}{}").format(
                        link(f"/runs/{row['run_id']}", row["automation"]),
                        Markup(' <span class="oc-pill oc-warn">{}</span>').format(tr("TEST")) if row["test"] else "",
                    ),
                    row["step_id"],
                ),
                row["channel"],
                moment(row["updated_at"], zone),
            )
            for row in rows
        ],
        empty=empty,
    )

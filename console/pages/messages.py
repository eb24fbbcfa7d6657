"""Messages: the ledger, with states, reasons and what was sent."""

from datetime import UTC, datetime
from uuid import UUID

from markupsafe import Markup
from nicegui import ui

from automation.reasons import message_sentence
from console.markup import cards, document, filters, heading, link, moment, older, put, state, table
from console.place import before, id_of
from console.shell import action, page
from console.text import tr
from console.visit import Visit
from core.resending import start_resend
from store.message_list import MessageFilter, find_message, list_messages, resolve_as_sent, resolve_by_resend
from store.tables.message import MessageState
from store.tables.user import Role

_PAGE = 50


@page("/messages", title="Messages")
async def messages(visit: Visit) -> None:
    """The list, newest first."""
    query = visit.query
    put(
        filters(
            {
                "state": (tr("State"), [str(each) for each in MessageState]),
                "channel": (tr("Channel"), None),
                "text": (tr("Order"), None),
            },
            query,
        )
    )
    async with visit.read() as session:
        found = await list_messages(
            session,
            MessageFilter(state=query.get("state"), channel=query.get("channel"), order=query.get("text")),
            before=before(query.get("cursor")),
            limit=_PAGE + 1,
        )
    zone = visit.services.settings.zone
    columns = [tr(name) for name in ("Message", "State", "Channel", "Automation", "Why", "Updated")]
    put(
        table(
            columns,
            [
                (
                    link(f"/messages/{row['id']}", row["subject"] or row["template"]),
                    state(row["state"]),
                    row["channel"],
                    f"{row['automation']} › {row['step_id']}",
                    message_sentence(row["state"], row["reason"]),
                    moment(row["updated_at"], zone),
                )
                for row in found[:_PAGE]
            ],
            empty=tr("No such messages."),
        ),
        older("/messages", query, str(found[_PAGE - 1]["id"]) if len(found) > _PAGE else None),
    )


@page("/messages/{message_id}", title="Message")
async def message(visit: Visit) -> None:
    """One message as it was sent."""
    async with visit.read() as session:
        found = await find_message(session, id_of("message", visit.path("message_id")))
    zone = visit.services.settings.zone
    content = found["content"] or {}
    put(
        cards(
            {
                tr("state"): state(found["state"]),
                tr("to"): found["address"] or "–",
                tr("channel"): found["channel"],
                tr("attempts"): found["attempts"],
                tr("sent"): moment(found["sent_at"], zone),
                tr("order"): link(f"/orders/{found['order_id']}", tr("show")) if found["order_id"] else "–",
                tr("run"): link(f"/runs/{found['run_id']}", str(found["run_id"])[-12:]),
            }
        ),
        heading(message_sentence(found["state"], found["reason"])),
    )
    if found["state"] == MessageState.UNKNOWN and visit.may(Role.OPERATOR):
        with ui.row():
            ui.button(tr("It arrived"), on_click=action(lambda: _arrived(visit, found["id"])))
            ui.button(tr("Send it again"), color="negative", on_click=action(lambda: _again(visit, found["id"])))
    if not content:
        put(Markup('<p class="oc-empty">{}</p>').format(tr("Nothing was rendered, or its content was erased.")))
        return
    put(heading(content.get("subject") or tr("Without a subject")))
    if content.get("html"):  # an own origin without scripts, forms or network: a mail cannot reach the console
        put(
            Markup('<iframe class="oc" sandbox="" title="{}" srcdoc="{}"></iframe>').format(
                tr("The message"), content["html"]
            )
        )
    put(heading(tr("As text")), document(content.get("text") or ""))


async def _arrived(visit: Visit, message_id: UUID) -> str:
    user = await visit.acting(Role.OPERATOR)
    async with visit.read() as session:
        await resolve_as_sent(session, message_id, actor=f"user:{user.email}", now=datetime.now(UTC))
    return tr("The message counts as sent.")


async def _again(visit: Visit, message_id: UUID) -> str:
    user = await visit.acting(Role.OPERATOR)
    async with visit.read() as session:
        resend = await resolve_by_resend(session, message_id, actor=f"user:{user.email}", now=datetime.now(UTC))
    await start_resend(visit.services.client, resend)
    return tr("It goes out again, unless the last look forbids it.")

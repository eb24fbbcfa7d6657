"""One message: what was sent to whom, what became of it, and how an unknown outcome is settled."""

from datetime import UTC, datetime

from markupsafe import Markup
from nicegui import ui

from automation.reasons import message_sentence
from console.asking import Field, Given, asking
from console.markup import document, facts, heading, hero, link, moment, nothing, panel, put, state, whose
from console.place import id_of
from console.shell import page
from console.text import tr
from console.told import go
from console.visit import Visit
from core.errors import InvalidError
from core.resending import start_resend
from store.message_list import Row, find_message, resolve_as_sent, resolve_by_resend
from store.run_list import names_of
from store.tables.message import MessageState
from store.tables.user import Role

_LONGEST_REASON = 500


@page("/messages/{message_id}", title="Message", own_heading=True)
async def message(visit: Visit) -> None:
    """One message as it was sent."""
    async with visit.read() as session:
        found = await find_message(session, id_of("message", visit.path("message_id")))
        names = await names_of(session, found["run_id"])
    content = found["content"] or {}
    test = Markup('<span class="oc-pill oc-warn">{}</span>').format(tr("TEST")) if found["test"] else ""
    put(
        hero(
            content.get("subject") or found["template"],
            state(found["state"]),
            test,
            above=("/messages", tr("Messages")),
        ),
        _why(found),
        panel(_facts(visit, found, *names)),
    )
    _offer(visit, found)
    put(heading(tr("What was sent")), _rendered(content))


def _why(found: Row) -> Markup:
    if not found["reason"]:
        return Markup("")
    bad = found["state"] in {MessageState.FAILED, MessageState.BOUNCED, MessageState.COMPLAINED, MessageState.UNKNOWN}
    return Markup('<p class="oc-note {}">{}</p>').format(
        "oc-bad" if bad else "oc-warn", message_sentence(found["state"], found["reason"])
    )


def _facts(visit: Visit, found: Row, order: str | None, contact: str | None) -> Markup:
    zone = visit.services.settings.zone
    run = link(f"/runs/{found['run_id']}", found["automation"])
    return facts(
        {
            tr("To"): found["address"],
            tr("Channel"): found["channel"],
            tr("Template"): found["template"],
            tr("Run"): run,
            tr("Step"): found["step_id"],
            tr("Order"): link(f"/orders/{found['order_id']}", order) if found["order_id"] else None,
            tr("Contact"): whose(found["contact_id"], contact),
            tr("Due"): moment(found["due_at"], zone),
            tr("Sent"): moment(found["sent_at"], zone),
            tr("Attempts"): found["attempts"],
            tr("Provider"): " ".join(filter(None, (found["provider"], found["provider_id"]))) or None,
            tr("Id"): found["id"],
        }
    )


def _rendered(content: Row) -> Markup:
    """A frame of an origin of its own without scripts, forms or network: a mail cannot reach the console."""
    if not content:
        return nothing(tr("Nothing was rendered, or its content was erased."))
    html = content.get("html")
    frame = Markup('<iframe class="oc" sandbox="" title="{}" srcdoc="{}"></iframe>').format(tr("The message"), html)
    return Markup("{}{}{}").format(
        frame if html else "", heading(tr("As text"), 3), document(content.get("text") or "")
    )


def _offer(visit: Visit, found: Row) -> None:
    """Only a message whose outcome nobody knows is settled by hand; every other state is knowledge."""
    if found["state"] != MessageState.UNKNOWN or not visit.may(Role.OPERATOR):
        return
    message_id = found["id"]

    async def arrived(given: Given) -> str:
        user = await visit.acting(Role.OPERATOR)
        async with visit.read() as session:
            now = datetime.now(UTC)
            await resolve_as_sent(session, message_id, actor=f"user:{user.email}", now=now, why=_said(given))
        return go(visit, f"/messages/{message_id}", tr("The message counts as sent."))

    async def again(given: Given) -> str:
        user = await visit.acting(Role.OPERATOR)
        async with visit.read() as session:
            now = datetime.now(UTC)
            actor = f"user:{user.email}"
            resend = await resolve_by_resend(session, message_id, actor=actor, now=now, why=_said(given))
        await start_resend(visit.services.client, resend)
        return go(visit, f"/messages/{message_id}", tr("It goes out again, unless the last look forbids it."))

    reason = {"why": Field(tr("How you know, kept in the audit log"))}
    put(Markup('<p class="oc-soft">{}</p>').format(
        tr("The connection broke before the provider answered. Ask the provider, or the person, and settle it here.")
    ))  # fmt: skip
    with ui.element("div").classes("oc-row"):
        asking(tr("It arrived"), tr("The message will count as sent."), arrived, reason)
        text = tr("The person may get it twice. It goes out unless the last look forbids it.")
        asking(tr("Send it again"), text, again, {"why": Field(tr("Reason, kept in the audit log"))}, danger=True)


def _said(given: Given) -> str:
    if not given["why"]:
        raise InvalidError(tr("Say why: it is kept in the audit log."), field="why")
    return given["why"][:_LONGEST_REASON]

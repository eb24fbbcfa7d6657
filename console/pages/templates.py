"""Templates: what is sent today, as text and as it would look with an order."""

from markupsafe import Markup

from automation.template import CompiledTemplate, Template, TemplateError
from console.markup import document, filters, heading, link, put, table
from console.shell import page
from console.text import tr
from console.visit import Visit
from core.document import snapshot
from core.errors import NotFoundError
from store.facts import load_contacts
from store.orders import find_order, order_columns
from store.templates import latest_template, list_templates


@page("/templates", title="Templates")
async def templates(visit: Visit) -> None:
    """The list, by name."""
    async with visit.read() as session:
        found = await list_templates(session)
    put(
        table(
            [tr(name) for name in ("Template", "Version", "Subject")],
            [(link(f"/templates/{one.name}", one.name), one.number, one.content.get("subject")) for one in found],
            empty=tr("No templates yet: ordercue templates apply examples/templates"),
        )
    )


@page("/templates/{name}", title="Template")
async def template(visit: Visit) -> None:
    """One template, rendered with the order that the address names."""
    query = visit.query
    put(filters({"order": (tr("Show with order"), None)}, query))
    async with visit.read() as session:
        found = await latest_template(session, visit.path("name"))
        if found is None:
            raise NotFoundError("template", visit.path("name"))
        facts: dict[str, object] | None = None
        if "order" in query:
            order = await find_order(session, query["order"])
            people = await load_contacts(session, [order.contact_id] if order.contact_id else [])
            facts = {
                "order": snapshot(order_columns(order)),
                "event": {"eventKey": order.external_order_id},
                "contact": people.get(order.contact_id, {}) if order.contact_id else {},
            }
    put(heading(f"{found.name} v{found.number}"))
    if facts is not None:
        _preview(Template.model_validate(found.ready), facts)
    for part in ("subject", "html", "mjml", "text"):
        if found.content.get(part):
            put(heading(part), document(found.content[part]))


def _preview(source: Template, facts: dict[str, object]) -> None:
    try:
        rendered = CompiledTemplate(source).render(facts)
    except TemplateError as error:
        put(Markup('<p class="oc-empty" role="alert">{}</p>').format(error))
        return
    put(heading(rendered.subject or tr("Without a subject")))
    if rendered.html:  # an own origin without scripts, forms or network
        put(
            Markup('<iframe class="oc" sandbox="" title="{}" srcdoc="{}"></iframe>').format(
                tr("The message"), rendered.html
            )
        )
    put(heading(tr("As text")), document(rendered.text))

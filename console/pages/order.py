"""One order: its timeline, which answers why, and its fields."""

from uuid import UUID

from markupsafe import Markup

from api.story import tell
from console.markup import cards, document, heading, link, moment, money, put, readable, state
from console.place import id_of
from console.shell import page
from console.text import tr
from console.visit import Visit
from core.contracts import automation_run_id
from core.document import snapshot
from store.orders import get_order, order_columns
from store.timeline import load_timeline


@page("/orders/{order_id}", title="Order")
async def order(visit: Visit) -> None:
    """Everything that is known of an order."""
    async with visit.read() as session:
        found = await get_order(session, id_of("order", visit.path("order_id")))
        timeline = await load_timeline(session, found.id)
    zone = visit.services.settings.zone
    put(
        cards(
            {
                tr("order"): found.external_order_id,
                tr("status"): state(found.status),
                tr("total"): money(found.total_cost, found.currency),
                tr("date"): moment(found.date, zone),
                tr("contact"): tr("matched") if found.contact_id else tr("not matched"),
                tr("accepted changes"): found.version,
            }
        ),
        heading(tr("What happened, and why")),
    )
    items = [
        Markup("<li><strong>{}</strong> {} <span class='oc-soft'>{}</span>{}</li>").format(
            _title(entry), entry.get("sentence", ""), moment(entry["at"], zone), _more(visit, entry)
        )
        for entry in tell(timeline)
    ]
    put(Markup('<ol class="oc-story">{}</ol>').format(Markup("").join(items)))
    put(heading(tr("As it is stored")), document(readable(snapshot(order_columns(found)))))


def _title(entry: dict[str, object]) -> str:
    match entry["kind"]:
        case "event":
            return f"{entry['type']} ({entry['effect']})"
        case "message":
            return f"{entry['automation']} › {entry['step']}: {entry['subject'] or entry['template']}"
        case _:
            return f"{entry['automation']} v{entry['version']}"


def _more(visit: Visit, entry: dict[str, object]) -> Markup:
    if entry["kind"] == "run":
        ui_url = f"{visit.services.settings.temporal_ui_url}/namespaces/{visit.services.settings.temporal_namespace}"
        workflow = f"{ui_url}/workflows/{automation_run_id(UUID(str(entry['id']))).replace('/', '%2F')}"
        return Markup(" {} · {}").format(link(f"/runs/{entry['id']}", tr("run")), link(workflow, tr("in Temporal")))
    if entry["kind"] == "message":
        return Markup(" {}").format(link(f"/messages/{entry['id']}", tr("message")))
    return Markup("")

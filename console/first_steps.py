"""What to do on an installation that is still empty, until it is done."""

from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from console.markup import document, heading, link, panel
from console.text import tr
from console.visit import Visit
from store.automations import list_all
from store.orders import OrderFilter, list_orders
from store.tables.user import Role

_ORDER = """\
curl -u ":$KEY" {url}/api/v1/orders -H 'Content-Type: application/json' -d '{{"orders": [{{
  "externalOrderId": "UA-1", "externalCustomerId": "C-1", "email": "olena@example.com",
  "totalCost": 378.00, "currency": "UAH", "status": "INITIALIZED", "date": "2026-05-18T09:30:00+03:00"}}]}}'"""


async def first_steps(visit: Visit, session: AsyncSession) -> Markup:
    """An automation and an order, whichever is missing; nothing once there are both, or for who only looks."""
    if not visit.may(Role.MARKETER):
        return Markup()
    steps = []
    if not any(one.live_number for one in await list_all(session)):
        steps.append(
            Markup("{} {}").format(
                tr("Publish an automation; a recipe is a good beginning:"),
                link("/automations/new", tr("New automation")),
            )
        )
    if not await list_orders(session, OrderFilter(), after=None, limit=1):
        keys = link("/settings?view=keys", tr("API keys")) if visit.may(Role.ADMIN) else tr("an admin makes one")
        order = document(_ORDER.format(url=visit.services.settings.public_url.rstrip("/")))
        steps.append(Markup("{} ({}): {}").format(tr("Post an order, with an API key as KEY"), keys, order))
    if not steps:
        return Markup()
    listed = Markup("").join(Markup("<li>{}</li>").format(step) for step in steps)
    return panel(heading(tr("First steps")), Markup("<ol>{}</ol>").format(listed))

"""Ways to Temporal's Web UI."""

from uuid import UUID

from markupsafe import Markup

from console.markup import link
from console.text import tr
from core.contracts import automation_run_id
from core.settings import Settings


def in_temporal(settings: Settings, run_id: UUID) -> Markup:
    """A link to the execution of a run."""
    name = automation_run_id(run_id).replace("/", "%2F")
    return link(
        f"{settings.temporal_ui_url}/namespaces/{settings.temporal_namespace}/workflows/{name}", tr("in Temporal")
    )

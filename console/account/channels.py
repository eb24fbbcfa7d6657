"""How people are reached: who takes the messages of each channel, and whether it works."""

from markupsafe import Markup

from console.markup import heading, moment, nothing, put, state, table
from console.text import number, tr
from console.visit import Visit
from core.http_providers import channel_names
from core.settings import Settings
from store.providers import disabled_stores, provider_states


async def show(visit: Visit) -> None:
    """Every channel that is set up, its provider and state, and shops that are switched off."""
    settings, zone = visit.services.settings, visit.services.settings.zone
    async with visit.read() as session:
        states = {one.provider: one for one in await provider_states(session)}
        stores = await disabled_stores(session)
    lines = []
    for channel, provider, sender in set_up(settings):
        known = states.get(channel)
        lines.append(
            (
                Markup("<strong>{}</strong>").format(channel),
                provider,
                sender,
                state(known.state if known else "up"),
                Markup("{} {}").format(known.reason or "", moment(known.until, zone)) if known and known.until else "–",
                number(settings.channel_rates.get(channel)) if channel in settings.channel_rates else tr("no limit"),
            )
        )
    put(
        table(
            [tr(name) for name in ("Channel", "Provider", "Sender", "State", "Paused until", "Messages a second")],
            lines,
            empty=tr("No channel is set up. docs/channels.md tells how."),
        ),
        Markup('<p class="oc-soft" style="margin-top:.8rem">{}</p>').format(
            tr(
                "Providers are chosen with ORDERCUE_EMAIL_PROVIDER, ORDERCUE_SMS_PROVIDER and the file of "
                "ORDERCUE_HTTP_PROVIDERS; their secrets stay in the environment and are shown nowhere."
            )
        ),
        heading(tr("Shops that are switched off")),
        table(
            [tr(name) for name in ("Shop", "Why", "Since")],
            [(one.store_id, one.reason, moment(one.created_at, zone)) for one in stores],
            empty=tr("None: every shop's customers get their messages."),
        )
        if stores
        else nothing(tr("None: every shop's customers get their messages.")),
    )


def set_up(settings: Settings) -> list[tuple[str, str, str]]:
    """Channel, provider and sender of what can send."""
    own = {
        "email": (settings.email_provider, settings.mail_from),
        "sms": (settings.sms_provider, settings.sms_from),
        "webhook_message": ("Standard Webhooks", "–"),
    }
    return [(name, *own.get(name, ("http", "–"))) for name in channel_names(settings)]

"""How people are reached: who takes the messages of each channel, and whether it works."""

from markupsafe import Markup
from nicegui import ui

from api.template_test import TestWanted
from automation.template import Template
from console.asking import Field, Given, asking
from console.markup import heading, moment, nothing, put, state, table
from console.sent_test import send_test
from console.text import number, tr
from console.visit import Visit
from core.channels import served_channels
from core.settings import Settings
from store.providers import disabled_stores, provider_states
from store.tables.user import Role


async def show(visit: Visit) -> None:
    """Every channel that is set up, its provider and state, and shops that are switched off."""
    settings, zone = visit.services.settings, visit.services.settings.zone
    async with visit.read() as session:
        states = {one.provider: one for one in await provider_states(session)}
        stores = await disabled_stores(session)
    served = served_channels(settings)
    if served:
        _offer_test(visit, list(served))
    lines = []
    for channel, provider in served.items():
        known = states.get(channel)
        lines.append(
            (
                Markup("<strong>{}</strong>").format(channel),
                provider,
                _sender(settings, channel),
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


def _offer_test(visit: Visit, channels: list[str]) -> None:
    async def send(given: Given) -> str:
        channel = given["channel"]
        template = Template(name="channel-test", subject=f"Ordercue, {channel}", text=tr("This channel works."))
        return await send_test(visit, Role.ADMIN, TestWanted(template, given["to"], channel))

    text = tr("A short message really goes out, once, marked TEST and counted nowhere.")
    fields = {
        "channel": Field(tr("Channel"), channels[0], choices=channels),
        "to": Field(tr("To: an address of this channel")),
    }
    with ui.element("div").classes("oc-row"):
        asking(tr("Test a channel"), text, send, fields, main=True)


_SENDERS = {"email": "mail_from", "sms": "sms_from"}


def _sender(settings: Settings, channel: str) -> str:
    """Who it comes from, where the settings say it."""
    return str(getattr(settings, _SENDERS[channel])) if channel in _SENDERS else "–"

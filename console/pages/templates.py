"""Templates: what is sent today, how it looks for an order, and every version."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from markupsafe import Markup

from api.template_work import lint_template, preview_template
from automation.template import Rendered, Template, TemplateError
from automation.template_lint import Severity
from console.mail import mail_frame
from console.markup import document, filters, heading, hero, link, moment, older, put, table, tabs
from console.order_choice import orders_like
from console.place import whole_number
from console.shell import page
from console.text import number, tr
from console.visit import Visit
from store.tables.user import Role
from store.template_facts import marketing_uses
from store.templates import StoredTemplate, find_template, list_template_versions, list_templates

_PAGE = 50
_VIEWS = {"preview": "Preview", "source": "Source", "versions": "Versions"}
_DESKTOP, _PHONE = "desktop", "phone"


@page("/templates", title="Templates")
async def templates(visit: Visit) -> None:
    """The list, by name."""
    async with visit.read() as session:
        found = await list_templates(session)
    zone = visit.services.settings.zone
    if visit.may(Role.MARKETER):
        put(
            Markup('<p class="oc-row"><a class="oc-button oc-main-action" href="/template-editor">{}</a></p>').format(
                tr("New template")
            )
        )
    put(
        table(
            [tr(name) for name in ("Template", "Subject", "Languages", "Version", "Published")],
            [
                (
                    link(_address(one.name), one.name),
                    one.content.get("subject"),
                    ", ".join(sorted(one.content.get("locales", {}))),
                    number(one.number),
                    moment(one.created_at, zone),
                )
                for one in found
            ],
            empty=tr(
                "No templates yet. Write one with the button above, or: ordercue templates apply examples/templates"
            ),
            numeric=frozenset({3}),
        )
    )


@page("/templates/{name}", title="Template", own_heading=True)
async def template(visit: Visit) -> None:
    """One template: rendered with the order that the address names, its text, its versions."""
    query = visit.query
    async with visit.read() as session:
        found = await find_template(session, visit.path("name"), whole_number(query.get("version")))
        uses = await marketing_uses(session, found.name)
    address = _address(found.name)
    put(
        hero(
            found.name,
            Markup('<span class="oc-pill">{}</span>').format(tr("version {number}", number=found.number)),
            _edit(visit, found) if visit.may(Role.MARKETER) else "",
            above=("/templates", tr("Templates")),
        )
    )
    if uses:
        put(Markup('<p class="oc-soft">{}</p>').format(tr("Sent by e-mail by: {names}", names=", ".join(uses))))
    view = query.get("view", "")
    view = view if view in _VIEWS else "preview"
    put(tabs(address, query, "view", {name: tr(label) for name, label in _VIEWS.items()}, view))
    if view == "versions":
        await _versions(visit, found.name, address)
    elif view == "source":
        _source(found)
    else:
        await _preview(visit, found)


async def _preview(visit: Visit, found: StoredTemplate) -> None:
    query = visit.query
    languages = sorted(found.content.get("locales", {}))
    fields: dict[str, tuple[str, list[str] | None]] = {
        "order": (tr("Order: its id, or an e-mail, phone or name"), None),
        "width": (tr("Width"), [_DESKTOP, _PHONE]),
    }
    if languages:
        fields["language"] = (tr("Language"), languages)
    put(filters(fields, query))
    order = None
    if "order" in query:
        offered = await orders_like(visit, query["order"])
        if len(offered) != 1:
            put(_choice(query, [str(row["external_order_id"]) for row in offered]))
            return
        order = str(offered[0]["external_order_id"])
    else:
        put(Markup('<p class="oc-soft">{}</p>').format(tr("With a made-up order; name one to see its message.")))
    source = Template.model_validate(found.content)
    try:
        async with visit.read() as session:
            findings = await lint_template(session, source)
            settings = visit.services.settings
            rendered = await preview_template(session, settings, source, order=order, language=query.get("language"))
    except TemplateError as error:
        put(Markup('<p class="oc-empty" role="alert">{}</p>').format(error))
        return
    for one in findings:
        tone = "oc-bad" if one.severity is Severity.ERROR else "oc-warn"
        put(Markup('<div class="oc-note {}">{}</div>').format(tone, one))
    put(_message(rendered, narrow=query.get("width") == _PHONE))


def _message(rendered: Rendered, *, narrow: bool) -> Markup:
    parts = [heading(rendered.subject or tr("Without a subject"))]
    if rendered.html:
        parts.append(mail_frame(rendered.html, narrow=narrow))
    return Markup("").join([*parts, heading(tr("As text")), document(rendered.text)])


def _choice(query: Mapping[str, str], orders: list[str]) -> Markup:
    if not orders:
        return Markup('<p class="oc-empty">{}</p>').format(
            tr("No such orders. Take the filter away for a made-up one.")
        )
    links = Markup(" ").join(
        Markup('<a class="oc-button" href="?{}">{}</a>').format(urlencode({**query, "order": one}), one)
        for one in orders
    )
    return Markup('<p class="oc-soft">{}</p><div class="oc-row">{}</div>').format(tr("Which of these?"), links)


def _source(found: StoredTemplate) -> None:
    variants = {tr("The template itself"): found.content, **found.content.get("locales", {})}
    for name, variant in variants.items():
        if len(variants) > 1:
            put(heading(name))
        for part in ("subject", "html", "mjml", "text"):
            if variant.get(part):
                put(heading(part, 3), document(variant[part]))


async def _versions(visit: Visit, name: str, address: str) -> None:
    async with visit.read() as session:
        found = await list_template_versions(
            session, name, before=whole_number(visit.query.get("cursor")), limit=_PAGE + 1
        )
    zone = visit.services.settings.zone
    kept = {"view": "versions"}
    put(
        table(
            [tr(column) for column in ("Version", "Subject", "Published", "")],
            [
                (
                    link(f"{address}?version={one.number}", tr("version {number}", number=one.number)),
                    one.content.get("subject"),
                    moment(one.created_at, zone),
                    _edit(visit, one) if visit.may(Role.MARKETER) else "",
                )
                for one in found[:_PAGE]
            ],
            empty=tr("No older versions."),
        ),
        older(address, kept, str(found[_PAGE - 1].number) if len(found) > _PAGE else None),
    )


def _edit(visit: Visit, one: StoredTemplate) -> Markup:
    asked = {"template": one.name, "version": str(one.number)}
    if "order" in visit.query:
        asked["order"] = visit.query["order"]
    return Markup('<a class="oc-button" href="/template-editor?{}">{}</a>').format(urlencode(asked), tr("Edit"))


def _address(name: str) -> str:
    return f"/templates/{quote(name, safe='')}"

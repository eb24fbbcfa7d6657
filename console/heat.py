"""A grid whose colour says how much is where; the figure itself says it too."""

from collections.abc import Sequence

from markupsafe import Markup

from console.text import tr


def heat_map(corner: str, columns: Sequence[str], rows: Sequence[tuple[str, Sequence[Markup]]]) -> Markup:
    """A table with headings on both sides."""
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(name) for name in columns)
    lines = Markup("").join(
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(name, Markup("").join(cells)) for name, cells in rows
    )
    return Markup(
        '<div class="oc-scroll" tabindex="0" role="region" aria-label="{}"><table class="oc oc-heat"><thead><tr>'
        '<th scope="col">{}</th>{}</tr></thead><tbody>{}</tbody></table></div>'
    ).format(tr("Heat map: {corner}", corner=corner), corner, head, lines)


def heat_cell(shown: str | None, share: float, *, href: str | None = None, title: str = "") -> Markup:
    """A cell; `share` of the largest one is its colour. Nothing is a dot."""
    if shown is None:
        return Markup('<td class="oc-cold">·</td>')
    # a square root: small figures differ too
    style = f"--heat: {max(share, 0.0) ** 0.5:.2f}"
    if href is None:
        return Markup('<td><span style="{}" title="{}">{}</span></td>').format(style, title, shown)
    return Markup('<td><a href="{}" style="{}" title="{}">{}</a></td>').format(href, style, title, shown)

"""What is done once, when a template is published, so that sends stay fast: MJML compiled, CSS inlined."""

from collections.abc import Callable

from liquid.exceptions import LiquidError

from automation.template import CompiledTemplate
from automation.template_inline import InlineError, with_inlined_css
from automation.template_mjml import MjmlError, html_of_mjml
from automation.template_model import Template, TemplateError, Variant


def prepare(template: Template) -> Template:
    """The template as it is rendered; the same one when nothing is to be done. Raises TemplateError.

    Every part was compiled on the way: what comes out can be rendered.
    """
    CompiledTemplate(template)  # mistakes of Liquid, with their places in what the author wrote
    base = _ready(template, template, None)
    locales = {locale: _ready(template, variant, locale) for locale, variant in template.locales.items()}
    if base is template and all(locales[locale] is variant for locale, variant in template.locales.items()):
        return template
    ready = template.model_copy(
        update={"html": base.html, "mjml": None, "locales": locales, "inline_css": template.inline_css}
    )
    CompiledTemplate(ready)
    return ready


def _ready(template: Template, variant: Variant, locale: str | None) -> Variant:
    html = variant.html
    if variant.mjml is not None:
        html = _try(html_of_mjml, variant.mjml, template, "mjml", locale)
    if html is not None and template.inline_css:
        html = _try(with_inlined_css, html, template, "html", locale)
    return variant if html == variant.html else variant.model_copy(update={"html": html, "mjml": None})


def _try(work: Callable[[str], str], source: str, template: Template, part: str, locale: str | None) -> str:
    try:
        return work(source)
    except (MjmlError, InlineError) as error:
        raise TemplateError(str(error), template=template.name, part=part, locale=locale) from error
    except LiquidError as error:
        raise TemplateError(str(error.message), template=template.name, part=part, locale=locale) from error

"""A line of small bars: how much of something there was in each hour or day."""

from collections.abc import Sequence

from markupsafe import Markup

_HEIGHT = 24
_WIDTH = 4


def sparkline(values: Sequence[int], label: str) -> Markup:
    """The bars; `label` says to a screen reader what they show."""
    most = max(values, default=0)
    bars = Markup("").join(
        Markup('<rect x="{}" y="{}" width="{}" height="{}"/>').format(
            number * (_WIDTH + 1), _HEIGHT - height, _WIDTH, height
        )
        for number, value in enumerate(values)
        if (height := max(2, round(_HEIGHT * value / most)) if value else 1)
    )
    return Markup(
        '<svg class="oc-spark" role="img" aria-label="{}" viewBox="0 0 {} {}"><title>{}</title>{}</svg>'
    ).format(label, len(values) * (_WIDTH + 1), _HEIGHT, label, bars)

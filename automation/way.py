"""The way that a run took, told from what came of its steps."""

from collections.abc import Mapping
from typing import Any

from automation.flow import Flow, FlowError, ways


def way_of(
    flow: Flow,
    results: Mapping[str, Mapping[str, Any]],  # Any: JSON
    *,
    at: str | None,
    ended: bool,
) -> tuple[list[str | None], dict[str, str]]:
    """The steps from the first one to where the run stands, None being the end, and the branch it took at each.

    `ended` says that it went on to the end. Where a branch is not known, or is one of another version, the way breaks
    off: a picture then shows less, and nothing that is wrong.
    """
    way: list[str | None] = []
    branches: dict[str, str] = {}
    here = flow.first
    while here is not None and here not in way:
        way.append(here)
        if here == at and not ended:
            return way, branches
        try:
            if ways(flow.steps[here]):
                branch = str(results.get(here, {}).get("branch"))
                following = flow.head(here, branch)
                branches[here] = branch
                here = following
            else:
                here = flow.after(here)
        except FlowError:
            return way, branches
    return ([*way, None], branches) if ended else (way, branches)

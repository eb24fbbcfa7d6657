"""In whatever order a message's feedback comes, the ledger ends in the same state and never goes back."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.feedback import Feedback, FeedbackKind, Progress

_START = datetime(2026, 11, 20, tzinfo=UTC)
_NEWS = st.builds(
    lambda kind, minutes, code: Feedback("x", "1", kind, _START + timedelta(minutes=minutes), code=code),
    st.sampled_from(FeedbackKind),
    st.integers(0, 100),
    st.sampled_from([None, "5.1.1", "5.2.2"]),
)


@given(news=st.lists(_NEWS, max_size=8), state=st.sampled_from(["unknown", "sending", "sent"]), data=st.data())
def test_the_order_of_arrival_changes_nothing(news: list[Feedback], state: str, data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(news))
    end = Progress(state).after(news)
    assert Progress(state).after(shuffled) == end
    assert end.after(news) == end
    at, steps = Progress(state), []
    for one in news:
        at = at.after([one])
        steps.append(at.rank)
    assert steps == sorted(steps)

"""What holds messages back for many at once: a provider that is down, a shop that is switched off."""

from datetime import datetime

from sqlmodel import SQLModel

from store.tables.base import line, moment


class ProviderState(SQLModel, table=True):
    """Whether a provider is called, as the worker that found out last has it."""

    __tablename__ = "provider_state"

    provider: str = line(primary_key=True)
    state: str = line()  # `up` or `paused`
    reason: str | None = line(optional=True)
    until: datetime | None = moment(optional=True)  # of the pause that is going on
    changed_at: datetime = moment(now=True)


class DisabledStore(SQLModel, table=True):
    """A shop (storeId of orders) whose customers get nothing."""

    __tablename__ = "disabled_store"

    store_id: str = line(primary_key=True)
    reason: str | None = line(optional=True)
    created_at: datetime = moment(now=True)

"""What signs the links of messages."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from store.tables.base import line, moment


class LinkSecret(SQLModel, table=True):
    """The one secret that all processes of this database share, made by the first that needed it."""

    __tablename__ = "link_secret"

    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    secret: str = line()
    created_at: datetime = moment(now=True)

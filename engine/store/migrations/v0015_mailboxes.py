"""Whose an e-mail address is, beside whose a number is.

Processes of the version before do not write it down, and where they get to know another number of
somebody, they take away what is written of their e-mail address: whoever they do that to is found
by it again as soon as their addresses are told anew. So let the new processes follow soon.
"""

from __future__ import annotations

import orjson
from alembic.operations import Operations
from sqlalchemy import text

from engine.core.numbers import mailbox_in

__all__ = ["upgrade"]

_PEOPLE = text(
    "select number, document from people where document is not null and number > :after"
    " order by number limit 1000"
)
_ADD = text(
    "insert into numbers (number, person) values (:number, :person)"
    " on conflict (number, person) do nothing"
)


def upgrade(op: Operations) -> None:
    """Writes down the e-mail addresses of everybody."""
    connection = op.get_bind()
    rows = connection.execute(_PEOPLE, {"after": 0}).all()
    while rows:
        found = [
            {"number": mailbox, "person": person}
            for person, document in rows
            if (mailbox := mailbox_in(orjson.loads(document)[1].get("email") or ""))
        ]
        if found:
            connection.execute(_ADD, found)
        rows = connection.execute(_PEOPLE, {"after": rows[-1][0]}).all()

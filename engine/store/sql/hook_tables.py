"""Tables of those who are told of what happens."""

from __future__ import annotations

from sqlalchemy import Index, MetaData, Table

from engine.store.sql.columns import document, numbered, whole, word

__all__ = ["add_hooks"]


def add_hooks(schema: MetaData) -> None:
    """``hook_words`` are what nothing else tells of any more: that somebody was forgotten. A word
    goes as soon as it has been told.
    """
    Table("hooks", schema, word("id", primary_key=True), whole("created"), document())
    words = Table("hook_words", schema, numbered(), word("hook"), word("about"), whole("at"))
    Index("hook_words_hook", words.c.hook)

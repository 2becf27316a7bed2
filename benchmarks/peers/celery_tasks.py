"""Celery with Redis: three tasks, of which each puts the next one down with a countdown.

What its documentation advises for many short tasks that must not be lost: acknowledged late, many
fetched ahead, no results, no events. People and messages are in the same Redis, whose Unix socket
the environment names.
"""

from __future__ import annotations

import os

import redis
from celery import Celery

from benchmarks.peers.shop import WAIT, body, is_big_spender

__all__ = ["MESSAGES", "SOCKET", "again", "app", "db", "hello", "signed_up"]

SOCKET = os.environ["WAYLINE_TEST_REDIS"]
MESSAGES = "messages"

app = Celery("welcome", broker=f"redis+socket://{SOCKET}")
app.conf.update(
    task_acks_late=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=0,
    worker_send_task_events=False,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
)
db = redis.Redis(unix_socket_path=SOCKET)


@app.task
def signed_up(person: str) -> None:
    """Into the journey."""
    hello.apply_async((person,), countdown=WAIT)


@app.task
def hello(person: str) -> None:
    """After an hour."""
    profile = db.get(person)
    if is_big_spender(profile):
        db.rpush(MESSAGES, body(profile))
    again.apply_async((person,), countdown=WAIT)


@app.task
def again(person: str) -> None:
    """After another day."""
    db.rpush(MESSAGES, body(db.get(person)))

"""The Celery application: one task, whose only argument is a list of outbox message ids.

Correctness does not depend on it. The messages, their due times and leases are in the database.
Losing a task, or all of Redis, delays a message until the next poll of a relay.
"""

from __future__ import annotations

from celery import Celery

TASK = "effects.run"
BROKER_TIMEOUT_S = 1.0
"""How long publishing waits for Redis."""


def celery_app(redis_url: str, *, queue: str = "onehour") -> Celery:
    """An application without results, countdowns or ETAs, with JSON only."""
    app = Celery("onehour", broker=redis_url)
    app.conf.update(
        accept_content=["json"],
        broker_connection_max_retries=None,
        broker_connection_retry_on_startup=True,
        broker_transport_options={
            "visibility_timeout": 300,
            "socket_timeout": 5.0,
            "socket_connect_timeout": BROKER_TIMEOUT_S,
        },
        task_acks_late=False,
        task_default_queue=queue,
        task_ignore_result=True,
        task_serializer="json",
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        worker_prefetch_multiplier=1,
        worker_send_task_events=False,
    )
    return app

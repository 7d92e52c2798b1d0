"""The Celery application: one task, which carries the ids of owed effects and nothing else.

No promise rests on it. What an effect is, when it is due and who may run it stands in the
database; losing this message, or all of Redis, delays the effect by one poll of a relay.
"""

from __future__ import annotations

from celery import Celery

TASK = "effects.run"
BROKER_PATIENCE_S = 1.0
"""How long publishing may wait for Redis before it gives up."""


def celery_app(redis_url: str, *, queue: str = "onehour") -> Celery:
    """Ids in, nothing out: no results, no times, JSON only."""
    app = Celery("onehour", broker=redis_url)
    app.conf.update(
        accept_content=["json"],
        broker_connection_max_retries=None,
        broker_connection_retry_on_startup=True,
        broker_transport_options={
            "visibility_timeout": 300,
            "socket_timeout": 5.0,
            "socket_connect_timeout": BROKER_PATIENCE_S,
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

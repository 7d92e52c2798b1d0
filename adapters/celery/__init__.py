"""Wake-ups and workers with Celery and Redis."""

"""Metrics for Prometheus: an observer of operations, and the endpoint `/metrics`."""

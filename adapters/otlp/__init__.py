"""Traces, sent to a collector of OpenTelemetry over OTLP/HTTP."""

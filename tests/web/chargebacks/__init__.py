"""Tests of chargebacks on the web."""

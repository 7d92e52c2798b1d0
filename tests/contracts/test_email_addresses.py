"""Addresses checked by email-validator keep the contract."""

from __future__ import annotations

import pytest

from adapters.email_validator.addresses import ValidatedEmailAddresses
from onehour.testing.email_addresses import EmailAddressesContract


class TestValidatedEmailAddresses(EmailAddressesContract):
    @pytest.fixture
    def addresses(self) -> ValidatedEmailAddresses:
        return ValidatedEmailAddresses()

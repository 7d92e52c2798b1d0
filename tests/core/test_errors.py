"""Errors of several checks are collected and raised at once."""

from __future__ import annotations

import pytest

from core.codes import WrongCode
from core.errors import SEVERAL, Errors, Invalid


def test_all_wrong_fields_are_raised_at_once_in_the_order_of_the_checks() -> None:
    errors = Errors()
    with errors:
        raise Invalid(name="Enter your name.")
    errors.add(email="Enter your e-mail address.")

    with pytest.raises(Invalid) as raised:
        errors.check()

    assert list(raised.value.fields.items()) == [
        ("name", "Enter your name."),
        ("email", "Enter your e-mail address."),
    ]
    assert raised.value.message == SEVERAL


def test_a_single_error_is_raised_as_it_was() -> None:
    errors, wrong = Errors(), WrongCode()
    with errors:
        raise wrong

    with pytest.raises(WrongCode) as raised:
        errors.check()

    assert raised.value is wrong


def test_without_an_error_nothing_is_raised_and_values_are_kept() -> None:
    errors, name = Errors(), ""
    with errors:
        name = "Meera"
    errors.check()

    assert (name, errors.fields) == ("Meera", {})


def test_the_first_of_two_errors_of_one_field_is_kept() -> None:
    errors = Errors()
    errors.add(rate="Enter an amount in rupees.")
    errors.add(rate="Set a price between ₹1.00 and ₹1,00,000.00 per hour.")

    assert errors.fields == {"rate": "Enter an amount in rupees."}


def test_an_error_without_a_field_and_other_exceptions_are_not_collected() -> None:
    errors = Errors()
    with pytest.raises(Invalid, match="whole"), errors:
        raise Invalid("The whole request is wrong.")
    with pytest.raises(LookupError), errors:
        raise LookupError
    errors.check()

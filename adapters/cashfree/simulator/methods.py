"""Methods of payment: what a customer chose, as payments and webhooks show it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import orjson

from adapters.cashfree.simulator.errors import ApiError, invalid, missing
from adapters.cashfree.simulator.values import Json, part

CARD_NUMBER = re.compile(r"[0-9]{12,19}", re.ASCII)
NETWORKS = {"3": "amex", "4": "visa", "5": "mastercard", "6": "rupay"}
DEBIT_CARDS = frozenset(
    {
        "4706131211212123",
        "4062288312345026",
        "5409162669381034",
        "5445856839524391",
        "6074825972083818",
        "6074828163369590",
    }
)
"""The debit cards among the provider's test cards; others are credit cards."""
BANK = "Simulated Bank"
TEST_BANK_CODE = 3333
UPI_ADDRESS = "customer@simulator"
INVALID_UPI_ADDRESS = "testinvalid@gocash"


@dataclass(frozen=True, slots=True)
class Method:
    """A chosen method: `details` is the object of the API, `group` the `payment_group`."""

    name: str
    group: str
    details: Json

    @property
    def channel(self) -> str:
        return str(self.details["channel"])

    @property
    def upi_address(self) -> str:
        return str(self.details.get("upi_id", ""))

    def to_json(self) -> str:
        """To store with the attempt."""
        return orjson.dumps({"group": self.group, "method": {self.name: self.details}}).decode()


def parse(chosen: Json) -> Method:
    """The method in a request: an object with exactly one key. Raises `ApiError`."""
    name = next(iter(chosen), None)
    if name is None:
        raise missing("payment_method")
    if len(chosen) != 1 or name not in METHODS:
        raise ApiError(400, "payment_method_unsupported", "exactly one known method is needed")
    group, details = METHODS[name](part(chosen, name))
    return Method(name, group, details)


def by_name(name: object) -> Method:
    """A method of which only the name was chosen. Raises `ApiError`."""
    return parse({str(name): {}})


def _upi(sent: Json) -> tuple[str, Json]:
    channel, address = _text(sent, "channel", "link"), _text(sent, "upi_id", "")
    if (channel == "collect" and "@" not in address) or address == INVALID_UPI_ADDRESS:
        raise invalid("payment_method", "upi_id is not a valid address")
    return "upi", {
        "channel": channel,
        "upi_id": address or UPI_ADDRESS,
        "upi_payer_ifsc": None,
        "upi_payer_account_number": None,
    }


def _card(sent: Json) -> tuple[str, Json]:
    number = _text(sent, "card_number", "4111111111111111").replace(" ", "")
    if not CARD_NUMBER.fullmatch(number):
        raise invalid("card_number", "card_number should be 12 to 19 digits")
    group = "debit_card" if number in DEBIT_CARDS else "credit_card"
    return group, {
        "channel": _text(sent, "channel", "link"),
        "card_number": "X" * (len(number) - 4) + number[-4:],  # the rest is not stored
        "card_network": NETWORKS.get(number[0], "visa"),
        "card_type": group,
        "card_sub_type": "R",
        "card_country": "IN",
        "card_bank_name": BANK,
        "card_network_reference_id": None,
        "instrument_id": None,
    }


def _card_in_instalments(sent: Json) -> tuple[str, Json]:
    _, card = _card(sent)
    details = {key: card[key] for key in card if key not in ("card_sub_type", "instrument_id")}
    return "credit_card_emi", details | {"emi_tenure": sent.get("emi_tenure"), "emi_details": None}


def _netbanking(sent: Json) -> tuple[str, Json]:
    code = sent.get("netbanking_bank_code", TEST_BANK_CODE)
    if isinstance(code, bool) or not isinstance(code, int):
        raise invalid("netbanking_bank_code", "netbanking_bank_code should be a number")
    return "net_banking", {
        "channel": _text(sent, "channel", "link"),
        "netbanking_bank_code": code,
        "netbanking_bank_name": BANK,
        "netbanking_ifsc": None,
        "netbanking_account_number": None,
    }


def _bank_transfer(sent: Json) -> tuple[str, Json]:
    return "bank_transfer", {
        "channel": _text(sent, "channel", "link"),
        "banktransfer_bank_name": BANK,
        "banktransfer_ifsc": None,
        "banktransfer_account_number": None,
    }


def _by_phone(group: str) -> Callable[[Json], tuple[str, Json]]:
    def details(sent: Json) -> tuple[str, Json]:
        return group, {
            "channel": _text(sent, "channel", "link"),
            "provider": _text(sent, "provider", "") or None,
            "phone": _text(sent, "phone", "") or None,
        }

    return details


def _text(sent: Json, field: str, default: str) -> str:
    value = sent.get(field)
    if value is None:
        return default
    if not isinstance(value, str):
        raise invalid(field, f"{field} should be a text")
    return value


METHODS: dict[str, Callable[[Json], tuple[str, Json]]] = {
    "upi": _upi,
    "card": _card,
    "netbanking": _netbanking,
    "app": _by_phone("wallet"),
    "paylater": _by_phone("pay_later"),
    "cardless_emi": _by_phone("cardless_emi"),
    "emi": _card_in_instalments,
    "banktransfer": _bank_transfer,
}
DEFAULT = by_name("upi")
"""The method of attempts for which none was chosen, and of those stored by older versions."""

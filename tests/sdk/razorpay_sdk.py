"""Runs the official Python SDK of Razorpay for the tests, apart from our libraries."""

from __future__ import annotations

import importlib
import json
import os
import sys
from typing import Any

razorpay: Any = importlib.import_module("razorpay")


def answer(message: dict[str, Any]) -> dict[str, Any]:
    """`call` names a resource and its method, such as `payment_link.create`."""
    keys = (os.environ["RAZORPAY_KEY_ID"], os.environ["RAZORPAY_KEY_SECRET"])
    client = razorpay.Client(auth=keys, base_url=message["url"])
    resource, method = message["call"].split(".")
    return {"data": getattr(getattr(client, resource), method)(*message["arguments"])}


def main() -> None:
    for line in sys.stdin:
        try:
            said = answer(json.loads(line))
        except Exception as error:  # the SDK has a class for each kind of error
            said = {"error": {"status": None, "body": [type(error).__name__, str(error)]}}
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()

"""Runs the official Python SDK of Cashfree for the tests, apart from our libraries."""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Callable
from typing import Any

api: Any = importlib.import_module("cashfree_pg.api_client")
exceptions: Any = importlib.import_module("cashfree_pg.exceptions")


class LocalClient(api.ApiClient):  # type: ignore[misc]
    """Sends every call to `host`; the SDK itself knows only the servers of Cashfree."""

    host = ""

    def call_api(self, *arguments: Any, **keywords: Any) -> Any:
        return super().call_api(*arguments, **(keywords | {"_host": self.host}))


def parse(model: str, entity: dict[str, Any]) -> Any:
    """The entity after the SDK's model has read and written it."""
    return getattr(api, model).from_dict(entity).to_dict()


def fields(model: str) -> list[str]:
    """The names of the model's fields."""
    return list(getattr(api, model).model_fields)


REQUESTS = {"PGPayOrder": "PayOrderRequest"}
"""Methods whose request has parts that the SDK does not make of plain dictionaries."""
OWN: dict[str, Callable[..., Any]] = {"parse": parse, "fields": fields}


def answer(message: dict[str, Any]) -> dict[str, Any]:
    name, arguments = message["call"], message["arguments"]
    if name in OWN:
        return {"data": OWN[name](*arguments)}
    LocalClient.host = message["url"]
    cashfree = api.Cashfree(
        XEnvironment=api.Cashfree.SANDBOX,
        XClientId=os.environ["CASHFREE_CLIENT_ID"],
        XClientSecret=os.environ["CASHFREE_CLIENT_SECRET"],
    )
    cashfree.XApiVersion = message["version"] or cashfree.XApiVersion
    if name in REQUESTS:
        arguments[0] = getattr(api, REQUESTS[name]).from_dict(arguments[0])
    result = getattr(cashfree, name)(*arguments)
    return {"data": plain(getattr(result, "data", result))}


def plain(data: Any) -> Any:
    """The SDK's models as JSON has them."""
    if isinstance(data, list):
        return [plain(entry) for entry in data]
    if isinstance(data, api.PGWebhookEvent):
        return data.object
    return data.to_dict()


def main() -> None:
    api.ApiClient.set_default(LocalClient())
    for line in sys.stdin:
        try:
            said = answer(json.loads(line))
        except exceptions.ApiException as error:
            said = {"error": {"status": error.status, "body": json.loads(error.body)}}
        except Exception as error:  # the models and the verifier raise many types
            said = {"error": {"status": None, "body": repr(error)}}
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()

"""The part of Razorpay's API that the adapter needs, and lists of everything."""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from typing import Any, cast

from quart import Blueprint, Response, current_app, jsonify, request

from onehour_razorpay.server.errors import ApiError
from onehour_razorpay.server.provider import Provider, listed

PROVIDER = "razorpay"

blueprint = Blueprint("api", __name__, url_prefix="/v1")


def provider() -> Provider:
    return cast(Provider, current_app.extensions[PROVIDER])


@blueprint.before_request
async def authenticate() -> None:
    settings = provider().settings
    keys = f"{settings.key_id}:{settings.key_secret}".encode()
    expected = b"Basic " + b64encode(keys)
    given = request.headers.get("Authorization", "").encode(errors="replace")
    if not hmac.compare_digest(expected, given):
        raise ApiError("Authentication failed", status=401)


@blueprint.post("/payment_links")
async def create_link() -> Response:
    return jsonify(provider().create_link(await _body()))


@blueprint.get("/payment_links")
async def all_links() -> Response:
    found = provider().links(request.args.get("reference_id"))
    return jsonify({"payment_links": found[: _count()]})


@blueprint.get("/payment_links/<link_id>")
async def one_link(link_id: str) -> Response:
    return jsonify(provider().link(link_id))


@blueprint.post("/payment_links/<link_id>/cancel")
async def cancel_link(link_id: str) -> Response:
    return jsonify(provider().cancel_link(link_id))


@blueprint.get("/orders/<order_id>/payments")
async def payments_of_order(order_id: str) -> Response:
    return jsonify(listed(provider().payments(order_id)[: _count()]))


@blueprint.get("/payments")
async def all_payments() -> Response:
    return jsonify(listed(provider().payments()[: _count()]))


@blueprint.get("/payments/<payment_id>")
async def one_payment(payment_id: str) -> Response:
    return jsonify(provider().payment(payment_id))


@blueprint.post("/payments/<payment_id>/refund")
async def refund(payment_id: str) -> Response:
    key = request.headers.get("X-Refund-Idempotency", "")
    return jsonify(provider().refund(payment_id, await _body(), key=key))


@blueprint.get("/payments/<payment_id>/refunds")
async def refunds_of_payment(payment_id: str) -> Response:
    return jsonify(listed(provider().refunds(payment_id)[: _count()]))


@blueprint.get("/refunds")
async def all_refunds() -> Response:
    return jsonify(listed(provider().refunds()[: _count()]))


async def _body() -> dict[str, Any]:
    try:
        parsed = json.loads(await request.get_data())
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise ApiError("The request body is no JSON object")
    return parsed


def _count() -> int:
    """How many entities a list has at most: 10, or as asked for up to 100."""
    asked = request.args.get("count", "10")
    if not asked.isdecimal() or not 1 <= int(asked) <= 100:
        raise ApiError("The count must be between 1 and 100.", field="count")
    return int(asked)

"""The OpenAPI document: what programs generated from it rely on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from openapi_spec_validator import validate
from pydantic import TypeAdapter
from quart import Blueprint, Response

from core.bookings import Status
from tests.app import MemoryApp
from tests.web.site import SiteWithBooking, app_of, build_site_with_booking
from web.shared.access import Who, allow
from web.shared.api import API, json_response
from web.shared.capabilities import WebCapability
from web.shared.openapi import Archive, CalendarFile, Redirect, WrongDescription
from web.shared.openapi.description import api_routes
from web.shared.openapi.examples import stored

Document = dict[str, Any]


@pytest.fixture
async def document() -> Document:
    site: SiteWithBooking = await build_site_with_booking()
    answer = await site.quart_app.test_client().get(f"{API}/openapi.json")
    found: Document = await answer.get_json()
    return found


def operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


async def test_the_document_is_valid_openapi(document: Document) -> None:
    validate(document)


async def test_operations_have_ids_of_their_own(document: Document) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(document)]

    assert len(set(ids)) == len(ids) > 60
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)+", each) for each in ids)
    assert {"bookings_hold", "jobs_approve", "tokens_issue"} <= set(ids)


async def test_two_operations_of_one_id_stop_the_start() -> None:
    blueprint = Blueprint("notes_x", __name__, url_prefix=API)
    other = Blueprint("notes", __name__, url_prefix=API)

    async def view() -> Response:
        return json_response({})

    blueprint.get("/one", endpoint="y")(allow(Who.ANYONE)(view))
    other.get("/two", endpoint="x_y")(allow(Who.ANYONE)(view))

    with pytest.raises(WrongDescription, match=r"^2 operations of the API are called notes_x_y"):
        app_of(MemoryApp(), added=(WebCapability(name="notes", api=(blueprint, other)),))


async def test_every_operation_says_who_may_call_it_and_how_it_fails(document: Document) -> None:
    for method, path, operation in operations(document):
        public = operation["security"] == []
        statuses = set(operation["responses"])
        assert statuses & {"200", "201", "202", "303"}, path
        assert {"500", "503"} <= statuses, path
        assert public or "401" in statuses, (method, path)
        assert "{" not in path or "404" in statuses or "webhooks" in path, path
        if operation.get("requestBody"):
            assert operation["requestBody"]["required"], path
            assert {"400", "413"} <= statuses, path
        assert operation["summary"] and operation["description"] and operation["tags"], path


async def test_a_change_is_sent_with_a_token_or_with_the_cookie_and_its_form_token(
    document: Document,
) -> None:
    hold = document["paths"][f"{API}/bookings"]["post"]
    listed = document["paths"][f"{API}/bookings"]["get"]
    search = document["paths"][f"{API}/developers"]["get"]

    assert hold["security"] == [{"bearer": []}, {"cookie": [], "csrf": []}]
    assert listed["security"] == [{"bearer": []}, {"cookie": []}]
    assert search["security"] == []
    assert set(document["components"]["securitySchemes"]) == {"bearer", "cookie", "csrf"}


async def test_problems_name_their_codes(document: Document) -> None:
    hold = document["paths"][f"{API}/bookings"]["post"]["responses"]["409"]

    problem, code = hold["content"]["application/problem+json"]["schema"]["allOf"]
    assert problem == {"$ref": "#/components/schemas/Problem"}
    assert {"hour_taken", "price_changed", "booking_vetoed"} <= set(
        code["properties"]["code"]["enum"]
    )


async def test_answers_are_named_components_with_enums_and_times(document: Document) -> None:
    schemas = document["components"]["schemas"]
    booking = schemas["Booking"]["properties"]

    assert booking["start"] == {"type": "string", "format": "date-time"}
    assert booking["status"] == {"$ref": "#/components/schemas/BookingsStatus"}
    assert schemas["BookingsStatus"]["enum"] == [each.value for each in Status]
    assert schemas["BookingList"]["properties"]["items"]["items"] == {
        "$ref": "#/components/schemas/Booking"
    }
    assert not [name for name in schemas if not re.fullmatch(r"[A-Z][A-Za-z]+", name)]
    assert not [
        name for name, schema in schemas.items() if not schema or "'items': {}" in str(schema)
    ]


async def test_the_two_outcomes_of_a_log_in_are_told_apart_by_status(document: Document) -> None:
    answer = document["paths"][f"{API}/auth/login"]["post"]["responses"]["200"]

    schema = answer["content"]["application/json"]["schema"]
    assert schema["discriminator"]["propertyName"] == "status"
    assert set(schema["discriminator"]["mapping"]) == {"ok", "otp_required"}


async def test_everything_that_is_referred_to_is_there_and_nothing_else(document: Document) -> None:
    used = set(re.findall(r"#/components/schemas/([^\"']+)", str(document)))

    assert used == set(document["components"]["schemas"])


async def test_every_operation_has_an_example_that_its_description_accepts() -> None:
    site = await build_site_with_booking()
    routes = {route.id: route for route in api_routes(site.quart_app)}

    assert stored().keys() == routes.keys()
    for name, route in routes.items():
        example = stored()[name]
        answer = route.answers[example["status"]]
        if answer not in (Archive, CalendarFile, Redirect):
            TypeAdapter(answer).validate_python(example["response"])
        if route.body and route.body[1] == "application/json":
            TypeAdapter(route.body[0]).validate_json(orjson.dumps(example["request"]))

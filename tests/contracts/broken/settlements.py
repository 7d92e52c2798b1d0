"""Payment gateways that each break one promise about settlements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from adapters.memory.payments import MemoryGateway
from core.money import Money
from core.settlements import LineFact, SettlementFact, Status
from ports.clock import Clock
from ports.payments import GatewayUnavailable, WebhookEvent
from ports.settlements import LinePage, SettlementPage, SettlementUnknown
from tests.contracts.broken.suite import breaks


class OtherLines(MemoryGateway):
    """Reports each line in another way."""

    def line(self, line: LineFact) -> LineFact:
        raise NotImplementedError

    async def settlement_lines(self, reference: str, *, cursor: str = "") -> LinePage:
        page = await super().settlement_lines(reference, cursor=cursor)
        return replace(page, facts=[self.line(each) for each in page.facts])


class OtherSettlements(MemoryGateway):
    """Reports each settlement in another way."""

    def settlement(self, fact: SettlementFact) -> SettlementFact:
        raise NotImplementedError

    async def find_settlement(self, reference: str) -> SettlementFact:
        return self.settlement(await super().find_settlement(reference))


@breaks("a_settlement_has_each_payment_and_refund_once")
class LinesOfTheFirstPage(MemoryGateway):
    async def settlement_lines(self, reference: str, *, cursor: str = "") -> LinePage:
        page = await super().settlement_lines(reference, cursor=cursor)
        return replace(page, cursor="")


@breaks("a_settlement_has_each_payment_and_refund_once")
class RefundWithoutOurId(OtherLines):
    def line(self, line: LineFact) -> LineFact:
        return replace(line, refund_id="")


@breaks("a_settlement_has_each_payment_and_refund_once")
class NetAsTheAmount(OtherLines):
    def line(self, line: LineFact) -> LineFact:
        return replace(line, amount=line.net if line.net.amount > 0 else -line.net)


@breaks("the_lines_of_a_settlement_sum_to_its_amount_and_charge")
class ChargesNothing(OtherSettlements):
    def settlement(self, fact: SettlementFact) -> SettlementFact:
        return replace(fact, charge=Money(0))


@breaks("the_lines_of_a_settlement_sum_to_its_amount_and_charge")
class WholeRupees(OtherLines):
    def line(self, line: LineFact) -> LineFact:
        return replace(line, net=Money(line.net.amount // 100 * 100))


@breaks("pages_have_each_settlement_of_the_time_once")
class SettlementsOfTheFirstPage(MemoryGateway):
    async def list_settlements(
        self, *, since: datetime, until: datetime, cursor: str = ""
    ) -> SettlementPage:
        page = await super().list_settlements(since=since, until=until, cursor=cursor)
        return replace(page, cursor="")


@breaks("pages_have_each_settlement_of_the_time_once")
class SettlementsOfAnyTime(MemoryGateway):
    async def list_settlements(
        self, *, since: datetime, until: datetime, cursor: str = ""
    ) -> SettlementPage:
        since = since - timedelta(days=1_000)
        until = until + timedelta(days=1_000)
        return await super().list_settlements(since=since, until=until, cursor=cursor)


@breaks("the_state_of_a_settlement_is_that_of_now",
        "a_state_of_a_settlement_that_nobody_knows_is_not_guessed")  # fmt: skip
class TakesEachForPaid(OtherSettlements):
    def settlement(self, fact: SettlementFact) -> SettlementFact:
        return replace(fact, status=Status.PAID)


@breaks("the_state_of_a_settlement_is_that_of_now")
class RemembersSettlements(OtherSettlements):
    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.known: dict[str, SettlementFact] = {}

    def settlement(self, fact: SettlementFact) -> SettlementFact:
        return self.known.setdefault(fact.reference, fact)


@breaks("a_state_of_a_settlement_that_nobody_knows_is_not_guessed")
class TakesTheUnknownForPending(OtherSettlements):
    def settlement(self, fact: SettlementFact) -> SettlementFact:
        return replace(fact, status=Status.PENDING) if fact.status is Status.UNKNOWN else fact


@breaks("a_settlement_nobody_made_is_unknown")
class NoLinesOfTheUnknown(MemoryGateway):
    async def settlement_lines(self, reference: str, *, cursor: str = "") -> LinePage:
        try:
            return await super().settlement_lines(reference, cursor=cursor)
        except SettlementUnknown:
            return LinePage(())


@breaks("a_lost_answer_about_settlements_is_never_taken_for_another")
class LostIsNoSettlement(MemoryGateway):
    async def list_settlements(
        self, *, since: datetime, until: datetime, cursor: str = ""
    ) -> SettlementPage:
        try:
            return await super().list_settlements(since=since, until=until, cursor=cursor)
        except GatewayUnavailable:
            return SettlementPage(())


@breaks("a_lost_answer_about_settlements_is_never_taken_for_another")
class LostIsNoLine(MemoryGateway):
    async def settlement_lines(self, reference: str, *, cursor: str = "") -> LinePage:
        try:
            return await super().settlement_lines(reference, cursor=cursor)
        except GatewayUnavailable:
            return LinePage(())


@breaks("times_of_settlements_are_in_utc")
class LinesInLocalTime(OtherLines):
    def line(self, line: LineFact) -> LineFact:
        return replace(line, at=line.at.replace(tzinfo=None))


@breaks("times_of_settlements_are_in_utc")
class LocalTimeTakenForUtc(OtherSettlements):
    def settlement(self, fact: SettlementFact) -> SettlementFact:
        return replace(fact, at=(fact.at + timedelta(hours=5, minutes=30)).astimezone(UTC))


@breaks("a_message_about_a_settlement_names_it")
class MessageAboutNoSettlement(MemoryGateway):
    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> WebhookEvent:
        return replace(super().parse_webhook(headers, body), settlement="")


@breaks("a_message_about_a_settlement_names_it")
class SettlementTakenForAnOrder(MemoryGateway):
    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> WebhookEvent:
        event = super().parse_webhook(headers, body)
        return replace(event, order_id=event.order_id or event.settlement)

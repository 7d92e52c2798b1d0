"""Calls of browsers that cannot reach each other, through a real coturn."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser

from adapters.peer.provider import PeerVideo, turn_credentials
from adapters.system.clock import SystemClock
from core.policy import HOUR, MINUTE
from ports.clock import Clock
from ports.video import Admission, Guest, Room
from tests.browser.calling import two_callers
from tests.coturn import SECRET, Coturn

pytestmark = [pytest.mark.browser, pytest.mark.long]

RELAYED_ONLY = """
const Direct = RTCPeerConnection;
window.RTCPeerConnection = class extends Direct {
  constructor(given) { super({ ...given, iceTransportPolicy: "relay" }); }
};
"""
"""The browser finds no other way, as behind a firewall that lets through only the relay."""
SELECTED = """async () => {
  const report = await connections.at(-1).getStats();
  const all = [...report.values()];
  const { selectedCandidatePairId } = all.find(({ type }) => type === "transport");
  const pair = report.get(selectedCandidatePairId);
  return [pair.localCandidateId, pair.remoteCandidateId].map(id => report.get(id).candidateType);
}"""
GATHER = """async ({ urls, username, credential }) => {
  const found = { candidates: 0, errors: [] };
  const pc = new RTCPeerConnection({
    iceServers: [{ urls, username, credential }], iceTransportPolicy: "relay",
  });
  pc.createDataChannel("any");
  pc.onicecandidateerror = ({ errorCode }) => found.errors.push(errorCode);
  pc.onicecandidate = ({ candidate }) => (found.candidates += candidate?.candidate ? 1 : 0);
  const gathered = new Promise(resolve => pc.onicegatheringstatechange = () =>
    pc.iceGatheringState === "complete" && resolve());
  await pc.setLocalDescription();
  await gathered;
  pc.close();
  return found;
}"""


class AtRealTime(PeerVideo):
    """The clock of the site is another one than that of the relay."""

    def __init__(self, relay: Coturn, site: Clock) -> None:
        super().__init__(turn_urls=relay.urls, turn_secret=SECRET.encode())
        self._ahead = site.now() - SystemClock().now()

    async def admit(self, room: Room, guest: Guest, *, until: datetime) -> Admission:
        return await super().admit(room, guest, until=until - self._ahead)


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[Coturn]:
    started = Coturn(tmp_path)
    yield started
    started.stop()


async def test_two_browsers_that_cannot_reach_each_other_meet_through_the_relay(
    relay: Coturn, cameras: Browser
) -> None:
    async with two_callers(cameras, video=lambda clock: AtRealTime(relay, clock)) as call:
        for page in call.pages:
            await page.add_init_script(RELAYED_ONLY)

        await call.join()

        for page in call.pages:
            assert await page.evaluate(SELECTED) == ["relay", "relay"]
        await call.meera.page.reload()
        await call.see_each_other()
        assert await call.meera.page.evaluate(SELECTED) == ["relay", "relay"]


@pytest.mark.parametrize(
    ("secret", "ends_in", "relays"),
    [(SECRET, HOUR, True), (SECRET, -MINUTE, False), ("another secret", HOUR, False)],
)
async def test_the_relay_takes_credentials_of_the_site_until_they_end(
    secret: str, ends_in: timedelta, *, relays: bool, relay: Coturn, browser: Browser
) -> None:
    until = SystemClock().now() + ends_in
    username, credential = turn_credentials(secret.encode(), "acc-of-meera", until)
    page = await browser.new_page()

    found = await page.evaluate(
        GATHER, {"urls": relay.urls, "username": username, "credential": credential}
    )

    await page.close()
    if relays:
        assert found["candidates"] > 0 and 401 not in found["errors"]
    else:
        assert found["candidates"] == 0 and set(found["errors"]) == {401}

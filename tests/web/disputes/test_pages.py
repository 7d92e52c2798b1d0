"""The pages and routes of disputes, each sent as a form without scripts or as JSON."""

from __future__ import annotations

import io
import re
import zipfile
from html import unescape

from core.dispute_parts import How, OfferId, Reason, WishKind
from core.disputes import CLOSED, Status
from core.jobs import Status as JobStatus
from core.money import Money
from core.policy import DAY, HOUR
from ports.storage import Area, Key
from tests.app import MemoryApp
from tests.services.test_case_files import a_case_with_files
from tests.services.test_disputes import SPLITS, Case, a_case
from tests.web.notifications.lists import browser_of
from tests.web.site import Browser
from web.disputes.wording import BADGES, ENDS, HOW, WAITS


async def page(browser: Browser, path: str, status: int = 200) -> str:
    answer = await browser.ask("GET", path)
    assert answer.status_code == status, path
    return _text(await answer.get_data(as_text=True))


async def send(browser: Browser, path: str, status: int, **form: str) -> str:
    answer = await browser.ask("POST", path, form={**form, "csrf_token": browser.token})
    text = await answer.get_data(as_text=True)
    assert answer.status_code == status, text
    return _text(text)


def _text(html: str) -> str:
    html = re.sub(r"<(script|style|svg).*?</\1>", " ", html, flags=re.S)
    return " ".join(
        unescape(re.sub(r"<[^>]+>", " ", html)).replace("\N{NO-BREAK SPACE}", " ").split()
    )


async def both(case: Case) -> tuple[Browser, Browser]:
    accounts = case.app.store.repositories.accounts
    lucia = await accounts.get(case.lucia_id)  # type: ignore[arg-type]
    return await browser_of(case.app, case.meera), await browser_of(case.app, lucia)


async def test_an_offer_beyond_what_is_held_keeps_the_form(app: MemoryApp) -> None:
    case = await a_case(app)
    _, lucia = await both(case)
    offers = f"/disputes/{case.dispute.id}/offers"

    for refund, says in (
        ("4,800.01", "between nothing and all that is held"),
        ("a lot", "Enter an amount in rupees"),
        ("", "Enter an amount in rupees"),
        ("1.234", "Enter an amount in rupees"),
    ):
        assert says in await send(lucia, offers, 422, refund=refund, note="A share.")
    await send(lucia, offers, 303, refund="₹1,776.00", note="A share.")

    (offer,) = (await case.now()).offers
    assert (offer.refund, offer.note) == (Money(177_600), "A share.")


async def split_shown(browser: Browser, offers: str, refund: str) -> str:
    """What the form of offers says about an amount that is not offered yet."""
    form = {"refund": refund, "action": "preview", "csrf_token": browser.token}
    answer = await browser.ask("POST", offers, form=form)
    html = await answer.get_data(as_text=True)
    assert answer.status_code == 200
    return _text(html.partition('id="split-sums">')[2].partition("<noscript>")[0])


async def test_an_offer_shows_how_it_would_divide_the_price_before_it_is_made(
    app: MemoryApp,
) -> None:
    case = await a_case(app)
    meera, lucia = await both(case)
    offers = f"/disputes/{case.dispute.id}/offers"

    for split in ((0, 432_000, 48_000), *SPLITS[:3]):
        back, earning, fee = (f"₹{part // 100:,}.{part % 100:02}" for part in split)
        shown = await split_shown(lucia, offers, back)
        assert shown.startswith(f"Back to Meera {back} To you {earning} Fee, 10 % of the ₹")
        assert shown.endswith(f" that stays {fee} The price ₹4,800.00")
    assert "To Lucía ₹4,032.00" in await split_shown(meera, offers, "₹320")
    assert "nothing and all that is held" in await split_shown(lucia, offers, "4,800.01")
    assert "Enter an amount in rupees" in await split_shown(lucia, offers, "a lot")

    assert not (await case.now()).offers


async def test_a_case_says_once_of_each_that_nobody_was_seen(app: MemoryApp) -> None:
    case = await a_case(app)
    meera, _ = await both(case)

    shown = await page(meera, f"/disputes/{case.dispute.id}")

    assert "Who was there Meera Not seen Lucía Not seen Together" in shown


async def test_a_wish_needs_its_amount_and_a_text(app: MemoryApp) -> None:
    case = await a_case(app)
    _, lucia = await both(case)
    answer = f"/disputes/{case.dispute.id}/answer"

    assert "Choose what you wish" in await send(lucia, answer, 422, text="No.")
    assert "amount in rupees" in await send(lucia, answer, 422, wish="part", text="No.")
    assert "what happened" in await send(lucia, answer, 422, wish="nothing", text=" ")
    await send(lucia, answer, 303, wish="nothing", text="It is as agreed.")
    assert "one statement" in await send(lucia, answer, 409, wish="nothing", text="Again.")


async def test_a_double_click_on_accept_pays_once(app: MemoryApp) -> None:
    case = await a_case(app)
    meera, lucia = await both(case)
    await send(lucia, f"/disputes/{case.dispute.id}/offers", 303, refund="1776")
    accept = f"/disputes/{case.dispute.id}/offers/ofr_1/accept"

    await send(meera, accept, 303)
    assert "no longer open" in await send(meera, accept, 409)
    await app.run()

    assert (await app.payment(case.booking)).returning == Money(177_600)
    shown = await page(meera, f"/bookings/{case.booking.id}")
    assert "The case about this booking is settled" in shown
    assert "₹1,776.00 was refunded to you" in shown
    assert "₹2,721.60 is released to Lucía and ₹302.40 is our fee" in shown


async def test_pressure_is_reported_and_the_other_side_is_not_told(app: MemoryApp) -> None:
    meera, _ = await app.client()
    lucia = await app.developer()
    job = await app.delivered(meera, lucia)
    browser = await browser_of(app, meera)
    before = len(app.mailer.sent)

    await send(browser, f"/jobs/{job.id}/problem", 303, why="pressure", text="Wants cash outside.")
    await app.run()

    (report,), _ = await app.services.chat_reports.open_reports(limit=10)
    assert (report.reporter, report.reason) == (meera.id, "Wants cash outside.")
    assert (await app.services.jobs.get(job.id, by=meera.id)).status is JobStatus.DELIVERED
    assert len(app.mailer.sent) == before
    again = await send(
        browser, f"/jobs/{job.id}/problem", 409, why="pressure", text="Wants cash outside."
    )
    assert "reported this conversation already" in again


async def test_a_threat_is_reported_with_one_click(app: MemoryApp) -> None:
    meera, _ = await app.client()
    job = await app.delivered(meera, await app.developer())
    browser, path = await browser_of(app, meera), f"/jobs/{job.id}/problem"

    html = await (await browser.ask("GET", path)).get_data(as_text=True)
    (form,) = re.findall(r'<form[^>]* aria-labelledby="threat".*?</form>', html, flags=re.S)
    fields = dict(re.findall(r'type="hidden" name="(why|text)"\s+value="([^"]+)"', form))
    await send(browser, path, 303, **fields)

    (report,), _ = await app.services.chat_reports.open_reports(limit=10)
    assert report.reporter == meera.id
    assert report.reason.startswith("A threat with a bad review or a refund")
    assert (await app.services.jobs.get(job.id, by=meera.id)).status is JobStatus.DELIVERED


async def test_a_broken_file_is_asked_for_again(app: MemoryApp) -> None:
    meera, _ = await app.client()
    lucia = await app.developer()
    job = await app.delivered(meera, lucia)
    browser = await browser_of(app, meera)

    await send(browser, f"/jobs/{job.id}/problem", 303, why="broken_file", text="It is empty.")

    shown = await page(browser, f"/bookings/{job.booking_id}")
    assert "sends the delivery again" in shown
    assert "No round of changes is used" in shown


async def test_who_cancels_after_a_delivery_sees_before_that_it_can_be_contested(
    app: MemoryApp,
) -> None:
    meera, _ = await app.client()
    lucia = await app.developer()
    job = await app.delivered(meera, lucia)
    browser = await browser_of(app, meera)
    path = f"/bookings/{job.booking_id}/cancel"

    assert "has delivered and can contest the cancellation" in await page(browser, path)
    await send(browser, path, 303, refund="480000", reason="Moved")
    shown = await page(browser, f"/bookings/{job.booking_id}")
    assert "You cancelled after a delivery" in shown
    assert "A case about this booking is open" in await page(browser, path)
    dispute = await app.services.disputes.of_job(job.id)
    assert dispute
    await send(browser, f"/disputes/{dispute.id}/withdraw", 303)
    assert (await app.services.jobs.get(job.id, by=meera.id)).status is JobStatus.DELIVERED


async def test_the_bundle_is_a_download_for_both_and_nobody_else(app: MemoryApp) -> None:
    case = await a_case(app)
    meera, lucia = await both(case)
    path = f"/api/v1/disputes/{case.dispute.id}/bundle"

    answers = [await browser.ask("GET", path) for browser in (meera, lucia)]
    stranger = await (await browser_of(app, case.asha)).ask("GET", path)

    first, second = [bytes(await answer.get_data(as_text=False)) for answer in answers]
    assert first == second
    assert zipfile.ZipFile(io.BytesIO(first)).testzip() is None
    assert answers[0].headers["Content-Type"] == "application/zip"
    name = f'attachment; filename="case-{case.booking.number}.zip"'
    assert answers[0].headers["Content-Disposition"] == name
    assert stranger.status_code == 404


async def test_an_administrator_looks_at_the_decision_before_it_is_booked(app: MemoryApp) -> None:
    case = await a_case(app)
    asha = await browser_of(app, await app.admin())
    path = f"/admin/disputes/{case.dispute.id}"

    assert case.booking.number in await page(asha, "/admin/disputes")
    assert "₹4,000.00, named by Meera" in await page(asha, path)
    form = {"back": "other", "refund": "3,200", "reason": "A part."}
    assert "Read the case first" in await send(asha, f"{path}/decide", 422, **form)
    assert "Write the reason" in await send(
        asha, f"{path}/decide", 422, **{**form, "reason": "", "read": "yes"}
    )
    looked = await send(asha, f"{path}/decide", 200, **form, read="yes")

    assert "Settle with ₹3,200.00 back?" in looked
    assert "To Lucía ₹1,440.00" in looked
    assert (await case.now()).open


async def test_an_administrator_sees_what_each_side_named_and_earlier_cases(app: MemoryApp) -> None:
    case = await a_case(app)
    offers, dispute = app.services.offers, case.dispute.id
    await offers.offer(dispute, by=case.lucia_id, refund=Money(177_600))
    asha = await browser_of(app, await app.admin())

    shown = await page(asha, f"/admin/disputes/{dispute}")
    assert "Meera Krishnan, client Named ₹4,000.00 back last. No case before." in shown
    assert "Lucía Fernández, developer Named ₹1,776.00 back last. No case before." in shown
    assert "The release would have been on Sun 29 Nov 2026" in shown

    await offers.accept(dispute, OfferId("ofr_1"), by=case.meera.id)
    again = await app.delivered(case.meera, case.lucia)
    second = await app.services.disputes.open(
        again.id, by=case.meera.id, reason=Reason.OTHER, wish=WishKind.ALL, text="Again."
    )
    shown = await page(asha, f"/admin/disputes/{second.id}")
    assert "Named ₹4,800.00 back last. 1 case before: 1 agreed." in shown
    assert "Lucía Fernández, developer 1 case before: 1 agreed." in shown
    settled = await page(asha, f"/admin/disputes/{dispute}")
    assert "Meera Krishnan: 1 case before: 1 open." in settled
    assert "The release would have been" not in settled


async def test_administrators_see_how_many_cases_wait_for_what(app: MemoryApp) -> None:
    admin = await app.admin()
    asha = await browser_of(app, admin)
    assert "Open cases 0 Nobody says that something is wrong" in await page(asha, "/admin")
    assert "No open cases" in await page(asha, "/admin/disputes")

    case = await a_case(app)
    asha = await browser_of(app, admin)
    assert "Open cases 1 An answer 1 The oldest is open for" in await page(asha, "/admin")
    assert "An answer: 1" in await page(asha, "/admin/disputes")
    for _ in range(9):
        await app.pass_time(DAY)
    again = await app.delivered(case.meera, case.lucia)
    await app.services.disputes.open(
        again.id, by=case.meera.id, reason=Reason.OTHER, wish=WishKind.ALL, text="Again."
    )

    asha = await browser_of(app, admin)
    overview = await page(asha, "/admin")
    assert "Open cases 2 Your decision 1 An answer 1 The oldest is open for" in overview
    assert "Your decision: 1 An answer: 1" in await page(asha, "/admin/disputes")


async def test_administrators_see_whether_the_last_bundle_was_whole(app: MemoryApp) -> None:
    case, first = await a_case_with_files(app)
    meera, _ = await both(case)
    asha = await browser_of(app, await app.admin())
    path, bundle = f"/admin/disputes/{case.dispute.id}", f"/disputes/{case.dispute.id}/bundle"

    assert "Nobody has downloaded the bundle yet" in await page(asha, path)
    downloaded = await (await meera.ask("GET", f"/api/v1{bundle}")).get_data(as_text=False)
    with zipfile.ZipFile(io.BytesIO(downloaded)) as read:
        files = len(read.namelist()) - 2
    assert f"The bundle is whole: {files} files, checked" in await page(asha, path)

    await app.storage.delete(Key(Area.FINAL, first.object_name))
    assert "The bundle is whole" in await page(asha, path)  # no file is read for the page
    await (await asha.ask("GET", f"/api/v1{bundle}")).get_data(as_text=False)
    shown = await page(asha, path)
    assert "lacks files of the case: 1 is not stored any more. It lists them" in shown


async def test_a_claim_that_was_not_answered_is_among_the_earlier_cases(app: MemoryApp) -> None:
    """As each other end of a case is."""
    assert list(ENDS) == list(HOW) == list(How)
    assert list(WAITS) == [status for status in Status if status not in CLOSED]
    assert list(BADGES) == list(Status)


async def test_what_happened_is_listed_in_its_order_before_what_comes(app: MemoryApp) -> None:
    case = await a_case(app)
    meera, lucia = await both(case)
    asha = await browser_of(app, await app.admin())
    await page(asha, f"/admin/disputes/{case.dispute.id}")
    path = f"/disputes/{case.dispute.id}"

    steps = re.compile(r"You opened the case|An administrator opened the case|Lucía \w+ \w+")
    assert steps.findall((await page(meera, path)).partition("what comes next")[2])[:3] == [
        "You opened the case", "An administrator opened the case", "Lucía can answer",
    ]  # fmt: skip
    await app.pass_time(HOUR)
    await send(lucia, f"{path}/answer", 303, wish="nothing", text="It is as agreed.")
    assert steps.findall((await page(meera, path)).partition("what comes next")[2])[:3] == [
        "You opened the case", "An administrator opened the case", "Lucía answered Fri",
    ]  # fmt: skip


async def test_the_bar_shows_the_parts_of_the_price(app: MemoryApp) -> None:
    case = await a_case(app)
    meera, _ = await both(case)
    await app.services.offers.offer(case.dispute.id, by=case.lucia_id, refund=Money(120_000))

    answer = await meera.ask("GET", f"/disputes/{case.dispute.id}")

    bars = re.findall(r"<rect ([^>]*?)/>", await answer.get_data(as_text=True))
    assert [" ".join(bar.split()) for bar in bars] == [
        'class="mine" width="250" height="8"', 'x="254" width="671" height="8"',
    ]  # fmt: skip

"""The use cases: create, list and end coupons; what one takes off, its use, and giving it back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from coupons.activity import CouponActivity, entry
from coupons.model import COUPONS, UNKNOWN, USES, Coupon, Use, folded, refused
from coupons.repository import CouponRepository
from coupons.settings import CouponSettings
from onehour.api import (
    Account,
    AddDocument,
    Booking,
    BookingId,
    Caller,
    Clock,
    DeveloperId,
    Duplicate,
    Invalid,
    Missing,
    Money,
    Repositories,
    SaveDocument,
    Store,
    transact,
)

HOUR = timedelta(hours=1)
Write = AddDocument[Use] | SaveDocument[Use] | SaveDocument[Coupon]


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponService:
    store: Store
    clock: Clock
    settings: CouponSettings

    @property
    def _coupons(self) -> CouponRepository:
        return CouponRepository(self.store.repositories)

    async def create(self, coupon: Coupon, *, by: Account, caller: Caller) -> Coupon:
        """For an administrator. Raises `Invalid` by field."""
        if coupon.developer:
            try:
                await self.store.repositories.developers.get(DeveloperId(coupon.developer))
            except Missing:
                raise Invalid(developer="No developer has this profile.") from None
        now = self.clock.now()

        async def step(repositories: Repositories) -> Coupon:
            added = await CouponRepository(repositories).add(coupon)
            done = entry(CouponActivity.CREATED, added, by=by, caller=caller, at=now)
            await repositories.outbox.add(done)
            return added

        try:
            return await self.store.transact(step)
        except Duplicate:
            raise Invalid(coupon="A coupon with this code exists already.") from None

    async def end(self, code: str, *, by: Account, caller: Caller) -> Coupon:
        """For an administrator: no booking uses it any more. Raises `Missing`."""
        now = self.clock.now()

        async def step(repositories: Repositories) -> Coupon:
            coupons = CouponRepository(repositories)
            coupon = await coupons.find(code)
            if coupon is None:
                raise Missing
            if coupon.ended_at:
                return coupon
            done = entry(CouponActivity.ENDED, coupon, by=by, caller=caller, at=now)
            await repositories.outbox.add(done)
            return await coupons.save(replace(coupon, ended_at=now))

        return await transact(self.store, step)

    async def page(
        self, *, limit: int = 50, cursor: str | None = None
    ) -> tuple[tuple[Coupon, ...], str | None]:
        """The newest first, and the cursor of the next page."""
        return await self._coupons.page(limit=limit, cursor=cursor)

    async def taken_off(self, booking: Booking, code: str) -> tuple[Coupon, Money]:
        """The coupon and what it takes off the price of this booking. Raises `Invalid`."""
        coupon = await self._coupons.find(folded(code))
        if coupon is None:
            await self._count_wrong_code(booking.client.account_id)
            raise refused(UNKNOWN)
        coupon.check_time(self.clock.now())
        await self._check_place(coupon, booking)
        await _check_left(self._coupons, coupon, booking.client.account_id)
        most = self.settings.most_percent
        return coupon, coupon.discount(booking.hours_price, most_percent=most)

    async def use(self, booking: Booking, code: str) -> list[Write]:
        """What counts a use, to be stored in the transaction of the booking. Raises `Invalid`.

        Every use saves the coupon, so two bookings never take its last use: one of them asks again.
        A use that exists counts already; it is saved all the same, so that it cannot be given back
        at the same time.
        """
        now = self.clock.now()
        use = await self._coupons.use_of(booking.id)
        if use and use.counts:
            return [SaveDocument(USES, use)]
        coupon = await self._coupons.find(use.coupon if use else folded(code))
        if coupon is None:
            raise refused(UNKNOWN)
        if use is None:  # a late payment keeps the price of its booking
            coupon.check_time(now)
        await _check_left(self._coupons, coupon, booking.client.account_id)
        return [
            SaveDocument(COUPONS, coupon.used()),
            SaveDocument(USES, replace(use, counts=True))
            if use
            else AddDocument(USES, Use.of(booking, coupon.id, at=now)),
        ]

    async def give_back(self, booking_id: str) -> None:
        """The use of a booking that has ended no longer counts. Does nothing for one that holds its
        time, since it may have been paid meanwhile, and for a second time."""

        async def step(repositories: Repositories) -> None:
            coupons = CouponRepository(repositories)
            use = await coupons.use_of(booking_id)
            if use is None or not use.counts:
                return
            booking = await repositories.bookings.get(BookingId(booking_id))
            coupon = await coupons.find(use.coupon)
            if booking.holds or coupon is None:
                return
            await coupons.save_use(replace(use, counts=False))
            await coupons.save(coupon.given_back())

        await transact(self.store, step)

    async def _check_place(self, coupon: Coupon, booking: Booking) -> None:
        fits = coupon.developer in ("", booking.developer.id)
        if fits and coupon.skill:
            developers = self.store.repositories.developers
            developer = await developers.get(DeveloperId(booking.developer.id))
            fits = coupon.skill.casefold() in (each.casefold() for each in developer.skills)
        if not fits:
            raise refused(f"This code does not count for {booking.developer.name}.")

    async def _count_wrong_code(self, account: str) -> None:
        """Nobody finds a code by trying. Raises `Invalid`."""
        throttles, now = self.store.repositories.throttles, self.clock.now()
        tried = await throttles.increment(f"coupons:{account}", window=HOUR, now=now)
        if tried > self.settings.wrong_codes:
            raise refused("These were too many wrong codes. Try again in an hour.")


async def _check_left(coupons: CouponRepository, coupon: Coupon, account: str) -> None:
    limited = coupon.most_per_client is not None
    coupon.check_left(await coupons.count(coupon.id, account=account) if limited else 0)

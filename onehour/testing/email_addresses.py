"""The contract of adapters of `ports.email_addresses`: inherit `EmailAddressesContract`, provide
`addresses`."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.email_addresses import is_plain
from core.errors import Invalid
from onehour.testing.running_time import RunningTime
from onehour.testing.suite import Contract
from ports.email_addresses import EmailAddresses

SPELLINGS: dict[str, tuple[str, ...]] = {
    "meera@example.com": (
        "  Meera@Example.COM\r\n", "ＭＥＥＲＡ＠ｅｘａｍｐｌｅ．ｃｏｍ",
        "meera@example。com", "meera﹫example.com",
        "\ufeffmeera@example.com\u200b", "\u00a0meera@example.com\u3000",
    ),
    "v@xn--bcher-kva.example": (
        "v@bücher.example", "V@BÜCHER.EXAMPLE", "v@bu\u0308cher.example", "v@XN--BCHER-KVA.example",
        "v@ｂücher.example",
    ),
    "v@xn--fa-hia.example": ("v@faß.example", "v@FAẞ.example"),
    "मीरा@xn--p1b6ci4b4b3a.xn--h2brj9c": ("मीरा@उदाहरण.भारत",),
    "\u00e9va@example.com": ("e\u0301va@example.com", "ÉVA@example.com", "E\u0301va@example.com"),
    "o'neill+hours@mail.example.co.in": ("O'Neill+Hours@mail.example.co.in",),
    "a-b_c.d!#$%&'*/=?^`{|}~@x-1.example": (),
    "1@2.example": (),
    "x" * 64 + "@" + ".".join(("y" * 63, "y" * 63, "y" * 57)) + ".com": (),
}  # fmt: skip
"""Spellings by their canonical form."""

REFUSED: dict[str, tuple[str, ...]] = {
    "Enter your e-mail address.": ("", " \n", "\u200b"),
    "An @ is missing": ("meera", "meera.example.com"),
    "has only one @": ("a@b@example.com", "a@@example.com"),
    "before the @ is missing": ("@", "@example.com"),
    "after the @ is missing": ("meera@",),
    "needs a dot": ("meera@example", "meera@localhost"),
    "Leave out the parentheses": ("(a)v@example.com", "v(a)@example.com", "v@example.com(a)"),
    "quotation marks": ('"v"@example.com', '"a b"@example.com', '"a@b"@example.com'),
    "one address only": (
        "<v@example.com>", "V <v@example.com>", "v @example.com", "a@example.com,b@example.com",
        "a@example.com; b@example.com", "a b@example.com", "a@example.com b@example.com",
        "a\u2028b@example.com",
    ),
    "not an IP address": ("v@[127.0.0.1]", "v@[IPv6:::1]", "v@127.0.0.1", "v@1.2.3.4"),
    "begin or end with a hyphen": ("v@-example.com", "v@example-.com", "v@a.-b.com"),
    "A dot cannot stand": (
        ".v@example.com", "v.@example.com", "a..v@example.com", "v@.example.com", "v@example..com",
        "v@example.com.",
    ),
    "longer than 64 bytes": ("x" * 65 + "@example.com", "é" * 33 + "@example.com"),
    "too long for a domain": ("v@" + "x" * 64 + ".com", "v@" + "x." * 130 + "com"),
    "too long for an e-mail address": ("x" * 10_000 + "@example.com", "@" * 10_000),
    "reserved": ("v@erased.invalid", "v@host.local", "v@mail.test", "v@x.onion"),
    "invisible character (U+0000, null)": ("v\0@example.com",),
    "invisible character (U+000D, carriage return)": (
        "v@example.com\r\nBcc: all@example.com",
    ),
    "invisible character (U+202E, right-to-left override)": ("v\u202e@example.com",),
    "invisible character (U+200B, zero width space)": ("v\u200bx@example.com",),
    "invisible character (U+D800)": ("v\ud800@example.com",),
    "does not look like an e-mail address": (
        "v@xn--a.example", "v@example.123", "v@a_b.com", "v@☃.example",
        "v@ab--cd.example",
    ),
}  # fmt: skip
"""Texts that are no address, by a part of the message."""


class EmailAddressesContract(Contract):
    port = "email_addresses"

    @pytest.fixture
    def addresses(self) -> EmailAddresses:
        raise NotImplementedError

    @pytest.mark.parametrize("canonical", SPELLINGS, ids=ascii)
    def test_all_spellings_of_an_address_are_one(
        self, addresses: EmailAddresses, canonical: str
    ) -> None:
        for spelling in (canonical, *SPELLINGS[canonical]):
            assert addresses.canonical(spelling) == canonical, spelling

    @pytest.mark.parametrize("reason", REFUSED)
    def test_what_is_no_address_is_refused_with_the_reason(
        self, addresses: EmailAddresses, reason: str
    ) -> None:
        for text in REFUSED[reason]:
            with pytest.raises(Invalid) as refused:
                addresses.canonical(text)
            assert set(refused.value.fields) == {"email"}
            assert reason in refused.value.message, text

    @settings(
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(
        st.text(max_size=300)
        | st.builds("{}@{}".format, st.text(max_size=30), st.text(max_size=30))
        | st.builds("{}@{}.example".format, st.text(max_size=30), st.text(max_size=30))
    )
    def test_any_text_is_refused_or_one_plain_address_that_stays(
        self, addresses: EmailAddresses, text: str
    ) -> None:
        try:
            address = addresses.canonical(text)
        except Invalid as refused:
            assert set(refused.fields) == {"email"}
            return
        assert addresses.canonical(address) == address
        assert is_plain(address)
        assert address.isprintable()
        assert len(address.encode()) <= 254
        assert address.rpartition("@")[2].isascii()

    @pytest.mark.parametrize("part", ["x", "\u0301", "xn--", "١", "\u202e", "@", '"'])
    def test_a_long_text_is_refused_at_once(self, addresses: EmailAddresses, part: str) -> None:
        with pytest.raises(Invalid), RunningTime() as took:
            addresses.canonical(f"v@{part * 100_000}.com")
        assert took.seconds < 1

"""How addresses are shown, and which mailbox gets their mail."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.email_addresses import early_forms, is_plain, mailbox, readable_address


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("v@example.com", "v@example.com"),
        ("v@xn--bcher-kva.example", "v@bücher.example"),
        ("v@mail.xn--bcher-kva.example", "v@mail.bücher.example"),
        ("मीरा@xn--p1b6ci4b4b3a.xn--h2brj9c", "मीरा@उदाहरण.भारत"),
        ("v@xn--zzzzzzz99999.example", "v@xn--zzzzzzz99999.example"),
        ("v@xn--.example", "v@xn--.example"),
        ("v@xn--abc-.example", "v@xn--abc-.example"),
        ("no address", "no address"),
    ],
)
def test_a_domain_is_shown_in_the_letters_of_its_language(address: str, shown: str) -> None:
    assert readable_address(address) == shown


@pytest.mark.parametrize(
    ("address", "box"),
    [
        ("meera@example.com", "meera@example.com"),
        ("meera+work@example.com", "meera@example.com"),
        ("meera+a+b@example.com", "meera@example.com"),
        ("+meera@example.com", "+meera@example.com"),
        ("m.eera@example.com", "m.eera@example.com"),
        ("m.e.era+x@gmail.com", "meera@gmail.com"),
        ("m.eera@googlemail.com", "meera@gmail.com"),
    ],
)
def test_tags_and_meaningless_dots_name_the_same_mailbox(address: str, box: str) -> None:
    assert mailbox(address) == box
    assert mailbox(box) == box


def test_the_forms_of_earlier_versions_follow_the_canonical_one() -> None:
    assert early_forms("v@example.com") == ("v@example.com",)
    assert early_forms("v@xn--bcher-kva.example") == (
        "v@xn--bcher-kva.example", "v@b\u00fccher.example", "v@bu\u0308cher.example",
    )  # fmt: skip


@given(st.text())
def test_any_text_is_shown_somehow(text: str) -> None:
    assert isinstance(readable_address(f"v@xn--{text}"), str)
    assert early_forms(text)[0] == text
    assert not is_plain(f"({text})v@example.com")

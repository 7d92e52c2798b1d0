"""The contract of every `ports.shared_texts.SharedTexts`; adapters inherit `SharedTextsContract`.

Changes are updates of Yjs (version 1), written here byte by byte: `hello` is "Hello" by the client
7, and others follow on it.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from core.pads import MalformedChange, MissingChanges
from onehour.testing.suite import Contract
from ports.shared_texts import SharedText, SharedTexts

NONE = b"\0"
"""No deletions."""


def text_of(
    words: str, *, client: int, clock: int = 0, after: tuple[int, int] | None = None
) -> bytes:
    """One client writes, at the beginning or after a character; ids below 128."""
    raw = words.encode()
    kind = bytes([0x84, *after]) if after else bytes([4, 1, 3]) + b"pad"
    return bytes([1, 1, client, clock]) + kind + bytes([len(raw)]) + raw + NONE


def deletion(client: int, clock: int, length: int) -> bytes:
    """Characters of a client are deleted."""
    return bytes([0, 1, client, 1, clock, length])


HELLO = text_of("Hello", client=7)
WORLD = text_of(" world", client=9, after=(7, 4))
MALFORMED: Sequence[tuple[str, bytes]] = (
    ("nothing", b""),
    ("half an update", HELLO[:-3]),
    ("something behind it", HELLO + b"\0"),
    ("no UTF-8", bytes([1, 1, 7, 0, 4, 1, 3]) + b"pad" + bytes([2, 0xFF, 0xFE, 0])),
    ("another name", bytes([1, 1, 7, 0, 4, 1, 3]) + b"map" + bytes([2]) + b"Hi" + NONE),
    ("a key of a map", bytes([1, 1, 7, 0, 0x24, 1, 3]) + b"pad" + b"\x01k\x01v" + NONE),
    ("an embedded value", bytes([1, 1, 7, 0, 5, 1, 3]) + b"pad" + b"\x02{}" + NONE),
    ("a format", bytes([1, 1, 7, 0, 6, 1, 3]) + b"pad" + b"\x01b\x04true" + NONE),
    ("a type inside", bytes([1, 1, 7, 0, 7, 1, 3]) + b"pad" + b"\x01" + NONE),
    ("any value", bytes([1, 1, 7, 0, 8, 1, 3]) + b"pad" + b"\x01\x7f" + NONE),
    ("a document inside", bytes([1, 1, 7, 0, 9, 1, 3]) + b"pad" + b"\x01g\x76\x00" + NONE),
    ("an empty text", bytes([1, 1, 7, 0, 4, 1, 3]) + b"pad" + b"\0" + NONE),
    ("a carriage return", text_of("a\r\nb", client=8)),
    ("very many clients", b"\xff\xff\xff\xff\x0f"),
    ("very many blocks", b"\x01\xff\xff\xff\xff\x0f\x07\x00"),
    ("a very long deleted part", bytes([1, 1, 7, 0, 1, 1, 3]) + b"pad" + b"\xff" * 8 + b"\0"),
    ("a number without end", b"\x80" * 40),
)


class SharedTextsContract(Contract):
    port = "shared_texts"

    @pytest.fixture
    def texts(self) -> SharedTexts:
        """The adapter under test."""
        raise NotImplementedError

    def opened(self, texts: SharedTexts, *changes: bytes) -> SharedText:
        text = texts.open()
        for change in changes:
            text.add(change)
        return text

    def test_an_empty_text_has_a_state(self, texts: SharedTexts) -> None:
        text = texts.open()

        assert (text.text, text.size) == ("", 0)
        assert texts.open(text.state()).text == ""

    def test_changes_make_a_text(self, texts: SharedTexts) -> None:
        text = self.opened(texts, HELLO, WORLD)
        assert (text.text, text.size) == ("Hello world", 11)

        text.add(deletion(7, 1, 4))

        assert text.text == "H world"

    def test_the_size_is_in_bytes(self, texts: SharedTexts) -> None:
        assert self.opened(texts, text_of("é😀", client=7)).size == 6

    def test_a_repeated_change_has_nothing_new(self, texts: SharedTexts) -> None:
        text = self.opened(texts, HELLO)

        assert text.add(HELLO) == b""
        assert texts.open(HELLO, text.add(WORLD)).text == "Hello world"
        assert text.add(WORLD) == b""

    def test_what_is_new_is_enough_for_the_others(self, texts: SharedTexts) -> None:
        text, other = texts.open(), texts.open()
        for change in (HELLO, WORLD, deletion(9, 0, 1), HELLO):
            new = text.add(change)
            if new:
                other.add(new)

        assert other.text == text.text == "Helloworld"

    def test_the_order_of_texts_at_one_place_is_the_same_for_all(self, texts: SharedTexts) -> None:
        changes = [text_of(word, client=client) for client, word in ((3, "a"), (5, "b"), (9, "c"))]

        made = {
            self.opened(texts, *random.Random(seed).sample(changes, 3)).text for seed in range(9)
        }

        assert len(made) == 1 and set(made.pop()) == set("abc")

    def test_a_state_stands_for_all_changes(self, texts: SharedTexts) -> None:
        text = self.opened(texts, HELLO, WORLD, deletion(7, 0, 5))

        again = texts.open(text.state())

        assert again.text == " world"
        assert again.add(WORLD) == b""
        assert texts.open(texts.merged(HELLO, WORLD)).text == "Hello world"

    def test_it_says_what_somebody_lacks(self, texts: SharedTexts) -> None:
        text = self.opened(texts, HELLO, WORLD)
        has_hello = bytes([1, 7, 5])

        missing = text.since(has_hello)

        assert texts.open(HELLO, missing).text == "Hello world"
        assert b"Hello" not in missing
        assert texts.open(text.since(b"\0")).text == "Hello world"
        for vector in (b"", b"\x05\x01", b"\xff" * 20, bytes([1, 7, 5, 0])):
            with pytest.raises(MalformedChange):
                text.since(vector)

    @pytest.mark.parametrize(
        "change",
        [WORLD, deletion(7, 0, 1), text_of("b", client=7, clock=1, after=(7, 0))],
        ids=["after nothing", "a deletion of nothing", "the second of two"],
    )
    def test_a_change_that_follows_missing_ones_is_refused(
        self, texts: SharedTexts, change: bytes
    ) -> None:
        with pytest.raises(MissingChanges):
            texts.open().add(change)

    @pytest.mark.parametrize(
        "change", [each for _, each in MALFORMED], ids=[n for n, _ in MALFORMED]
    )
    def test_anything_but_a_change_of_this_text_is_refused(
        self, texts: SharedTexts, change: bytes
    ) -> None:
        with pytest.raises(MalformedChange):
            texts.open(HELLO).add(change)

    @pytest.mark.parametrize(
        "change",
        [
            deletion(7, 1, 1),
            deletion(7, 2, 1),
            text_of("x", client=9, after=(7, 1)),
            bytes([1, 1, 9, 0, 0x44, 7, 2, 1]) + b"x" + NONE,
        ],
        ids=["the first half", "the second half", "after the first", "before the second"],
    )
    @pytest.mark.parametrize("is_stored", [True, False])
    def test_a_character_of_two_code_units_is_never_divided(
        self, texts: SharedTexts, change: bytes, is_stored: bool
    ) -> None:
        smile = text_of("a😀b", client=7)
        text = texts.open(smile) if is_stored else self.opened(texts, smile)

        with pytest.raises(MalformedChange):
            text.add(change)

        assert self.opened(texts, smile, deletion(7, 1, 2)).text == "ab"

    def test_gaps_stand_for_what_the_sender_lacks(self, texts: SharedTexts) -> None:
        """Pages that have got changes in another order send such updates."""
        with_gap = bytes([1, 2, 7, 0, 10, 5, 0x84, 7, 4, 1]) + b"!" + NONE

        assert texts.open(HELLO, texts.open(HELLO).add(with_gap)).text == "Hello!"
        with pytest.raises(MissingChanges):
            texts.open().add(with_gap)

    def test_random_bytes_are_refused_or_change_nothing_else(self, texts: SharedTexts) -> None:
        source = random.Random(7)
        for _ in range(300):
            text = texts.open(HELLO, WORLD)
            change = bytearray(source.choice((HELLO, WORLD, source.randbytes(30))))
            for _ in range(source.randrange(1, 4)):
                change[source.randrange(len(change))] = source.randrange(256)
            try:
                text.add(bytes(change))
            except (MalformedChange, MissingChanges):
                continue
            assert texts.open(text.state()).text == text.text
            assert text.size == len(text.text.encode())

    def test_a_change_that_would_take_long_is_refused(self, texts: SharedTexts) -> None:
        """Each block of the second one would be compared with all of the first."""
        text = self.opened(texts, characters_of(range(10_000, 11_000)))

        with pytest.raises(MalformedChange):
            text.add(characters_of(range(30_000, 34_000)))


def characters_of(clients: range) -> bytes:
    """Many clients have written a character each, all at the beginning."""
    blocks = (b"\1" + _number(client) + b"\0\4\1\3pad\1x" for client in clients)
    return _number(len(clients)) + b"".join(blocks) + NONE


def _number(value: int) -> bytes:
    """As Yjs writes numbers: seven bits a byte, the lowest first."""
    found = bytearray()
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])

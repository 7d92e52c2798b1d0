"""The words of texts, their synonyms, and the terms by which a profile is found."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.folding import folded
from core.search_terms import (
    MARK,
    MATCH_ALL,
    MOST_BIO_WORDS,
    MOST_WORDS,
    language_term,
    profile_terms,
    skill_term,
    skill_words,
)
from core.synonyms import WrongSynonyms, parse_synonyms
from core.vocabulary import LONGEST_QUERY, MOST_QUERY_WORDS, STOP_WORDS, VOCABULARY, Vocabulary
from core.words import LONGEST_WORD, tokens
from tests.core.test_developers import a_developer

PIECES = st.sampled_from(
    (
        "C++ C# .NET Node.js CI/CD A/B राहुल โปรแกรม 数据库优化 مُحَمَّد علی‌رضا Łódź İstanbul "
        "O’Neil ＰＹＴＨＯＮ R&D e.g. -- ... + # / . ++ C/C++ machine learning the k8s c sharp "
        "react-native 🔥 ﷺ ½ _ __a_"
    ).split()
)
TEXTS = st.one_of(st.text(max_size=120), st.lists(PIECES, max_size=12).map(" ".join))


def words_of(text: str) -> list[str]:
    return [each.word for each in VOCABULARY.query_words(text)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Slow SQL? My database!", ["slow", "sql", "database"]),
        ("C++ and C# on .NET", ["c++", "c#", ".net"]),
        ("C, R; F# (C++).", ["c", "r", "f#", "c++"]),
        ("C/C++ F#/C#", ["c", "c++", "f#", "c#"]),
        ("Node.js Objective-C", ["nodejs", "objectivec"]),
        ("CI/CD, A/B testing", ["cicd", "ab", "testing"]),
        ("iOS/Android react-native", ["ios", "android", "react", "native"]),
        ("python+django #react", ["python", "django", "react"]),
        ("I write Rust.", ["write", "rust"]),
        ("O'Neil O’Neil", ["oneil"]),
        ("São Paulo, ＰＹＴＨＯＮ", ["sao", "paulo", "python"]),
        ("Łódź Øre Đorđe Þór ıssız İZMİR", ["lodz", "ore", "dorde", "thor", "issiz", "izmir"]),
        ("Straße æther œuvre ð", ["strasse", "aether", "oeuvre", "d"]),
        ("राहुल हिन्दी", ["राहुल", "हिन्दी"]),
        ("มุ้งมิ้ง", ["มุ้ง", "งมิ้", "มิ้ง"]),
        ("مُحَمَّد محمد علی‌رضا", ["محمد", "عليرضا"]),
        ("数据库", ["数据", "据库"]),
        ("库", ["库"]),
        ("Python数据库", ["python", "数据", "据库"]),
        ("データ", ["デー", "ータ"]),
        ("한국어 개발자", ["한국어", "개발자"]),
        ("k8s ML js", ["kubernetes", "machinelearning", "javascript"]),
        ("Machine learning, c sharp", ["machinelearning", "c#"]),
        ("machine shop", ["machine", "shop"]),
        ("python python3 py", ["python"]),
        ("a an the", []),
        ("!!! ... 🔥", []),
        ("\0\u202e\ud800", []),
        ("", []),
    ],
)
def test_the_words_of_a_search(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_a_word_comes_with_what_was_written() -> None:
    found = VOCABULARY.query_words("“Postgres”, Machine  learning 数据库!")
    assert [(each.word, each.written) for each in found] == [
        ("postgresql", "Postgres"),
        ("machinelearning", "Machine learning"),
        ("数据", "数据库"),
        ("据库", "数据库"),
    ]


@given(st.text(max_size=10_000))
@example("数" * 10_000)
@example("x." * 5_000)
@example("+#" * 5_000)
@example("ﷺ " * 5_000)
def test_any_text_has_a_bounded_number_of_short_words(text: str) -> None:
    words = words_of(text)

    assert len(words) <= MOST_QUERY_WORDS
    for word in [*words, *VOCABULARY.text_words(text)]:
        assert 1 <= len(word) <= LONGEST_WORD
        assert word not in STOP_WORDS
        assert not any(mark.isspace() or mark in "\0$:*" for mark in word)


@given(TEXTS)
def test_a_profile_is_found_by_each_word_of_its_headline(headline: str) -> None:
    terms = profile_terms(a_developer(headline=headline, skills=(), bio=""))

    if len(terms.terms) < MOST_WORDS:
        for word in headline.split():
            assert set(words_of(word)) <= set(terms.terms)
        if len(headline) <= LONGEST_QUERY:
            assert set(words_of(headline)) <= set(terms.terms)


@given(TEXTS)
def test_a_skill_is_found_by_its_name(skill: str) -> None:
    developer = a_developer(skills=(skill[:40],))
    terms = profile_terms(developer)

    assert skill_term(skill[:40]) in terms.terms
    assert all(terms.weight(word) == 3 for word in words_of(skill[:40]))


@given(TEXTS, TEXTS)
def test_folding_twice_changes_nothing(one: str, other: str) -> None:
    assert folded(folded(one)) == folded(one)
    assert VOCABULARY.skill_key(one.upper()) == VOCABULARY.skill_key(one.upper().lower())


def test_long_texts_are_read_to_a_bound() -> None:
    assert {token.text for token in tokens("x" * 100_000)} == {"x" * LONGEST_WORD}
    assert words_of("a" * 300 + " python") == ["a" * LONGEST_WORD]
    words = " ".join(f"word{n}" for n in range(1_000))

    terms = profile_terms(a_developer(bio=words, headline="", skills=(), name=""))
    most = profile_terms(a_developer(bio=words, headline=words, name=words, skills=(words,) * 15))

    assert sum(MARK not in term for term in terms.terms) == MOST_BIO_WORDS + 1
    assert sum(MARK not in term for term in most.terms) == MOST_WORDS + 1


def test_a_profile_is_found_by_its_words_the_heaviest_field_first() -> None:
    developer = a_developer(
        name="Lucía Fernández",
        headline="Finds out why your database is slow",
        skills=("PostgreSQL", "Machine Learning", "Node.js"),
        bio="Postgres for database people.",
    )

    terms = profile_terms(developer)

    assert terms.terms[: terms.skills_end] == (
        MATCH_ALL, "zone:Europe/Madrid", "language:espanol",
        "skill:postgresql", "skill:machinelearning", "skill:nodejs",
        "postgresql", "machine", "machinelearning", "learning", "nodejs",
    )  # fmt: skip
    assert terms.terms[terms.skills_end : terms.headline_end] == tuple(
        "lucia fernandez finds out why database slow".split()
    )
    assert terms.terms[terms.headline_end :] == ("people",)
    weights = [terms.weight(word) for word in ("nodejs", "slow", "people", "cobol", MATCH_ALL)]
    assert weights[:4] == [3, 2, 1, 0]
    assert skill_words(developer) == (
        "postgresql", "machine", "machinelearning", "learning", "nodejs"
    )  # fmt: skip


@pytest.mark.parametrize("text", ["Español", " ESPAÑOL ", "espanol", "Espan\u0303ol"])
def test_writings_of_one_word_fold_to_one_form(text: str) -> None:
    assert folded(text) == "espanol"
    assert language_term(text) == "language:espanol"


@pytest.mark.parametrize(
    "writings",
    [
        (" Straße ", "STRASSE"),
        ("C++", "c++", "cpp", "Ｃ＋＋", "C plus plus"),
        ("Node.js", "NodeJS", "node", "NODE JS"),
        ("React Native", "react-native", "ReactNative"),
        (".NET", "dotnet"),
        ("Postgres", "PostgreSQL", "psql"),
        ("Machine learning", "ML", "machine-learning"),
        ("Go", "golang"),
        ("CI/CD", "cicd"),
    ],
)
def test_writings_of_one_skill_have_one_key(writings: tuple[str, ...]) -> None:
    assert len({skill_term(writing) for writing in writings}) == 1


def test_skills_that_look_alike_have_different_keys() -> None:
    skills = ("C", "C++", "C#", "F#", "R", "F", ".NET", "NET", "Java", "JavaScript", "🔥", "+")
    assert len({skill_term(skill) for skill in skills}) == len(skills)


def test_operators_add_names() -> None:
    added = parse_synonyms(
        "# of our own\n\nKubernetes: kube-cluster, K8\nmachine learning: 机器学习\n"
    )
    vocabulary = Vocabulary(added)

    assert added[0] == ("Kubernetes", "kube-cluster", "K8")
    for text in ("k8", "K8s", "kube-cluster", "kubernetes"):
        assert [each.word for each in vocabulary.query_words(text)] == ["kubernetes"]
    assert [each.word for each in vocabulary.query_words("机器学习")] == ["machinelearning"]
    profile = profile_terms(a_developer(headline="机器学习"), vocabulary)
    assert "machinelearning" in profile.terms
    assert vocabulary.digest != VOCABULARY.digest


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Kubernetes", "Line 1 is not of the form `Kubernetes: k8s, kube`."),
        ("\nGo: golang,", "Line 2 is not of the form `Kubernetes: k8s, kube`."),
        (": k8s", "Line 1 is not of the form `Kubernetes: k8s, kube`."),
        ("Go: " + "x" * 81, "Line 1 has a name longer than 80 characters."),
        ("a: b\n" * 2_001, "There are more than 2,000 lines."),
    ],
)
def test_lines_of_another_form_are_refused(text: str, message: str) -> None:
    with pytest.raises(WrongSynonyms) as refused:
        parse_synonyms(text)
    assert refused.value.message == message

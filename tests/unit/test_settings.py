"""What an operator may set, and how a wrong setting is told."""

from __future__ import annotations

import re
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from adapters.mailjet.mailer import MailjetMailer, MailjetSettings
from adapters.smtp.mailer import SmtpMailer
from onehour.container import mailer, token_signer
from onehour.settings import Settings, WrongSetting, setting_names
from ports.tokens import Claims, TokenRefused

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
PUBLIC_HOUSE = {
    "ONEHOUR_ENV": "production",
    "ONEHOUR_BASE_URL": "https://hours.example",
    "ONEHOUR_SECRET_KEY": "k" * 32,
    "ONEHOUR_MONGO_URL": "mongodb://db.example/?replicaSet=rs0",
    "ONEHOUR_REDIS_URL": "redis://cache.example/0",
    "ONEHOUR_SMTP_URL": "smtp://mail.example?starttls=1",
    "ONEHOUR_MAIL_FROM": "hello@hours.example",
    "ONEHOUR_CASHFREE_CLIENT_ID": "id",
    "ONEHOUR_CASHFREE_CLIENT_SECRET": "secret",
    "ONEHOUR_CASHFREE_BASE_URL": "https://sandbox.cashfree.com/pg",
    "ONEHOUR_OPENID_ISSUER": "https://login.example.com",
    "ONEHOUR_OPENID_CLIENT_ID": "house",
    "ONEHOUR_OPENID_CLIENT_SECRET": "hush-openid",
}


def load(given: dict[str, str], folder: Path, dotenv: Path | None = None) -> Settings:
    return Settings.load({"ONEHOUR_DATA_DIR": str(folder), **given}, dotenv)


def test_nothing_has_to_be_set(tmp_path: Path) -> None:
    settings = load({}, tmp_path)

    assert settings.base_url == "http://127.0.0.1:8000"
    assert (settings.mongo_url, settings.redis_url, settings.smtp_url) == (None, None, None)
    assert not settings.in_production


def test_the_secret_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first, second = load({}, tmp_path), load({}, tmp_path)

    assert first.secret_key == second.secret_key
    assert len(first.secret_key) >= 32
    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    settings = load({"ONEHOUR_CASHFREE_CLIENT_SECRET": "hush", **PUBLIC_HOUSE}, tmp_path)

    assert PUBLIC_HOUSE["ONEHOUR_SECRET_KEY"] not in repr(settings)
    assert PUBLIC_HOUSE["ONEHOUR_MONGO_URL"] not in repr(settings)
    assert PUBLIC_HOUSE["ONEHOUR_OPENID_CLIENT_SECRET"] not in repr(settings)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text(
        "# how we run\n\nexport ONEHOUR_PORT=9000 # ours\nONEHOUR_MAIL_FROM='A # B <a@b.example>'\n"
        'ONEHOUR_MONGO_DATABASE="hours"\nOTHER=1\n'
    )

    settings = load({"ONEHOUR_PORT": "9001"}, tmp_path, dotenv)

    assert settings.port == 9001
    assert settings.mail_from == "A # B <a@b.example>"
    assert settings.mongo_database == "hours"


def test_a_line_of_the_file_that_sets_nothing_is_told(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("ONEHOUR_PORT=9000\nthe port\n")

    with pytest.raises(WrongSetting, match=r"^Line 2 of .* must have the form KEY=VALUE\.$"):
        load({}, tmp_path, dotenv)


def test_a_missing_file_and_an_empty_value_mean_the_default(tmp_path: Path) -> None:
    settings = load({"ONEHOUR_PORT": ""}, tmp_path, tmp_path / "none")

    assert settings.port == 8000


def test_the_policy_is_tuned_in_seconds_and_counts(tmp_path: Path) -> None:
    tuned = {"ONEHOUR_POLICY_ANSWER_WITHIN": "60", "ONEHOUR_POLICY_FEE_PERCENT": "12"}

    policy = load(tuned, tmp_path).policy

    assert policy.answer_within == timedelta(seconds=60)
    assert policy.terms.fee_percent == 12


def test_an_unknown_name_is_told_with_the_nearest_known_one(tmp_path: Path) -> None:
    with pytest.raises(
        WrongSetting, match=r"ONEHOUR_MONGO_URI .* nearest name is ONEHOUR_MONGO_URL"
    ):
        load({"ONEHOUR_MONGO_URI": "mongodb://db.example"}, tmp_path)


def test_token_keys_keep_their_order_and_are_not_shown(tmp_path: Path) -> None:
    winter, autumn = "w:" * 16, "a" * 40

    settings = load({"ONEHOUR_TOKEN_KEYS": f" winter:{winter}, autumn:{autumn},"}, tmp_path)

    assert settings.token_keys == (("winter", winter), ("autumn", autumn))
    assert winter not in repr(settings)
    assert load({}, tmp_path).token_keys == ()


def test_access_tokens_are_signed_by_the_first_key_or_by_way_of_the_secret_key(
    tmp_path: Path,
) -> None:
    named = load({"ONEHOUR_TOKEN_KEYS": f"winter:{'w' * 32},autumn:{'a' * 32}"}, tmp_path)
    claims = Claims("acc_1", "ses_1", NOW, NOW + timedelta(minutes=15), "tok_1")

    both = token_signer(named)
    app, again = token_signer(load({}, tmp_path)), token_signer(load({}, tmp_path))
    other = token_signer(load({"ONEHOUR_SECRET_KEY": "k" * 32}, tmp_path))

    assert again.read(app.sign(claims), now=NOW) == claims
    assert both.read(both.sign(claims), now=NOW) == claims
    for signer in (both, other):
        with pytest.raises(TokenRefused):
            signer.read(app.sign(claims), now=NOW)


def test_plugins_may_bring_adapters_of_other_names(tmp_path: Path) -> None:
    settings = load({"ONEHOUR_PAYMENTS": "barter", "ONEHOUR_PLUGINS": "barter, feedback"}, tmp_path)

    assert settings.payments == "barter"
    assert settings.plugins == ("barter", "feedback")


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("ONEHOUR_ENV", "staging"),
        ("ONEHOUR_PORT", "70000"),
        ("ONEHOUR_PORT", "eighty"),
        ("ONEHOUR_BASE_URL", "hours.example"),
        ("ONEHOUR_LOG_LEVEL", "loud"),
        ("ONEHOUR_TRUSTED_PROXIES", "-1"),
        ("ONEHOUR_BCRYPT_ROUNDS", "3"),
        ("ONEHOUR_SEED_DEMO", "yes"),
        ("ONEHOUR_PLUGINS", "a plugin"),
        ("ONEHOUR_TOKEN_KEYS", "w" * 32),
        ("ONEHOUR_TOKEN_KEYS", "winter:" + "w" * 31),
        ("ONEHOUR_TOKEN_KEYS", ":" + "w" * 32),
        ("ONEHOUR_TOKEN_KEYS", "a name:" + "w" * 32),
        ("ONEHOUR_TOKEN_KEYS", "n" * 33 + ":" + "w" * 32),
        ("ONEHOUR_TOKEN_KEYS", f"winter:{'w' * 32},winter:{'v' * 32}"),
        ("ONEHOUR_MONGO_URL", "db.example:27017"),
        ("ONEHOUR_REDIS_URL", "http://cache.example"),
        ("ONEHOUR_SMTP_URL", "mail.example"),
        ("ONEHOUR_MAIL_FROM", "the team"),
        ("ONEHOUR_PAYMENTS", "barter"),
        ("ONEHOUR_VIDEO", "postcards"),
        ("ONEHOUR_STORAGE", "cellar"),
        ("ONEHOUR_MAIL", "pigeon"),
        ("ONEHOUR_MAILJET_SANDBOX", "true"),
        ("ONEHOUR_MAILJET_BASE_URL", "api.mailjet.com"),
        ("ONEHOUR_CASHFREE_BASE_URL", "ftp://cashfree.example"),
        ("ONEHOUR_CASHFREE_SDK_URL", "cashfree.js"),
        ("ONEHOUR_CASHFREE_MODE", "real"),
        ("ONEHOUR_SIMULATOR_TIME_SCALE", "0"),
        ("ONEHOUR_OPENID_ISSUER", "login.example.com"),
        ("ONEHOUR_POLICY_HOLD", "15m"),
        ("ONEHOUR_POLICY_HOURS_MINIMUM", "9"),
        ("ONEHOUR_POLICY_FEE_PERCENT", "101"),
    ],
)
def test_a_wrong_value_is_refused_in_one_sentence(name: str, wrong: str, tmp_path: Path) -> None:
    with pytest.raises(WrongSetting) as refused:
        load({name: wrong}, tmp_path)

    assert re.fullmatch(rf"{name} must be [^\n]+\.", refused.value.message)


def test_a_public_house_with_everything_it_needs_opens(tmp_path: Path) -> None:
    settings = load(PUBLIC_HOUSE, tmp_path)

    assert settings.in_production
    assert not (tmp_path / "secret-key").exists()


MAILJET = {
    "ONEHOUR_MAIL": "mailjet",
    "ONEHOUR_MAILJET_API_KEY": "key",
    "ONEHOUR_MAILJET_SECRET_KEY": "hush",
    "ONEHOUR_SMTP_URL": "",
}


def test_a_public_house_may_send_over_mailjet(tmp_path: Path) -> None:
    settings = load(PUBLIC_HOUSE | MAILJET, tmp_path)

    sender = mailer(settings, httpx.AsyncClient())

    assert isinstance(sender, MailjetMailer)
    assert sender.account == MailjetSettings(api_key="key", secret_key="hush")
    assert sender.sender == "hello@hours.example"
    assert "hush" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "unsafe"),
    [
        ("ONEHOUR_MAIL_FROM", ""),
        ("ONEHOUR_MAILJET_API_KEY", ""),
        ("ONEHOUR_MAILJET_SECRET_KEY", ""),
        ("ONEHOUR_MAILJET_BASE_URL", "http://api.mailjet.com"),
        ("ONEHOUR_MAILJET_SANDBOX", "1"),
    ],
)
def test_a_public_house_refuses_a_mailjet_that_is_not_ready(
    name: str, unsafe: str, tmp_path: Path
) -> None:
    with pytest.raises(WrongSetting) as refused:
        load({**PUBLIC_HOUSE, **MAILJET, name: unsafe}, tmp_path)

    assert re.fullmatch(rf"In production {name} must b[^\n]+\.", refused.value.message)


@pytest.mark.parametrize("missing", ["ONEHOUR_MAILJET_API_KEY", "ONEHOUR_MAILJET_SECRET_KEY"])
def test_mailjet_without_a_key_stops_the_start(missing: str, tmp_path: Path) -> None:
    settings = load({**MAILJET, missing: ""}, tmp_path)

    with pytest.raises(WrongSetting, match=rf"^{missing} is missing: [^\n]+\.$"):
        mailer(settings, httpx.AsyncClient())


@pytest.mark.parametrize("url", ["smtps://mail.example", "smtp://127.0.0.1:25", "smtp://localhost"])
def test_a_public_house_sends_mail_encrypted_or_from_its_own_machine(
    url: str, tmp_path: Path
) -> None:
    assert load({**PUBLIC_HOUSE, "ONEHOUR_SMTP_URL": url}, tmp_path).smtp_url == url


def test_mail_goes_over_smtp_unless_told_otherwise(tmp_path: Path) -> None:
    settings = load({"ONEHOUR_SMTP_URL": "smtp://mail.example"}, tmp_path)

    assert isinstance(mailer(settings, httpx.AsyncClient()), SmtpMailer)


@pytest.mark.parametrize(
    ("name", "unsafe"),
    [
        ("ONEHOUR_SECRET_KEY", ""),
        ("ONEHOUR_SECRET_KEY", "k" * 31),
        ("ONEHOUR_BASE_URL", ""),
        ("ONEHOUR_BASE_URL", "http://hours.example"),
        ("ONEHOUR_MONGO_URL", ""),
        ("ONEHOUR_REDIS_URL", ""),
        ("ONEHOUR_SECRET_KEY", "change-me-change-me-change-me-change-me"),
        ("ONEHOUR_BCRYPT_ROUNDS", "9"),
        ("ONEHOUR_SMTP_URL", ""),
        ("ONEHOUR_SMTP_URL", "smtp://mail.example"),
        ("ONEHOUR_SMTP_URL", "smtp://mail.example?starttls=0"),
        ("ONEHOUR_MAIL_FROM", ""),
        ("ONEHOUR_CASHFREE_CLIENT_ID", ""),
        ("ONEHOUR_CASHFREE_CLIENT_SECRET", ""),
        ("ONEHOUR_CASHFREE_BASE_URL", ""),
        ("ONEHOUR_CASHFREE_BASE_URL", "http://sandbox.cashfree.com/pg"),
        ("ONEHOUR_CASHFREE_BASE_URL", "https://hours.example/simulator"),
        ("ONEHOUR_CASHFREE_BASE_URL", "https://127.0.0.1:9000/pg"),
        ("ONEHOUR_OPENID_ISSUER", "http://login.example.com"),
    ],
)
def test_a_public_house_refuses_what_is_unsafe(name: str, unsafe: str, tmp_path: Path) -> None:
    with pytest.raises(WrongSetting) as refused:
        load({**PUBLIC_HOUSE, name: unsafe}, tmp_path)

    assert re.fullmatch(rf"In production {name} must be [^\n]+\.", refused.value.message)


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        (("GOOGLE_CLIENT_ID",), "GOOGLE_CLIENT_SECRET"),
        (("GOOGLE_CLIENT_SECRET",), "GOOGLE_CLIENT_ID"),
        (("GITHUB_CLIENT_ID",), "GITHUB_CLIENT_SECRET"),
        (("GITHUB_CLIENT_SECRET",), "GITHUB_CLIENT_ID"),
        (("OPENID_CLIENT_ID", "OPENID_CLIENT_SECRET"), "OPENID_ISSUER"),
    ],
)
def test_half_a_registration_is_refused_in_one_sentence(
    given: tuple[str, ...], missing: str, tmp_path: Path
) -> None:
    with pytest.raises(WrongSetting) as refused:
        load({f"ONEHOUR_{name}": "https://x.example" for name in given}, tmp_path)

    assert refused.value.message == f"ONEHOUR_{missing} must be set beside ONEHOUR_{given[0]}."


def test_the_page_lists_every_setting_with_its_default() -> None:
    row = re.compile(r"^\| `(ONEHOUR_\w+)` \| (?:`([^`]*)`|[^|`]*) \| [^|]+ \|$", re.MULTILINE)
    rows = row.findall(PAGE.read_text(encoding="utf-8"))

    assert len(rows) == len(dict(rows))
    assert dict(rows) == setting_names()

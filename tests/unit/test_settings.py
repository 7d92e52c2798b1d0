"""What an operator may set, and how a wrong setting is reported."""

from __future__ import annotations

import re
import stat
import traceback
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from adapters.celery.settings import RedisOptions
from adapters.jose.settings import TokenOptions
from adapters.mailjet.mailer import MailjetMailer, MailjetSettings
from adapters.mongo.settings import MongoOptions
from adapters.smtp.mailer import SmtpMailer
from adapters.smtp.settings import SmtpOptions
from adapters.system.clock import SystemClock
from core.bookings_policy import BookingPolicy
from core.files_policy import FilePolicy
from onehour.chosen import mailer
from onehour.container import token_signer
from onehour.policy import policy_names
from onehour.settings import Settings, WrongSetting, setting_names
from ports.adapters import Resources
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
    "ONEHOUR_OPENID_CLIENT_ID": "onehour",
    "ONEHOUR_OPENID_CLIENT_SECRET": "hush-openid",
}

FURTHER = ", or the name of an adapter of a plugin that ONEHOUR_PLUGINS names"


def load(given: dict[str, str], folder: Path, dotenv: Path | None = None) -> Settings:
    return Settings.load({"ONEHOUR_DATA_DIR": str(folder), **given}, dotenv)


def lent(settings: Settings) -> Resources:
    client = httpx.AsyncClient()
    return Resources(deployment=settings.deployment, http=client, clock=SystemClock())


def test_nothing_has_to_be_set(tmp_path: Path) -> None:
    settings = load({}, tmp_path)

    assert settings.base_url == "http://127.0.0.1:8000"
    assert settings.section(MongoOptions).url is None
    assert settings.section(RedisOptions).url is None
    assert settings.section(SmtpOptions).url is None
    assert not settings.in_production


def test_logs_are_json_in_production_unless_set_otherwise(tmp_path: Path) -> None:
    as_text = {"ONEHOUR_LOG_FORMAT": "text"}

    assert load({}, tmp_path).log_format == "text"
    assert load(PUBLIC_HOUSE, tmp_path).log_format == "json"
    assert load(PUBLIC_HOUSE | as_text, tmp_path).log_format == "text"
    with pytest.raises(WrongSetting, match="ONEHOUR_LOG_FORMAT must be text or json"):
        load({"ONEHOUR_LOG_FORMAT": "xml"}, tmp_path)


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
    assert settings.section(MongoOptions).database == "hours"


def test_a_line_of_the_file_that_sets_nothing_is_reported(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("ONEHOUR_PORT=9000\nthe port\n")

    with pytest.raises(WrongSetting, match=r"^Line 2 of .* must have the form KEY=VALUE\.$"):
        load({}, tmp_path, dotenv)


def test_a_missing_file_and_an_empty_value_mean_the_default(tmp_path: Path) -> None:
    settings = load({"ONEHOUR_PORT": ""}, tmp_path, tmp_path / "none")

    assert settings.port == 8000


def test_the_policy_is_tuned_in_seconds_and_counts(tmp_path: Path) -> None:
    tuned = {"ONEHOUR_POLICY_ANSWER_WITHIN": "60", "ONEHOUR_POLICY_FEE_PERCENT": "12"}

    policy = load(tuned, tmp_path).policies[BookingPolicy]

    assert policy.answer_within == timedelta(seconds=60)
    assert policy.terms.fee_percent == 12


def test_every_default_of_the_policy_can_be_set(tmp_path: Path) -> None:
    given = {name: default for name, default in policy_names().items() if default}

    assert load(given, tmp_path).policies[FilePolicy] == FilePolicy()


def test_an_unknown_name_is_reported_with_the_nearest_known_one(tmp_path: Path) -> None:
    with pytest.raises(
        WrongSetting, match=r"ONEHOUR_MONGO_URI .* nearest name is ONEHOUR_MONGO_URL"
    ):
        load({"ONEHOUR_MONGO_URI": "mongodb://db.example"}, tmp_path)


def test_token_keys_keep_their_order_and_are_not_shown(tmp_path: Path) -> None:
    winter, autumn = "w:" * 16, "a" * 40

    settings = load({"ONEHOUR_TOKEN_KEYS": f" winter:{winter}, autumn:{autumn},"}, tmp_path)

    assert settings.section(TokenOptions).keys == (("winter", winter), ("autumn", autumn))
    assert winter not in repr((settings, settings.sections))
    assert load({}, tmp_path).section(TokenOptions).keys == ()


def test_access_tokens_are_signed_by_the_first_key_or_by_way_of_the_secret_key(
    tmp_path: Path,
) -> None:
    named = load({"ONEHOUR_TOKEN_KEYS": f"winter:{'w' * 32},autumn:{'a' * 32}"}, tmp_path)
    claims = Claims("acc_1", "ses_1", NOW, NOW + timedelta(minutes=15), "tok_1")

    both = token_signer(named)
    app, again = token_signer(load({}, tmp_path)), token_signer(load({}, tmp_path))
    other = token_signer(load({"ONEHOUR_SECRET_KEY": "k" * 32}, tmp_path))

    assert again.verify(app.sign(claims), now=NOW) == claims
    assert both.verify(both.sign(claims), now=NOW) == claims
    for signer in (both, other):
        with pytest.raises(TokenRefused):
            signer.verify(app.sign(claims), now=NOW)


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
        ("ONEHOUR_SEED_DEMO", "perhaps"),
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
        ("ONEHOUR_SUPPORT_EMAIL", "the team"),
        ("ONEHOUR_SUPPORT_EMAIL", "support@localhost"),
        ("ONEHOUR_SUPPORT_EMAIL", "Help <support@example.com>"),
        ("ONEHOUR_MAIL_FROM", "Hours <hello@hours.example>\nBcc: all@hours.example"),
        ("ONEHOUR_HOST", "127.0.0.1\x00"),
        ("ONEHOUR_BASE_URL", "http://["),
        ("ONEHOUR_BASE_URL", "http://:8000"),
        ("ONEHOUR_BASE_URL", "http://hours.example:port"),
        ("ONEHOUR_BASE_URL", "http://hours.example:99999"),
        ("ONEHOUR_BASE_URL", "http://hours .example"),
        ("ONEHOUR_BASE_URL", "http://hours.example\\@other.example"),
        ("ONEHOUR_BASE_URL", "http://user:password@hours.example"),
        ("ONEHOUR_BASE_URL", "http://hours.example/?page=1"),
        ("ONEHOUR_BASE_URL", "http://hours.example/#top"),
        ("ONEHOUR_MONGO_URL", "mongodb://one.example:27017,two.example:x/"),
        ("ONEHOUR_MONGO_URL", "mongodb://user:p@ss@one.example/"),
        ("ONEHOUR_MONGO_URL", "mongodb://one.example/?replicaset"),
        ("ONEHOUR_MONGO_URL", "mongodb://one.example/?replicaSett=rs0"),
        ("ONEHOUR_MONGO_URL", "mongodb://one.example/?tls=perhaps"),
        ("ONEHOUR_MONGO_DATABASE", "one hour"),
        ("ONEHOUR_REDIS_URL", "redis://cache.example:six"),
        ("ONEHOUR_REDIS_URL", "redis://cache.example/first"),
        ("ONEHOUR_REDIS_URL", "redis://cache.example/0?socket_timeout=soon"),
        ("ONEHOUR_SMTP_URL", "smtp://mail.example?starttls=yes"),
        ("ONEHOUR_SMTP_URL", "smtp://mail.example?tls=1"),
        ("ONEHOUR_SMTP_URL", "smtp://mail.example:0x19"),
        ("ONEHOUR_CASHFREE_BASE_URL", "https://sandbox.cashfree.com"),
        ("ONEHOUR_PAYMENTS", "barter"),
        ("ONEHOUR_VIDEO", "postcards"),
        ("ONEHOUR_STORAGE", "cellar"),
        ("ONEHOUR_S3_BUCKET", "Files"),
        ("ONEHOUR_S3_BUCKET", "my/bucket"),
        ("ONEHOUR_S3_REGION", "Mumbai, India"),
        ("ONEHOUR_S3_URL", "s3.example.com"),
        ("ONEHOUR_S3_URL", "https://s3.example.com/files"),
        ("ONEHOUR_S3_URL", "https://key:secret@s3.example.com"),
        ("ONEHOUR_S3_PUBLIC_URL", "https://s3.example.com?x=1"),
        ("ONEHOUR_S3_PATH_STYLE", "perhaps"),
        ("ONEHOUR_MAIL", "pigeon"),
        ("ONEHOUR_MAILJET_SANDBOX", "2"),
        ("ONEHOUR_MAILJET_BASE_URL", "api.mailjet.com"),
        ("ONEHOUR_CASHFREE_BASE_URL", "ftp://cashfree.example"),
        ("ONEHOUR_CASHFREE_SDK_URL", "cashfree.js"),
        ("ONEHOUR_CASHFREE_MODE", "real"),
        ("ONEHOUR_SIMULATOR_TIME_SCALE", "0"),
        ("ONEHOUR_OPENID_ISSUER", "login.example.com"),
        ("ONEHOUR_SIMULATOR_TIME_SCALE", "nan"),
        ("ONEHOUR_POLICY_HOLD", "15m"),
        ("ONEHOUR_POLICY_HOURS_MINIMUM", "9"),
        ("ONEHOUR_POLICY_FEE_PERCENT", "101"),
        ("ONEHOUR_POLICY_HOURS_MAXIMUM", "0"),
        ("ONEHOUR_POLICY_HOLD", "0"),
        ("ONEHOUR_POLICY_HOLD", "1000"),
        ("ONEHOUR_POLICY_MINIMUM_NOTICE", "3600"),
        ("ONEHOUR_POLICY_HORIZON", "3600"),
        ("ONEHOUR_POLICY_CODE_TRIES", "0"),
        ("ONEHOUR_POLICY_CODE_LIFE", "30"),
        ("ONEHOUR_POLICY_PASSWORD_MINIMUM", "7"),
        ("ONEHOUR_POLICY_PASSWORD_MAXIMUM", "14"),
        ("ONEHOUR_POLICY_SESSION_LIFE", "3600"),
        ("ONEHOUR_POLICY_ADMIN_IDLE", "86400"),
        ("ONEHOUR_POLICY_REFRESH_LIFE", "60"),
    ],
)
def test_a_wrong_value_is_refused_in_one_sentence(name: str, wrong: str, tmp_path: Path) -> None:
    with pytest.raises(WrongSetting) as refused:
        load({name: wrong}, tmp_path)

    assert re.fullmatch(rf"{name} must be [^\n]+\.", refused.value.message)


@pytest.mark.parametrize(
    ("name", "wrong", "sentence"),
    [
        ("ONEHOUR_ENV", "staging", "development or production"),
        ("ONEHOUR_PORT", "70000", "a whole number from 1 to 65535"),
        ("ONEHOUR_PORT", "eighty", "a whole number from 1 to 65535"),
        ("ONEHOUR_BASE_URL", "hours.example", "a URL that begins with http:// or https://"),
        ("ONEHOUR_LOG_LEVEL", "loud", "debug, info, warning or error"),
        ("ONEHOUR_TRUSTED_PROXIES", "-1", "a whole number from 0 to 9"),
        ("ONEHOUR_SEED_DEMO", "perhaps", "1 or 0"),
        ("ONEHOUR_PLUGINS", "a plugin", "names separated by commas"),
        ("ONEHOUR_REDIS_URL", "http://x", "a URL that begins with redis://, rediss:// or unix://"),
        ("ONEHOUR_MONGO_URL", "mongodb://[", "a URL that begins with mongodb:// or mongodb+srv://"),
        ("ONEHOUR_PAYMENTS", "barter", f"cashfree{FURTHER}"),
        ("ONEHOUR_MAIL", "pigeon", f"smtp or mailjet{FURTHER}"),
        ("ONEHOUR_CASHFREE_MODE", "real", "sandbox or production"),
        ("ONEHOUR_SIMULATOR_TIME_SCALE", "0", "a number above 0 and up to 1000"),
        ("ONEHOUR_POLICY_HOLD", "15m", "a whole number from 0 to 1000000000"),
        ("ONEHOUR_POLICY_HOLD", "0", "at least 1"),
        ("ONEHOUR_POLICY_FILE_BYTES_MAXIMUM", "104857601", "a whole number from 0 to 104857600"),
        ("ONEHOUR_POLICY_FILES_PER_EVIDENCE", "101", "a whole number from 0 to 100"),
        ("ONEHOUR_POLICY_MESSAGE_MAXIMUM", "20001", "a whole number from 0 to 20000"),
        ("ONEHOUR_POLICY_NO_SHOW_AFTER", "3601", "a whole number from 0 to 3600"),
        ("ONEHOUR_POLICY_WARN_BEFORE_PAYMENT", "2", "a whole number from 0 to 1"),
        (
            "ONEHOUR_POLICY_CONTEST_WITHIN",
            "5184001",
            "at most 5184000, the value of ONEHOUR_POLICY_DISPUTE_ENDS_AFTER",
        ),
        (
            "ONEHOUR_POLICY_NO_SHOW_ANSWER_WITHIN",
            "5184001",
            "at most 5184000, the value of ONEHOUR_POLICY_DISPUTE_ENDS_AFTER",
        ),
        (
            "ONEHOUR_FILES_URL",
            "https://files.example.com/files",
            "a URL without a path, a query, a fragment or a password",
        ),
        (
            "ONEHOUR_CLAMD_URL",
            "tcp://scanner:70000",
            "a URL such as tcp://scanner:3310 or unix:///run/clamav/clamd.ctl",
        ),
        *(
            (
                "ONEHOUR_PEER_STUN_URLS",
                wrong,
                "at most 4 addresses such as stun:turn.example.com:3478, with commas",
            )
            for wrong in ("stun:a:70000", "stun:a:0", "stun:...", "stun:-a", "stun:", "turn:a")
        ),
        (
            "ONEHOUR_POLICY_SESSION_LIFE",
            "60",
            "at least 1209600, the value of ONEHOUR_POLICY_SESSION_IDLE",
        ),
        (
            "ONEHOUR_POLICY_SESSION_IDLE",
            "9999999",
            "at most 2592000, the value of ONEHOUR_POLICY_SESSION_LIFE",
        ),
        ("ONEHOUR_MAIL_FROM", "a@b.example\n", "one line without control characters"),
    ],
)
def test_the_sentence_says_what_is_wanted(
    name: str, wrong: str, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(WrongSetting) as refused:
        load({name: wrong}, tmp_path)

    assert refused.value.message == f"{name} must be {sentence}."


@pytest.mark.parametrize(
    ("text", "on"),
    [("1", True), ("true", True), ("Yes", True), ("ON", True),
     ("0", False), ("False", False), ("no", False), ("off", False)],
)  # fmt: skip
def test_booleans_are_written_in_the_usual_ways(text: str, on: bool, tmp_path: Path) -> None:
    assert load({"ONEHOUR_SEED_DEMO": text}, tmp_path).seed_demo is on


def test_a_wrong_secret_is_not_repeated_anywhere_in_the_traceback(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting) as refused:
        load({"ONEHOUR_MONGO_URL": "hush://user:hush-password@db"}, tmp_path)

    lines = "".join(traceback.format_exception(refused.value))
    assert "hush" not in lines.replace('"hush://user:hush-password@db"', "")


def test_a_dollar_in_the_file_stands_for_itself(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("ONEHOUR_SECRET_KEY=a$HOME${HOME}\n")

    assert load({}, tmp_path, dotenv).secret_key == "a$HOME${HOME}"


def test_a_public_site_with_everything_it_needs_starts(tmp_path: Path) -> None:
    settings = load(PUBLIC_HOUSE, tmp_path)

    assert settings.in_production
    assert not (tmp_path / "secret-key").exists()


MAILJET = {
    "ONEHOUR_MAIL": "mailjet",
    "ONEHOUR_MAILJET_API_KEY": "key",
    "ONEHOUR_MAILJET_SECRET_KEY": "hush",
    "ONEHOUR_SMTP_URL": "",
}


def test_a_public_site_may_send_over_mailjet(tmp_path: Path) -> None:
    settings = load(PUBLIC_HOUSE | MAILJET, tmp_path)

    sender = mailer(settings, lent(settings))

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
def test_a_public_site_refuses_incomplete_settings_of_mailjet(
    name: str, unsafe: str, tmp_path: Path
) -> None:
    with pytest.raises(WrongSetting) as refused:
        load({**PUBLIC_HOUSE, **MAILJET, name: unsafe}, tmp_path)

    assert re.fullmatch(rf"In production {name} must b[^\n]+\.", refused.value.message)


@pytest.mark.parametrize("missing", ["ONEHOUR_MAILJET_API_KEY", "ONEHOUR_MAILJET_SECRET_KEY"])
def test_mailjet_without_a_key_stops_the_start(missing: str, tmp_path: Path) -> None:
    settings = load({**MAILJET, missing: ""}, tmp_path)

    with pytest.raises(WrongSetting, match=rf"^{missing} is missing: [^\n]+\.$"):
        mailer(settings, lent(settings))


@pytest.mark.parametrize("url", ["smtps://mail.example", "smtp://127.0.0.1:25", "smtp://localhost"])
def test_a_public_site_sends_mail_encrypted_or_from_its_own_machine(
    url: str, tmp_path: Path
) -> None:
    settings = load({**PUBLIC_HOUSE, "ONEHOUR_SMTP_URL": url}, tmp_path)

    assert settings.section(SmtpOptions).url == url


def test_mail_goes_over_smtp_unless_configured_otherwise(tmp_path: Path) -> None:
    settings = load({"ONEHOUR_SMTP_URL": "smtp://mail.example"}, tmp_path)

    assert isinstance(mailer(settings, lent(settings)), SmtpMailer)


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
        ("ONEHOUR_CASHFREE_BASE_URL", "https://hours.example/simulator/cashfree/pg"),
        ("ONEHOUR_CASHFREE_BASE_URL", "https://127.0.0.1:9000/pg"),
        ("ONEHOUR_CASHFREE_BASE_URL", "https://HOURS.example./pg"),
        ("ONEHOUR_CASHFREE_BASE_URL", "https://localhost./pg"),
        ("ONEHOUR_CASHFREE_BASE_URL", "https://127.1/pg"),
        ("ONEHOUR_CASHFREE_BASE_URL", "https://0.0.0.0/pg"),
        ("ONEHOUR_CASHFREE_BASE_URL", "https://2130706433/pg"),
        ("ONEHOUR_CASHFREE_BASE_URL", "https://0x7f.0.0.1:9000/pg"),
        ("ONEHOUR_CASHFREE_BASE_URL", "https://[::1]/pg"),
        ("ONEHOUR_CASHFREE_BASE_URL", "https://[::ffff:127.0.0.1]/pg"),
        ("ONEHOUR_CASHFREE_BASE_URL", "https://[::]/pg"),
        ("ONEHOUR_OPENID_ISSUER", "http://login.example.com"),
    ],
)
def test_a_public_site_refuses_unsafe_settings(name: str, unsafe: str, tmp_path: Path) -> None:
    with pytest.raises(WrongSetting) as refused:
        load({**PUBLIC_HOUSE, name: unsafe}, tmp_path)

    assert re.fullmatch(rf"In production {name} must be [^\n]+\.", refused.value.message)


@pytest.mark.parametrize(
    ("host", "mode", "other"),
    [
        ("sandbox.cashfree.com", "production", "sandbox"),
        ("api.cashfree.com", "sandbox", "production"),
    ],
)
def test_checkout_and_api_are_of_one_environment(
    host: str, mode: str, other: str, tmp_path: Path
) -> None:
    given = {"ONEHOUR_CASHFREE_BASE_URL": f"https://{host}/pg", "ONEHOUR_CASHFREE_MODE": mode}

    with pytest.raises(WrongSetting) as refused:
        load(given, tmp_path)

    assert refused.value.message == (
        f"ONEHOUR_CASHFREE_MODE must be {other} beside Cashfree's {other} address."
    )


def test_several_hosts_and_a_socket_file_are_urls(tmp_path: Path) -> None:
    replica_set = "mongodb://user:p%40ss@one.example:27017,two.example/?replicaSet=rs0"
    given = {"ONEHOUR_MONGO_URL": replica_set, "ONEHOUR_REDIS_URL": "unix:///run/redis.sock"}

    settings = load(given, tmp_path)

    assert settings.section(MongoOptions).url == replica_set
    assert settings.section(RedisOptions).url == "unix:///run/redis.sock"


def test_a_data_directory_that_is_a_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "data"
    file.write_text("")

    for folder in (file, file / "below"):
        with pytest.raises(WrongSetting) as refused:
            load({}, folder)
        assert refused.value.message == "ONEHOUR_DATA_DIR must be a folder, not a file."


def test_a_data_directory_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        WrongSetting, match=r"^ONEHOUR_DATA_DIR must be a folder .*written \(.+\)\.$"
    ):
        load({}, tmp_path / ("d" * 300))


@pytest.mark.parametrize("content", [b"", b"  \n", b"short", b"\xff" * 64])
def test_a_damaged_secret_key_is_reported_and_kept(content: bytes, tmp_path: Path) -> None:
    key = tmp_path / "secret-key"
    key.write_bytes(content)

    with pytest.raises(WrongSetting) as refused:
        load({}, tmp_path)

    assert refused.value.message.startswith(f"The file {key} must hold the secret key")
    assert key.read_bytes() == content


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_an_env_file_that_is_no_text_is_refused(content: bytes | None, tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.mkdir() if content is None else dotenv.write_bytes(content)

    with pytest.raises(WrongSetting, match=r"\.env must be a readable text file in UTF-8\.$"):
        load({}, tmp_path, dotenv)


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

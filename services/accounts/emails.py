"""The mails about an account: codes, links, and notices of what has changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from core.codes import Purpose
from core.formats import NO_BREAK, at
from core.letters import Letter

NOT_YOU = (
    "Was this not you? Set a new password at once; that ends every session. The link to it is on "
    "the log-in page."
)


@dataclass(frozen=True, slots=True)
class AccountMail:
    """What a mail about an account knows: the site's address and the effect's facts."""

    site: str
    facts: Mapping[str, str]

    def when(self, name: str = "at") -> str:
        return at(datetime.fromisoformat(self.facts[name]), self.facts["zone"])

    @property
    def security(self) -> tuple[str, str]:
        return ("Look at your security settings", f"{self.site}/account/security")


USES = {
    Purpose.VERIFY_EMAIL: "It confirms your e-mail address.",
    Purpose.LOG_IN: "It finishes your log-in.",
    Purpose.TOKEN: "It lets a program sign in as you.",
    Purpose.STEP_UP: "It confirms that it is you who is about to make a change.",
    Purpose.NEW_EMAIL: "It makes this the address of your account.",
}


def code(mail: AccountMail, digits: str) -> Letter:
    purpose = Purpose(mail.facts["purpose"])
    return Letter(
        f"Your code is {digits[:3]}{NO_BREAK}{digits[3:]}",
        (
            f"{USES[purpose]} Enter it within 10 minutes, until {mail.when('expires')}. "
            "We never ask for it by phone or in chat.",
        ),
        code=f"{digits[:3]}{NO_BREAK}{digits[3:]}",
        note=_doubt(purpose),
    )


def _doubt(purpose: Purpose) -> str:
    if purpose in (Purpose.VERIFY_EMAIL, Purpose.NEW_EMAIL):
        return (
            "You did not ask for a code? Then somebody typed your address by mistake, "
            "and you can leave this mail alone."
        )
    return (
        "You did not ask for a code? Then somebody knows your password. Tell nobody the code, "
        "and set a new password."
    )


def reset(mail: AccountMail, link: str) -> Letter:
    return Letter(
        "Set a new password",
        (
            "Somebody, probably you, asked to set a new password for this address. The link works "
            "once, for half an hour.",
            "Setting it ends every session, on all devices.",
        ),
        button=("Set a new password", f"{mail.site}/reset/{link}"),
        note="You did not ask for it? Then you can leave this mail alone: nothing has changed.",
    )


def unconfirmed(mail: AccountMail) -> Letter:
    return Letter(
        "Sign up again to confirm your address",
        (
            "Somebody, probably you, asked to set a new password for this address. It was never "
            "confirmed, so there is no password to reset. Sign up once more, with the same "
            "address, and enter the code we send.",
        ),
        button=("Sign up", f"{mail.site}/sign-up"),
    )


def _already_registered(mail: AccountMail) -> Letter:
    return Letter(
        "You already have an account",
        (
            "Somebody, probably you, wanted to use this address for an account. "
            "There is an account with it, so nothing was changed.",
        ),
        button=("Log in", f"{mail.site}/login"),
        note="That was not you? Then you can leave this mail alone.",
    )


def _changed(subject: str, *sentences: str) -> Callable[[AccountMail], Letter]:
    """A notice of one change; `{at}` and the facts of the effect may stand in its sentences."""

    def letter(mail: AccountMail) -> Letter:
        told = {**mail.facts, "at": mail.when()}
        return Letter(
            subject,
            tuple(sentence.format_map(told) for sentence in sentences),
            button=mail.security,
            note=NOT_YOU,
        )

    return letter


def _email_changed(mail: AccountMail) -> Letter:
    return Letter(
        "Your e-mail address was changed",
        (
            f"Since {mail.when()} you log in with {mail.facts['new']}.",
            "Every other session was ended.",
        ),
        button=mail.security,
        note="Was this not you? Answer this mail at once: somebody else has your account.",
    )


def _erased(mail: AccountMail) -> Letter:
    return Letter(
        "Your account is erased",
        (
            f"You asked for it on {mail.when()}. Your name, address, picture, profile and briefs "
            "are taken out. Bookings, payments and the notes that belong to the work stay without "
            "a name, as the law and the other side need them.",
        ),
        note="Thank you for having been here.",
    )


LETTERS: Mapping[str, Callable[[AccountMail], Letter]] = {
    "already_registered": _already_registered,
    "password_changed": _changed(
        "Your password was changed",
        "It was changed on {at}. Every other session was ended, on all devices.",
    ),
    "email_changed": _email_changed,
    "two_factor_on": _changed(
        "Log-ins now ask for a code",
        "Since {at} a log-in to your account asks for a second factor beside the password.",
    ),
    "two_factor_off": _changed(
        "Log-ins no longer ask for a code",
        "Since {at} your password alone opens your account.",
    ),
    "totp_on": _changed(
        "Your authenticator app is set up",
        "Since {at} log-ins ask for the code your app shows. Keep the recovery codes in a safe "
        "place: they open your account when the phone is lost.",
    ),
    "totp_off": _changed(
        "Your authenticator app was removed",
        "Since {at} the codes of the app and its recovery codes open nothing. Codes come by mail "
        "again.",
    ),
    "recovery_codes_made": _changed(
        "You have new recovery codes", "They were made on {at}. The old ones open nothing."
    ),
    "recovery_code_used": _changed(
        "A recovery code was used",
        "It opened your account on {at}. It works no longer. Codes left: {left}.",
    ),
    "token_reused": _changed(
        "A program was signed out",
        "On {at} an old token of a program came back that had been renewed already. That happens "
        "when a token was copied, so the program was signed out.",
    ),
    "identity_linked": _changed(
        "Another sign-in opens your account",
        "Since {at} you can sign in with {provider}.",
    ),
    "identity_unlinked": _changed(
        "A sign-in was disconnected", "Since {at} {provider} opens your account no longer."
    ),
    "erased": _erased,
}

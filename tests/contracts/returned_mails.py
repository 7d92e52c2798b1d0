"""Mails that came back, as servers write them."""

from __future__ import annotations

import re

TO = "gita@example.com"
DELIVERY = """From: MAILER-DAEMON@mx.example.com (Mail Delivery System)
To: {path}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

I could not deliver your message.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com
Arrival-Date: Mon, 23 Nov 2026 06:00:00 +0000

Final-Recipient: rfc822; {to}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {diagnostic}

--b
Content-Type: message/rfc822

Return-Path: <{path}>
To: {to}
Subject: Hello

Hello.
--b--
"""
QMAIL = """From: MAILER-DAEMON@mx.example.com
To: {path}
Subject: failure notice

Hi. This is the qmail-send program at mx.example.com.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{to}>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Return-Path: <{path}>
To: {to}
Subject: Hello
"""
AWAY = """From: {to}
To: {path}
Subject: Away until Monday
Auto-Submitted: auto-replied

I read mail again on Monday.
"""
COMPLAINT = """From: <abuse@provider.example>
To: complaints@hours.example
Subject: FW: Hello
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

This is a report about a mail.

--b
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: Provider/1.0
Version: 1
Original-Mail-From: <{path}>
Original-Rcpt-To: <{to}>

--b
Content-Type: message/rfc822

Return-Path: <{path}>
To: {to}
Subject: Hello

Hello.
--b--
"""


def delivery_report(
    path: str, *, to: str = TO, action: str = "failed", status: str = "5.1.1", diagnostic: str = ""
) -> bytes:
    diagnostic = diagnostic or f"550 {status} refused"
    return _mail(DELIVERY, path=path, to=to, action=action, status=status, diagnostic=diagnostic)


def report_of_qmail(path: str, *, to: str = TO) -> bytes:
    return _mail(QMAIL, path=path, to=to)


def away(path: str, *, to: str = TO) -> bytes:
    return _mail(AWAY, path=path, to=to)


def complaint(path: str, *, to: str = TO, kind: str = "abuse") -> bytes:
    return _mail(COMPLAINT, path=path, to=to, kind=kind)


def _mail(template: str, **values: str) -> bytes:
    return re.sub("\n", "\r\n", template.format(**values)).encode()

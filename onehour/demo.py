"""The demo data: developers with profiles and available hours, clients, and their bookings.

All persons are invented. Plugins add to it, such as reviews of the finished bookings.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.availability import Availability
from core.developers import Developer, DeveloperId
from core.money import Money
from core.weekly_hours import Window

SUPPORT = "support@example.com"
PASSWORD = "one-hour-at-a-time"  # noqa: S105 - public: printed at the start of the demo
WEEKDAYS = range(5)


@dataclass(frozen=True, slots=True)
class Person:
    """A demo account; `timezone` is an IANA name."""

    name: str
    email: str
    timezone: str


@dataclass(frozen=True, slots=True)
class Offer:
    """The profile of a demo developer.

    `rate` is in rupees per hour, `hours` are (start, end) in the developer's own time zone, and
    `avatar` names a file in web/static/avatars.
    """

    person: Person
    headline: str
    bio: str
    skills: tuple[str, ...]
    languages: tuple[str, ...]
    rate: int
    hours: tuple[tuple[int, int], ...]
    avatar: str
    revisions: int = 2
    weekend: bool = False

    def profile(self, developer_id: DeveloperId, account_id: str) -> Developer:
        """The published profile, available on weekdays or, with `weekend`, every day."""
        days = range(7) if self.weekend else WEEKDAYS
        windows = tuple(
            Window(day, start * 60, end * 60) for day in days for start, end in self.hours
        )
        return Developer(
            id=developer_id,
            account_id=account_id,
            name=self.person.name,
            availability=Availability(self.person.timezone, windows),
            headline=self.headline,
            bio=self.bio,
            skills=self.skills,
            languages=self.languages,
            rate=Money(self.rate * 100),
            revisions=self.revisions,
            published=True,
            avatar=self.picture,
        )

    @property
    def picture(self) -> str:
        """The URL path of the profile picture."""
        return f"/static/avatars/{self.avatar}.svg"


CLIENT = Person("Meera Krishnan", "client@example.com", "Asia/Kolkata")
DEVELOPER = Person("Lucía Fernández", "developer@example.com", "Europe/Madrid")
ROHAN = Person("Rohan Deshpande", "rohan@example.com", "Asia/Kolkata")
ADMIN = Person("Asha Menon", "admin@example.com", "Asia/Kolkata")
NILS = Person("Nils Aasen", "nils@example.com", "Europe/Oslo")
CHITRA = Person("Chitra Rao", "chitra@example.com", "Asia/Kolkata")
CLIENTS = (CLIENT, ROHAN, NILS, CHITRA)

OFFERS = (
    Offer(
        DEVELOPER,
        "Finds out why your database is slow, and shows you how to keep it fast",
        "I spent nine years keeping PostgreSQL calm for a ticketing company that sells out "
        "stadiums in minutes. Bring me a slow query, a lock that blocks everyone, or a table "
        "that has grown too large.\n\nIn an hour we usually read the query plan together, find "
        "the one cause that matters, and fix it on a copy of your data. You get a short written "
        "summary and the migration.",
        ("PostgreSQL", "Performance", "Python", "SQLAlchemy", "Query plans", "Django"),
        ("Spanish", "English"),
        2400,
        ((9, 14), (15, 20)),
        "lucia",
        revisions=3,
        weekend=True,
    ),
    Offer(
        Person("Arjun Nair", "arjun@example.com", "Asia/Kolkata"),
        "Django and PostgreSQL for teams that ship every day",
        "Reviews, migrations without downtime, and the test that would have caught it. "
        "I like code that a new colleague understands on the first morning.",
        ("Django", "PostgreSQL", "AWS", "Python", "Testing"),
        ("English", "Malayalam", "Hindi"),
        2400,
        ((9, 13), (14, 19)),
        "arjun",
    ),
    Offer(
        Person("Hannah Okafor", "hannah@example.com", "Europe/London"),
        "React interfaces that work with the keyboard and a screen reader",
        "We go through your page with the keyboard alone, then with a screen reader, and fix "
        "what stands in the way. You keep the tests.",
        ("React", "Accessibility", "TypeScript", "CSS", "Design systems"),
        ("English",),
        3100,
        ((8, 12), (13, 17)),
        "hannah",
    ),
    Offer(
        Person("Harpreet Singh", "harpreet@example.com", "Asia/Kolkata"),
        "Kubernetes that lets you sleep at night",
        "Probes, limits, rollouts, and the question why the pod restarts at three in the "
        "morning. We look at your cluster on a shared screen and leave it better.",
        ("Kubernetes", "Terraform", "AWS", "Prometheus", "Linux"),
        ("English", "Hindi", "Punjabi"),
        3600,
        ((10, 14), (16, 21)),
        "harpreet",
        weekend=True,
    ),
    Offer(
        Person("Farah Siddiqui", "farah@example.com", "Asia/Karachi"),
        "iOS apps from the first screen to the App Store",
        "Swift and SwiftUI since the first betas. Bring a crash log, a layout that breaks on "
        "one phone, or a review rejection you do not understand.",
        ("iOS", "Swift", "SwiftUI", "Mobile"),
        ("English", "Urdu"),
        2900,
        ((10, 18),),
        "farah",
    ),
    Offer(
        Person("Tomasz Kowalczyk", "tomasz@example.com", "Europe/Warsaw"),
        "Rust services and the databases behind them; security reviews",
        "I read your code the way an attacker would, and write down what I find in the order "
        "in which you should fix it.",
        ("Rust", "PostgreSQL", "Security review", "Linux"),
        ("Polish", "English", "German"),
        4200,
        ((8, 16),),
        "tomasz",
        revisions=1,
    ),
    Offer(
        Person("Ananya Iyer", "ananya@example.com", "Asia/Kolkata"),
        "Data models, migrations without downtime, query plans in plain words",
        "From the spreadsheet to a warehouse somebody can trust. We draw the model first and "
        "write the SQL second.",
        ("PostgreSQL", "dbt", "Airflow", "Python", "SQL"),
        ("English", "Tamil", "Hindi"),
        1950,
        ((7, 12), (18, 22)),
        "ananya",
        weekend=True,
    ),
    Offer(
        Person("Yusuf Demir", "yusuf@example.com", "Europe/Istanbul"),
        "Self-hosted PostgreSQL: replication, backups, recovery drills",
        "A backup nobody has restored is a wish. We restore yours together, once, and write "
        "down how long it took.",
        ("PostgreSQL", "Linux", "Ansible", "Replication"),
        ("Turkish", "English"),
        2750,
        ((9, 17),),
        "yusuf",
    ),
)


@dataclass(frozen=True, slots=True)
class DemoBooking:
    """A demo booking at the first free start at least `from_hours` from now."""

    name: str
    client: Person
    developer: Person
    from_hours: int
    hours: int
    brief: str
    accepted: bool = False
    note: str = ""
    """Of the delivery, which is approved before the meeting: the booking is finished then."""


BOOKINGS = (
    DemoBooking(
        "report",
        CLIENT,
        DEVELOPER,
        26,
        2,
        "Our monthly report query takes 38 seconds since the orders table passed 40 million rows.",
        accepted=True,
    ),
    DemoBooking(
        "queue",
        ROHAN,
        DEVELOPER,
        30,
        2,
        "Two workers take the same job from the queue table. We need a lock that does not block "
        "the others.",
    ),
    DemoBooking(
        "deploys",
        CLIENT,
        OFFERS[3].person,
        24,
        1,
        "Every second nightly deploy fails on a readiness probe, and we do not see why.",
    ),
    DemoBooking(
        "index",
        ROHAN,
        DEVELOPER,
        50,
        1,
        "Our search by customer reads the whole table.",
        accepted=True,
        note="One index and a shorter query: 12 seconds became 40 milliseconds.",
    ),
    DemoBooking(
        "migration",
        NILS,
        DEVELOPER,
        74,
        2,
        "We must add a column to a table with 60 million rows, without downtime.",
        accepted=True,
        note="The migration in three steps, and how to take each back.",
    ),
    DemoBooking(
        "pooling",
        CHITRA,
        DEVELOPER,
        98,
        1,
        "Connections run out every Monday morning.",
        accepted=True,
        note="Settings of the pool, and a test that shows when it is full.",
    ),
    DemoBooking(
        "tests",
        NILS,
        OFFERS[1].person,
        50,
        1,
        "Our Django tests take 25 minutes.",
        accepted=True,
        note="Fixtures once per class, and four workers: 6 minutes.",
    ),
    DemoBooking(
        "forms",
        ROHAN,
        OFFERS[2].person,
        50,
        1,
        "Our sign-up form cannot be finished with a keyboard.",
        accepted=True,
        note="The form works by keyboard now; the tests are in the branch.",
    ),
)


@dataclass(frozen=True, slots=True)
class DemoMessage:
    """A message of a demo conversation. `answers` is the number of another one."""

    sender: Person
    body: str
    answers: int | None = None


PLAN = """Good morning, Meera. Please run this before we meet, it changes nothing:

```sql
EXPLAIN (ANALYZE, BUFFERS)
SELECT date_trunc('month', placed_at), sum(total)
  FROM orders
 WHERE shop_id = 42
 GROUP BY 1;
```"""
FINDING = """Thank you. It reads 40 million rows to keep 90,000 of them. I suggest:

1. an index on `shop_id` and the month
2. the filter *before* the join

We can do the first in half an hour and use the rest for the second."""
CHAT = (
    DemoMessage(CLIENT, "The slow part is the monthly report. Shall I prepare something?"),
    DemoMessage(DEVELOPER, PLAN),
    DemoMessage(CLIENT, "It takes **38 seconds**, every time, and prints *Seq Scan on orders*."),
    DemoMessage(DEVELOPER, FINDING, answers=3),
    DemoMessage(CLIENT, "A staging copy from last week is ready. Is that enough?"),
    DemoMessage(DEVELOPER, "Yes, the staging copy is enough."),
    DemoMessage(DEVELOPER, "I will have it open on my screen when we begin."),
)
"""Between the first demo client and developer, after their booking. The client has not read what
follows its own last message."""


def id_suffix(person: Person) -> str:
    """The part that all ids of a demo person have in common."""
    return f"demo_{person.email.partition('@')[0]}"

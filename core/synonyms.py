"""Other names of one thing, as the search treats them: k8s is Kubernetes.

Each line has a name and, after a colon, its other names, separated by commas. A name may have
several words. Operators add lines in a file of this form (`ONEHOUR_SEARCH_SYNONYMS`).
"""

from __future__ import annotations

from core.errors import OneHourError

SYNONYMS = """
.NET: dotnet, dot net
Amazon Web Services: AWS
artificial intelligence: AI
Azure: Microsoft Azure
back-end: back end
C#: C sharp, csharp
C++: cpp, c plus plus, cplusplus, C++11, C++14, C++17, C++20, C++23
CI/CD: continuous integration
dev ops: DevOps
Elasticsearch: Elastic Search
F#: F sharp, fsharp
front-end: front end
full stack: fullstack
Go: golang
Google Cloud: GCP, Google Cloud Platform
JavaScript: JS, ECMAScript
Kubernetes: k8s, kube
large language models: LLM, LLMs, large language model
machine learning: ML
MongoDB: Mongo
natural language processing: NLP
Next.js: Next JS
Node.js: Node, Node JS
Objective-C: objc, Objective C
PostgreSQL: Postgres, psql, pgsql
Python: py, Python3, Python 3
quality assurance: QA
React: React.js, React JS
Ruby on Rails: Rails, RoR
SQL Server: MSSQL, MS SQL, Microsoft SQL Server
TypeScript: TS
user experience: UX
user interface: UI
Vue.js: Vue, Vue JS
"""

LONGEST_NAME = 80
MOST_LINES = 2_000


class WrongSynonyms(OneHourError):
    """A line of synonyms cannot be read."""

    code = "wrong_synonyms"


def parse_synonyms(text: str) -> tuple[tuple[str, ...], ...]:
    """The groups of names, each with the main one first; empty lines and those that begin with `#`
    and a space are left out. Raises `WrongSynonyms`."""
    lines = [(n, line.strip()) for n, line in enumerate(text.splitlines(), start=1)]
    groups = [_group(n, line) for n, line in lines if line and not line.startswith("# ")]
    if len(groups) > MOST_LINES:
        raise WrongSynonyms(f"There are more than {MOST_LINES:,} lines.")
    return tuple(groups)


def _group(number: int, line: str) -> tuple[str, ...]:
    main, colon, others = line.partition(":")
    names = tuple(name.strip() for name in (main, *others.split(",")))
    if not colon or not all(names):
        raise WrongSynonyms(f"Line {number} is not of the form `Kubernetes: k8s, kube`.")
    if any(len(name) > LONGEST_NAME for name in names):
        raise WrongSynonyms(f"Line {number} has a name longer than {LONGEST_NAME} characters.")
    return names

"""The tables of the simulator. Amounts are paise, times are milliseconds since 1970."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS clock (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    advance INTEGER NOT NULL
);
INSERT OR IGNORE INTO clock VALUES (1, 0);
CREATE TABLE IF NOT EXISTS orders (
    order_id TEXT PRIMARY KEY,
    cf_order_id TEXT NOT NULL UNIQUE,
    session TEXT NOT NULL UNIQUE,
    amount INTEGER NOT NULL,
    currency TEXT NOT NULL,
    state TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    customer TEXT NOT NULL,
    meta TEXT NOT NULL,
    note TEXT,
    tags TEXT,
    cart TEXT,
    splits TEXT
);
CREATE TABLE IF NOT EXISTS attempts (
    cf_payment_id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL REFERENCES orders,
    status TEXT NOT NULL,
    amount INTEGER NOT NULL,
    begun INTEGER NOT NULL,
    ended INTEGER,
    settles INTEGER,
    settles_as TEXT,
    webhook TEXT NOT NULL,
    webhook_delay INTEGER NOT NULL,
    method TEXT,
    surcharge INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS attempts_of_order ON attempts (order_id, begun);
CREATE INDEX IF NOT EXISTS attempts_due ON attempts (settles) WHERE settles IS NOT NULL;
CREATE INDEX IF NOT EXISTS attempts_open ON attempts (begun) WHERE ended IS NULL;
CREATE TABLE IF NOT EXISTS refunds (
    cf_refund_id TEXT PRIMARY KEY,
    refund_id TEXT,
    order_id TEXT NOT NULL REFERENCES orders,
    cf_payment_id TEXT NOT NULL REFERENCES attempts,
    kind TEXT NOT NULL,
    amount INTEGER NOT NULL,
    note TEXT,
    status TEXT NOT NULL,
    created INTEGER NOT NULL,
    processed INTEGER,
    settles INTEGER,
    speed TEXT,
    splits TEXT,
    UNIQUE (order_id, refund_id)
);
CREATE INDEX IF NOT EXISTS refunds_due ON refunds (settles) WHERE settles IS NOT NULL;
CREATE TABLE IF NOT EXISTS disputes (
    dispute_id INTEGER PRIMARY KEY AUTOINCREMENT,
    order_id TEXT NOT NULL REFERENCES orders,
    cf_payment_id TEXT NOT NULL REFERENCES attempts,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    amount INTEGER NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    respond_by INTEGER NOT NULL,
    resolved INTEGER
);
CREATE INDEX IF NOT EXISTS disputes_of_order ON disputes (order_id);
CREATE TABLE IF NOT EXISTS documents (
    document_id INTEGER PRIMARY KEY AUTOINCREMENT,
    dispute_id INTEGER NOT NULL REFERENCES disputes,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    size INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS unsettled (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (kind, key)
);
CREATE INDEX IF NOT EXISTS unsettled_since ON unsettled (at);
CREATE TABLE IF NOT EXISTS settlements (
    settlement_id INTEGER PRIMARY KEY AUTOINCREMENT,
    state TEXT NOT NULL,
    created INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    charge INTEGER NOT NULL,
    tax INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS settled (
    line INTEGER PRIMARY KEY AUTOINCREMENT,
    settlement_id INTEGER NOT NULL REFERENCES settlements,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    order_id TEXT,
    cf_payment_id TEXT,
    refund_id TEXT,
    amount INTEGER NOT NULL,
    paid INTEGER NOT NULL,
    net INTEGER NOT NULL,
    note TEXT
);
CREATE INDEX IF NOT EXISTS settled_by ON settled (settlement_id, line);
CREATE TABLE IF NOT EXISTS beneficiaries (
    beneficiary_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    number TEXT NOT NULL,
    ifsc TEXT NOT NULL,
    added INTEGER NOT NULL,
    UNIQUE (number, ifsc)
);
CREATE TABLE IF NOT EXISTS transfers (
    transfer_id TEXT PRIMARY KEY,
    cf_transfer_id TEXT NOT NULL UNIQUE,
    beneficiary_id TEXT NOT NULL REFERENCES beneficiaries,
    amount INTEGER NOT NULL,
    status TEXT NOT NULL,
    code TEXT NOT NULL,
    step INTEGER NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    settles INTEGER
);
CREATE INDEX IF NOT EXISTS transfers_due ON transfers (settles) WHERE settles IS NOT NULL;
CREATE TABLE IF NOT EXISTS payout_account (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    filled INTEGER
);
INSERT OR IGNORE INTO payout_account VALUES (1, NULL);
CREATE TABLE IF NOT EXISTS webhooks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    url TEXT NOT NULL,
    body BLOB NOT NULL,
    due INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    leased_until INTEGER NOT NULL DEFAULT 0,
    last_status INTEGER,
    postponed INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS webhooks_due ON webhooks (due) WHERE due IS NOT NULL;
CREATE TABLE IF NOT EXISTS endpoints (
    url TEXT PRIMARY KEY,
    failures INTEGER NOT NULL,
    disabled INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS replies (
    client_id TEXT NOT NULL,
    operation TEXT NOT NULL,
    key TEXT NOT NULL,
    asked TEXT NOT NULL,
    status INTEGER NOT NULL,
    body BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (client_id, operation, key)
);
CREATE TABLE IF NOT EXISTS faults (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    times INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS faults_waiting ON faults (id) WHERE times > 0;
CREATE TABLE IF NOT EXISTS simulations (
    simulation_id TEXT PRIMARY KEY,
    cf_payment_id TEXT NOT NULL,
    status TEXT NOT NULL
)
"""

ADDED = (
    ("orders", "cart", "ALTER TABLE orders ADD COLUMN cart TEXT"),
    ("orders", "splits", "ALTER TABLE orders ADD COLUMN splits TEXT"),
    ("attempts", "method", "ALTER TABLE attempts ADD COLUMN method TEXT"),
    ("refunds", "speed", "ALTER TABLE refunds ADD COLUMN speed TEXT"),
    (
        "webhooks",
        "postponed",
        "ALTER TABLE webhooks ADD COLUMN postponed INTEGER NOT NULL DEFAULT 0",
    ),
    ("refunds", "splits", "ALTER TABLE refunds ADD COLUMN splits TEXT"),
    (
        "attempts",
        "surcharge",
        "ALTER TABLE attempts ADD COLUMN surcharge INTEGER NOT NULL DEFAULT 0",
    ),
)
"""Columns that databases of older versions do not have: table, column, statement."""
RENAMED = "UPDATE refunds SET status = 'CANCELLED' WHERE status = 'FAILED'"
"""Older versions ended a refund as FAILED, which the API does not have."""

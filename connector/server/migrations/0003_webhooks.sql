-- Subscriptions to the event log, and what they did not take.

CREATE TABLE webhook (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL UNIQUE,
    version  INTEGER NOT NULL,
    state    TEXT,
    peer     TEXT,
    peer_pid TEXT,
    parent   TEXT,
    doc      TEXT NOT NULL
) STRICT;

CREATE TABLE dead_letter (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL UNIQUE,
    version  INTEGER NOT NULL,
    state    TEXT,
    peer     TEXT,
    peer_pid TEXT,
    parent   TEXT,
    doc      TEXT NOT NULL
) STRICT;

CREATE INDEX dead_letter_parent ON dead_letter (parent, seq);

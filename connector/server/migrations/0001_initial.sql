-- One table for each kind of record: the document, the version that guards writes, and indexed members.

CREATE TABLE asset (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL UNIQUE,
    version  INTEGER NOT NULL,
    state    TEXT,
    peer     TEXT,
    peer_pid TEXT,
    parent   TEXT,
    doc      TEXT NOT NULL
) STRICT;

CREATE TABLE policy_definition (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL UNIQUE,
    version  INTEGER NOT NULL,
    state    TEXT,
    peer     TEXT,
    peer_pid TEXT,
    parent   TEXT,
    doc      TEXT NOT NULL
) STRICT;

CREATE TABLE contract_definition (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL UNIQUE,
    version  INTEGER NOT NULL,
    state    TEXT,
    peer     TEXT,
    peer_pid TEXT,
    parent   TEXT,
    doc      TEXT NOT NULL
) STRICT;

CREATE TABLE negotiation (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL UNIQUE,
    version  INTEGER NOT NULL,
    state    TEXT,
    peer     TEXT,
    peer_pid TEXT,
    parent   TEXT,
    doc      TEXT NOT NULL
) STRICT;
CREATE INDEX negotiation_parent ON negotiation (parent);
CREATE INDEX negotiation_peer_pid ON negotiation (peer, peer_pid);
CREATE INDEX negotiation_state ON negotiation (state);

CREATE TABLE agreement (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL UNIQUE,
    version  INTEGER NOT NULL,
    state    TEXT,
    peer     TEXT,
    peer_pid TEXT,
    parent   TEXT,
    doc      TEXT NOT NULL
) STRICT;
CREATE INDEX agreement_parent ON agreement (parent);

CREATE TABLE transfer (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL UNIQUE,
    version  INTEGER NOT NULL,
    state    TEXT,
    peer     TEXT,
    peer_pid TEXT,
    parent   TEXT,
    doc      TEXT NOT NULL
) STRICT;
CREATE INDEX transfer_parent ON transfer (parent);
CREATE INDEX transfer_peer_pid ON transfer (peer, peer_pid);
CREATE INDEX transfer_state ON transfer (state);

CREATE TABLE edr (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL UNIQUE,
    version  INTEGER NOT NULL,
    state    TEXT,
    peer     TEXT,
    peer_pid TEXT,
    parent   TEXT,
    doc      TEXT NOT NULL
) STRICT;
CREATE INDEX edr_parent ON edr (parent);

CREATE TABLE secret (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL UNIQUE,
    version  INTEGER NOT NULL,
    state    TEXT,
    peer     TEXT,
    peer_pid TEXT,
    parent   TEXT,
    doc      TEXT NOT NULL
) STRICT;

CREATE TABLE document (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL UNIQUE,
    version  INTEGER NOT NULL,
    state    TEXT,
    peer     TEXT,
    peer_pid TEXT,
    parent   TEXT,
    doc      TEXT NOT NULL
) STRICT;

-- Messages that wait for delivery, in the order in which they were caused.
CREATE TABLE outbox (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL UNIQUE,
    process  TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due      INTEGER NOT NULL,
    error    TEXT,
    doc      TEXT NOT NULL
) STRICT;
CREATE INDEX outbox_process ON outbox (process, seq);

CREATE TABLE event (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    id      TEXT NOT NULL UNIQUE,
    kind    TEXT NOT NULL,
    subject TEXT NOT NULL,
    at      INTEGER NOT NULL,
    data    TEXT NOT NULL
) STRICT;

-- Messages of peers that were processed, so that a repetition has no second effect.
CREATE TABLE seen (
    peer    TEXT NOT NULL,
    message TEXT NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (peer, message)
) STRICT, WITHOUT ROWID;
CREATE INDEX seen_at ON seen (at);

-- Uses counted under each agreement.
CREATE TABLE agreement_use (
    agreement TEXT PRIMARY KEY,
    uses      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

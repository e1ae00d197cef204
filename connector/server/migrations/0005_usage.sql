-- What is kept of the uses under each agreement, and what was reported of the events that policies name.

CREATE TABLE usage (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL UNIQUE,
    version  INTEGER NOT NULL,
    state    TEXT,
    peer     TEXT,
    peer_pid TEXT,
    parent   TEXT,
    doc      TEXT NOT NULL
) STRICT;
CREATE INDEX usage_state ON usage (state);

INSERT INTO usage (id, version, state, peer, doc)
SELECT agreement.id, 1, 'settled', agreement.peer,
       json_object('agreementId', agreement.id, 'peer', agreement.peer,
                   'role', json_extract(agreement.doc, '$.role'), 'uses', agreement_use.uses)
FROM agreement_use JOIN agreement ON agreement.id = agreement_use.agreement;

DROP TABLE agreement_use;

CREATE TABLE policy_event (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL UNIQUE,
    version  INTEGER NOT NULL,
    state    TEXT,
    peer     TEXT,
    peer_pid TEXT,
    parent   TEXT,
    doc      TEXT NOT NULL
) STRICT;
CREATE INDEX policy_event_state ON policy_event (state);

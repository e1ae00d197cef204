-- When to look at what again, written with the state that it follows from.
CREATE TABLE timer (
    what    TEXT NOT NULL,
    subject TEXT NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (what, subject)
) STRICT, WITHOUT ROWID;

-- What was stored before there were timers is looked at once, at the first start, which sets the right ones.
INSERT INTO timer (what, subject, at) SELECT 'transfer', id, 0 FROM transfer WHERE state = 'STARTED';
INSERT INTO timer (what, subject, at) SELECT 'transfer-request', id, 0 FROM transfer WHERE state = 'REQUESTED';
INSERT INTO timer (what, subject, at) SELECT 'duties', id, 0 FROM usage WHERE state = 'open';
INSERT INTO timer (what, subject, at) SELECT 'agreement', id, 0 FROM agreement;

-- Version 1. Times are milliseconds since 1970. Identifiers and addresses are kept
-- in their binary form, identifiers that are no UUID as text.

CREATE TABLE targets (
  id       INTEGER PRIMARY KEY,
  identity BLOB NOT NULL, -- a hash of who was asked, and as whom
  project  TEXT NOT NULL,
  cloud    TEXT NOT NULL,
  UNIQUE (identity, project)
);

-- What many tenures have in common, as it was last.
CREATE TABLE attributes (
  id      INTEGER PRIMARY KEY,
  subnet  NOT NULL,
  network NOT NULL,
  owner   TEXT NOT NULL,
  holder  TEXT NOT NULL,
  status  TEXT NOT NULL,
  idle    INTEGER NOT NULL,
  UNIQUE (subnet, network, owner, holder, status, idle)
);

CREATE TABLE tenures (
  id         INTEGER PRIMARY KEY,
  target     INTEGER NOT NULL,
  kind       INTEGER NOT NULL,
  address    BLOB NOT NULL,
  item       NOT NULL, -- the port, private IP, server, public IP or sub-interface
  device,              -- NULL: none
  port,                -- at which a public IP points; NULL: none
  private    BLOB,     -- likewise, its address
  attributes INTEGER NOT NULL,
  first      INTEGER NOT NULL,
  before     INTEGER, -- how long before first the last answer without it came; NULL: none did
  idle       INTEGER  -- since when nothing uses it; NULL: it is in use
);
CREATE INDEX tenures_address ON tenures (address, first);
CREATE INDEX tenures_device ON tenures (substr(device, 1, 6)) WHERE device IS NOT NULL;

-- How tenures end. To write it beside them, and not into them, changes few pages: among
-- a million rows nearly each change would write a page of its own.
CREATE TABLE ends (
  tenure INTEGER PRIMARY KEY,
  ended  INTEGER NOT NULL, -- the first answer without it
  unseen INTEGER NOT NULL  -- how long before ended it was seen last
);
CREATE INDEX ends_ended ON ends (ended);

-- The tenures that last, as sets of bits: block n has those from 1024 n to 1024 n + 1023.
CREATE TABLE lasting (
  target INTEGER NOT NULL,
  kind   INTEGER NOT NULL,
  block  INTEGER NOT NULL,
  bits   BLOB NOT NULL,
  PRIMARY KEY (target, kind, block)
) WITHOUT ROWID;

-- The last complete answer of each kind: the last sight of all its open tenures.
CREATE TABLE sights (
  target INTEGER NOT NULL,
  kind   INTEGER NOT NULL,
  at     INTEGER NOT NULL,
  PRIMARY KEY (target, kind)
) WITHOUT ROWID;

-- Time that nobody watched.
CREATE TABLE gaps (
  target INTEGER NOT NULL,
  kind   INTEGER NOT NULL,
  since  INTEGER NOT NULL,
  until  INTEGER NOT NULL,
  PRIMARY KEY (target, kind, since)
) WITHOUT ROWID;

-- Names of subnets and servers, each from when on it held.
CREATE TABLE names (
  target INTEGER NOT NULL,
  item   NOT NULL,
  since  INTEGER NOT NULL,
  name   TEXT NOT NULL,
  cidr   TEXT NOT NULL, -- of a subnet
  PRIMARY KEY (target, item, since, cidr)
) WITHOUT ROWID;

-- The last complete answer of each collector, cut into chunks.
CREATE TABLE answers (
  target    INTEGER NOT NULL,
  collector TEXT NOT NULL,
  at        INTEGER NOT NULL,
  PRIMARY KEY (target, collector)
) WITHOUT ROWID;
CREATE TABLE chunks (
  target    INTEGER NOT NULL,
  collector TEXT NOT NULL,
  number    INTEGER NOT NULL,
  data      BLOB NOT NULL,
  UNIQUE (target, collector, number)
);

CREATE TABLE folders(
    id INTEGER PRIMARY KEY,
    parent_id INTEGER NOT NULL,
    path TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    agent TEXT NOT NULL,
    below_agent TEXT NOT NULL,
    files INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    last_received INTEGER);
CREATE INDEX folders_parent ON folders(parent_id, name);
CREATE INDEX folders_agent ON folders(agent);
CREATE TABLE files(
    id INTEGER PRIMARY KEY,
    folder_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    received INTEGER NOT NULL,
    first_received INTEGER NOT NULL,
    hash TEXT,
    UNIQUE(folder_id, name));
CREATE INDEX files_folder_size ON files(folder_id, size);
CREATE INDEX files_folder_modified ON files(folder_id, modified);
CREATE INDEX files_folder_received ON files(folder_id, received);
CREATE INDEX files_name ON files(name);
CREATE INDEX files_modified ON files(modified);
INSERT INTO folders VALUES(1, 0, '/', '', '', '', 2, 6, 1772366400000);
INSERT INTO folders VALUES(2, 1, '/a', 'a', 'a', '', 2, 6, 1772366400000);
INSERT INTO files VALUES(1, 2, 'x.log', 5, 1772366400000, 1772366400000, 1772366400000, '0123456789abcdef0123456789abcdef');
INSERT INTO files VALUES(2, 2, 'x.~20260101T000000Z~.log', 1, 1772366400000, 1772366400000, 1772366400000, NULL);
PRAGMA user_version = 1;

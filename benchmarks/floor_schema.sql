-- The least that one durable step of a journey needs, in a schema of its own.
-- Nothing here is shared with the engine, so that the yardstick stays where it is.

create table profiles (
    user text primary key not null,
    document blob not null          -- 400 bytes of JSON
);

create table runs (
    user text primary key not null,
    journey text not null,
    state integer not null,
    due integer                     -- microseconds since 1970; null when nothing is awaited
);

create index runs_due on runs (due) where due is not null;

create table deliveries (
    id integer primary key,
    user text not null,
    channel text not null,
    body text not null,             -- about 200 bytes
    status text not null,
    due integer not null
);

create table decisions (
    id integer primary key,
    user text not null,
    at integer not null,
    what text not null,
    reason text not null,
    journey text not null,
    step text not null
);

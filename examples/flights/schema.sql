-- Tables of the flights example, in SQL that DuckDB, SQLite and PostgreSQL all read.
-- Times ending in _utc are UTC; the scheduled times are local to the airport concerned.

create table flights (
    flight_id bigint primary key,
    day date not null,
    carrier varchar(2) not null,
    flight_number integer not null,
    tail_number varchar(6),
    origin varchar(3) not null,
    destination varchar(3) not null,
    distance_miles integer not null,
    scheduled_departure timestamp not null,
    scheduled_arrival timestamp not null,
    departure_hour_utc timestamp not null,
    departure_delay_minutes integer,
    arrival_delay_minutes integer
);

create table weather (
    origin varchar(3) not null,
    hour_utc timestamp not null,
    temperature_fahrenheit double precision,
    dew_point_fahrenheit double precision,
    humidity_percent double precision,
    wind_direction_degrees integer,
    wind_speed_mph double precision,
    wind_gust_mph double precision,
    precipitation_inches double precision,
    pressure_millibar double precision,
    visibility_miles double precision,
    primary key (origin, hour_utc)
);

create table planes (
    tail_number varchar(6) primary key,
    year_built integer,
    manufacturer varchar(40),
    model varchar(40),
    engines integer,
    seats integer
);

create table airports (
    airport varchar(3) primary key,
    name varchar(80) not null,
    latitude double precision not null,
    longitude double precision not null,
    altitude_feet integer not null,
    time_zone varchar(40)
);

create table airlines (
    carrier varchar(2) primary key,
    name varchar(80) not null
);

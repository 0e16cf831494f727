-- What is known about each flight before it leaves: the plan, the plane, the weather, the queue.
-- The weather is the one observed at the scheduled hour; it stands in for a good forecast.
select
    flights.flight_id,
    flights.carrier,
    flights.origin,
    flights.destination,
    flights.distance_miles,
    flights.scheduled_departure,
    flights.scheduled_arrival,
    queue.departures_in_hour,
    planes.year_built,
    planes.seats,
    weather.temperature_fahrenheit,
    weather.dew_point_fahrenheit,
    weather.humidity_percent,
    weather.wind_direction_degrees,
    weather.wind_speed_mph,
    weather.wind_gust_mph,
    weather.precipitation_inches,
    weather.pressure_millibar,
    weather.visibility_miles
from flights
-- Counted before the carrier is chosen: other airlines wait for the same runway.
join (
    select origin, departure_hour_utc, count(*) as departures_in_hour
    from flights
    where day between :first and :last
    group by origin, departure_hour_utc
) as queue
    on queue.origin = flights.origin
    and queue.departure_hour_utc = flights.departure_hour_utc
left join planes on planes.tail_number = flights.tail_number
left join weather
    on weather.origin = flights.origin
    and weather.hour_utc = flights.departure_hour_utc
where flights.day between :first and :last
    and (:carrier is null or flights.carrier = :carrier)
order by flights.flight_id

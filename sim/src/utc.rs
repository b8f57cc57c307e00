//! Owns the writing of Unix seconds as UTC dates and times. Assumes the Gregorian calendar and no leap seconds.

/// Time of day of `unix_s` (seconds since 1970, any sign), as `21:13`.
pub fn time_of_day(unix_s: i64) -> String {
    let second_of_day = unix_s.rem_euclid(86_400);
    format!("{:02}:{:02}", second_of_day / 3_600, second_of_day / 60 % 60)
}

/// Date and time of `unix_s` (seconds since 1970, any sign), as `2025-10-10 21:13 UTC`.
pub fn date_time(unix_s: i64) -> String {
    let (year, month, day) = civil(unix_s.div_euclid(86_400));
    format!("{year}-{month:02}-{day:02} {} UTC", time_of_day(unix_s))
}

/// Year, month and day of a day counted from 1970-01-01 (Howard Hinnant, "chrono-compatible low-level date algorithms").
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_in_utc() {
        assert_eq!(date_time(0), "1970-01-01 00:00 UTC");
        assert_eq!(date_time(951_782_400), "2000-02-29 00:00 UTC");
        assert_eq!(date_time(1_760_131_260), "2025-10-10 21:21 UTC");
        assert_eq!(date_time(-60), "1969-12-31 23:59 UTC");
    }
}

use std::{io::Write, path::PathBuf};

use flate2::{write::GzEncoder, Compression};

use super::*;

const HEADER: &str = "open_time,open,high,low,close,quote_volume\n";
const FIRST: &str = "1760129700000,203.80,204.10,202.32,202.40,44213776\n";
const SECOND: &str = "1760129760000,202.41,202.67,198.00,201.23,154193081\n";

fn why(text: &str) -> String {
    format!("{:#}", parse(text).expect_err("must be refused"))
}

#[test]
fn minutes_are_read_exactly() {
    let minutes = parse(&format!("# a comment\n\n{HEADER}{FIRST}{SECOND}")).unwrap();
    assert_eq!(
        minutes[0],
        Minute {
            open_time_ms: 1_760_129_700_000,
            open: 203_800_000,
            high: 204_100_000,
            low: 202_320_000,
            close: 202_400_000,
            quote_volume_usd: 44_213_776.0,
        }
    );
    assert_eq!(minutes.len(), 2);
}

#[test]
fn binance_columns_are_recognised_with_and_without_header() {
    let row = "1709105520000,39.36,39.36,39.318,39.329,3955,1709105579999,155585.781,414,1460,57431.121";
    let header = "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,\
                  taker_buy_quote_volume";
    let bare = parse(row).unwrap();
    assert_eq!(bare[0].quote_volume_usd, 155_585.781);
    assert_eq!(bare, parse(&format!("{header}\r\n{row}\r\n")).unwrap());
    assert_eq!(bare, parse(&format!("{row},0")).unwrap());

    let other = "open_time_ms,open,high,low,close,volume_base,quote_volume_usdt,trades\n\
                 1709105520000,39.36,39.36,39.318,39.329,3955,155585.781,414";
    assert_eq!(bare, parse(other).unwrap());
}

#[test]
fn seconds_and_microseconds_are_accepted() {
    let milliseconds = parse(FIRST).unwrap();
    for open_time in ["1760129700", "1760129700000000"] {
        let line = FIRST.replace("1760129700000", open_time);
        assert_eq!(parse(&line).unwrap(), milliseconds);
    }
}

#[test]
fn a_file_without_minutes_is_refused() {
    assert_eq!(why(""), "the file holds no minutes");
    assert_eq!(why(HEADER), "the file holds no minutes");
}

#[test]
fn a_wrong_file_is_refused() {
    assert_eq!(why("<!doctype html>\n<p>, hello"), "line 1: the header has no column open_time: `<!doctype html>`");
    assert_eq!(
        why("1,2,3\n"),
        "line 1: a file without header must have 6 columns (open_time, open, high, low, close, quote_volume) or \
         Binance's 11 or 12, this one has 3"
    );
    let missing = HEADER.replace(",low", "");
    assert_eq!(why(&missing), "line 1: the header has no column low: `open_time,open,high,close,quote_volume`");
    assert!(text(vec![b'P', b'K', 3, 4, 0]).unwrap_err().to_string().contains("zip archive"));
    assert!(text(vec![0xff, 0xfe, 0]).unwrap_err().to_string().contains("not a text file"));
    assert!(text(vec![0x1f, 0x8b, 8]).unwrap_err().to_string().contains("damaged"));
}

#[test]
fn a_short_line_is_refused() {
    assert_eq!(why(&format!("{HEADER}1760129700000,203.80,204.10\n")), "line 2: 3 columns where the first line has 6");
}

#[test]
fn numbers_that_cannot_be_read_are_refused() {
    for (bad, reason) in [
        ("2o3.80", "is not a decimal number"),
        ("", "is not a decimal number"),
        ("2e2", "is not a decimal number"),
        ("NaN", "is not a decimal number"),
        ("-203.80", "is not positive"),
        ("0.0", "is not positive"),
        ("203.1234567", "has more than six decimals"),
        ("99999999999999999999", "is above a thousand million dollars"),
        ("1000000001", "is above a thousand million dollars"),
    ] {
        let line = FIRST.replacen("203.80", bad, 1);
        assert_eq!(why(&format!("{HEADER}{line}")), format!("line 2: the open price `{bad}` {reason}"));
    }
    assert_eq!(why(&FIRST.replace("44213776", "-1")), "line 1: the quote volume `-1` is not a number of at least zero");
    assert_eq!(
        why(&format!("{HEADER}{}", FIRST.replace("1760129700000", "2025-10-10"))),
        "line 2: the open time `2025-10-10` is not a Unix time in seconds, milliseconds or microseconds"
    );
}

#[test]
fn zeros_beyond_the_sixth_decimal_are_exact() {
    let minutes = parse(&FIRST.replacen("203.80", "203.80000000", 1)).unwrap();
    assert_eq!(minutes[0].open, 203_800_000);
}

#[test]
fn a_gap_is_refused() {
    let later = SECOND.replace("1760129760000", "1760129940000");
    assert_eq!(
        why(&format!("{HEADER}{FIRST}{later}")),
        "line 3: a gap: 2025-10-10 20:59 UTC comes after 2025-10-10 20:55 UTC, minutes missing between them: 3"
    );
    assert_eq!(why(&format!("{FIRST}{FIRST}")), "line 2: the minute 2025-10-10 20:55 UTC is there twice");
    assert_eq!(
        why(&format!("{SECOND}# a comment counts as a line\n{FIRST}")),
        "line 3: time goes back, 2025-10-10 20:55 UTC comes after 2025-10-10 20:56 UTC"
    );
    let odd = SECOND.replace("1760129760000", "1760129705500");
    assert_eq!(
        why(&format!("{FIRST}{odd}")),
        "line 2: 2025-10-10 20:55 UTC comes 5.5 s after the line before, one minute is expected"
    );
}

#[test]
fn a_candle_that_contradicts_itself_is_refused() {
    assert_eq!(why(&FIRST.replace("202.32", "204.32")), "line 1: the low 204.32 is above the high 204.10");
    assert_eq!(
        why(&FIRST.replace("203.80", "204.80")),
        "line 1: the open 204.80 is outside of low 202.32 to high 204.10"
    );
    assert_eq!(
        why(&FIRST.replace("202.40", "202.30")),
        "line 1: the close 202.30 is outside of low 202.32 to high 204.10"
    );
}

#[test]
fn a_gzipped_file_is_read_whatever_its_name() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(FIRST.as_bytes()).unwrap();
    assert_eq!(text(encoder.finish().unwrap()).unwrap(), FIRST);
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = load(&PathBuf::from("no/such/file.csv")).unwrap_err();
    assert!(format!("{error:#}").starts_with("cannot read no/such/file.csv: "));
}

#[test]
fn recorded_files_are_read_whole() {
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    for (file, expected) in [
        ("oct10/binance_um_SOLUSDT_1m_20251010_2055_2230.csv", 96),
        ("oct10/binance_um_BTCUSDT_1m_20251010_2101_2200.csv", 60),
        ("windows/NEARUSDT_1m_20250203.csv.gz", 1_440),
        ("windows/AVAXUSDT_1m_20240228.csv.gz", 1_440),
    ] {
        let path = data.join(file);
        if path.exists() {
            assert_eq!(load(&path).unwrap().len(), expected, "{file}");
        } else {
            println!("skipped, recorded data is absent: {file}");
        }
    }
}

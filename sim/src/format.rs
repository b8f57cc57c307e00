//! Owns how figures are written for people: short, with a unit, the same on the terminal and in the report.

/// USD: `$30.0 M`, `$841.2 k`, `$12`, `−$3.5 k`.
pub fn usd(amount: f64) -> String {
    let size = amount.abs();
    let text = match size {
        1e9.. => format!("${:.2} bn", size / 1e9),
        1e6.. => format!("${:.2} M", size / 1e6),
        1e3.. => format!("${:.1} k", size / 1e3),
        _ => format!("${size:.0}"),
    };
    let is_nothing = text == "$0";
    if amount < 0.0 && !is_nothing {
        format!("−{text}")
    } else {
        text
    }
}

/// Basis points with their sign: `−432.6 bp`, `0.0 bp`.
pub fn basis_points(value: f64) -> String {
    let text = format!("{:.1} bp", value.abs());
    if value < 0.0 && text != "0.0 bp" {
        format!("−{text}")
    } else {
        text
    }
}

/// A price in USD with five significant digits or two decimals, whichever is more: `203.80`, `0.32840`.
pub fn price(usd: f64) -> String {
    let decimals = if usd > 0.0 { (4.0 - usd.log10().floor()).clamp(2.0, 6.0) as usize } else { 2 };
    format!("{usd:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_are_short() {
        let written = [0.0, -0.2, 12.4, -3_456.0, 841_234.0, 30e6, 2.5e9].map(usd);
        assert_eq!(written, ["$0", "$0", "$12", "−$3.5 k", "$841.2 k", "$30.00 M", "$2.50 bn"]);
    }

    #[test]
    fn basis_points_keep_their_sign() {
        let written = [-432.62, -0.01, 7.0].map(basis_points);
        assert_eq!(written, ["−432.6 bp", "0.0 bp", "7.0 bp"]);
    }

    #[test]
    fn prices_keep_five_digits() {
        let written = [203.8, 4.069, 0.3284, 114_000.5].map(price);
        assert_eq!(written, ["203.80", "4.0690", "0.32840", "114000.50"]);
    }
}

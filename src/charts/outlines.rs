//! Outlines of the five départements (IGN Admin Express 2018, Licence
//! Ouverte 2.0, simplified to about a kilometre).

const OUTLINES: &str = include_str!("../data/departements.csv");
/// Length of a degree of longitude in degrees of latitude, at 50 degrees north.
pub const LONGITUDE: f64 = 0.643;

/// The code of each département and its outline, as longitude and latitude in degrees.
pub fn outlines() -> Vec<(&'static str, Vec<(f64, f64)>)> {
    let lines = OUTLINES.lines().skip(1);
    let split = lines.filter_map(|line| line.split_once(','));
    split
        .map(|(code, points)| (code, points.split(' ').filter_map(point).collect()))
        .collect()
}

fn point(text: &str) -> Option<(f64, f64)> {
    let (longitude, latitude) = text.split_once(';')?;
    Some((longitude.parse().ok()?, latitude.parse().ok()?))
}

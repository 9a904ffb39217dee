//! When a cell may be called the largest of all though some are hidden.

/// The largest of cells that add up to a whole, by its place: only where what is hidden of the
/// whole cannot exceed it, and no other shown cell is as large. `None` is a cell that is hidden.
pub(super) fn largest(cells: &[Option<f64>], whole: Option<f64>) -> Option<(usize, f64)> {
    let shown = || {
        cells
            .iter()
            .enumerate()
            .filter_map(|(place, cell)| Some((place, (*cell)?)))
    };
    let (place, most) = shown().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let is_alone = shown().filter(|(_, value)| *value >= most).count() == 1;
    let sum: f64 = shown().map(|(_, value)| value).sum();
    let is_all_shown = cells.iter().all(Option::is_some);
    let is_largest = is_all_shown || whole.is_some_and(|whole| whole - sum < most);
    (most > 0.0 && is_alone && is_largest).then_some((place, most))
}

/// Whether at least half of the cells that are not empty are shown: fewer draw a wrong picture.
pub(super) fn is_mostly_shown(cells: &[Option<f64>]) -> bool {
    let hidden = cells.iter().filter(|cell| cell.is_none()).count();
    let shown = cells.iter().flatten().filter(|value| **value > 0.0).count();
    shown > 0 && shown >= hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    const HIDDEN: Option<f64> = None;

    #[test]
    fn the_largest_of_cells_that_are_all_shown() {
        let cells = [Some(3.0), Some(9.0), Some(0.0)];
        assert_eq!(largest(&cells, None), Some((1, 9.0)));
        assert_eq!(largest(&cells, Some(12.0)), Some((1, 9.0)));
        // Two are as large; nobody's visits are no peak.
        assert_eq!(largest(&[Some(9.0), Some(9.0)], None), None);
        assert_eq!(largest(&[Some(0.0)], None), None);
        assert_eq!(largest(&[], Some(5.0)), None);
    }

    #[test]
    fn what_is_hidden_may_not_exceed_it() {
        // All hours of the day are secret, seven visits at night are not.
        let night = [Some(7.0), HIDDEN, HIDDEN];
        assert_eq!(largest(&night, Some(1_000.0)), None);
        assert_eq!(largest(&night, None), None);
        // Both hidden cells together have six.
        assert_eq!(largest(&night, Some(13.0)), Some((0, 7.0)));
        assert_eq!(largest(&night, Some(14.0)), None);
        assert_eq!(largest(&[HIDDEN], Some(5.0)), None);
    }

    #[test]
    fn half_of_what_is_not_empty_must_be_shown() {
        assert!(is_mostly_shown(&[Some(1.0), HIDDEN, Some(0.0)]));
        // Empty hours of the night show nothing of the day.
        assert!(!is_mostly_shown(&[
            Some(1.0),
            HIDDEN,
            HIDDEN,
            Some(0.0),
            Some(0.0)
        ]));
        assert!(!is_mostly_shown(&[HIDDEN]));
        assert!(!is_mostly_shown(&[]));
    }
}

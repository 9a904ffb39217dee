//! Of how few people a cell is secret (spec 6): five, and ten where three variables cross.
//! Territory and time are no variables, as every table has them; nor is what parts visits (an
//! hour, a device, a service). The register of cells has the first threshold for all: with
//! two, a part about seven people who are all of a shown whole could not be hidden.

/// From how many variables on a cell needs more people.
const CROSSED: usize = 3;

/// How many people a cell that is shown is about, at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// Where fewer than three variables cross.
    pub plain: i64,
    /// Where three or more do.
    pub crossed: i64,
}

impl Threshold {
    /// Of a cell with so many variables.
    pub fn of(&self, variables: usize) -> i64 {
        match variables >= CROSSED {
            true => self.crossed,
            false => self.plain,
        }
    }
}

impl Default for Threshold {
    fn default() -> Self {
        Self {
            plain: 5,
            crossed: 10,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_variables_need_ten_people() {
        let threshold = Threshold::default();
        assert_eq!([0, 1, 2, 3, 4].map(|n| threshold.of(n)), [5, 5, 5, 10, 10]);
    }
}

//! What follows from one line after the other, as a patient reader works it out: of a sum, a
//! part is at least what is left when the others are as large as they can be. Quick for any
//! number of cells; what only several lines together tell, linear programming finds.

use super::bounds::{Constraint, System};
use std::collections::VecDeque;

/// Bounds of each unknown, and which ties of them are to be looked at again.
struct Reader<'a> {
    constraints: &'a [Constraint],
    of_unknown: Vec<Vec<usize>>,
    bounds: Vec<(f64, f64)>,
    queue: VecDeque<usize>,
    is_queued: Vec<bool>,
}

/// Values are whole, up to this.
const CLOSE: f64 = 1e-6;
/// How often a tie is looked at again: small steps without end are left at that.
const LOOKS: usize = 60;

/// The least and the most that each unknown can be, as far as single lines tell. A tie that
/// the others contradict tells nothing.
pub fn deduce(system: &System) -> Vec<(f64, f64)> {
    let mut of_unknown = vec![Vec::new(); system.unknowns];
    for (number, constraint) in system.constraints.iter().enumerate() {
        for (unknown, _) in &constraint.terms {
            of_unknown[*unknown].push(number);
        }
    }
    let mut reader = Reader {
        constraints: &system.constraints,
        of_unknown,
        bounds: vec![(0.0, f64::INFINITY); system.unknowns],
        queue: (0..system.constraints.len()).collect(),
        is_queued: vec![true; system.constraints.len()],
    };
    let mut looks = LOOKS * system.constraints.len();
    while let Some(number) = reader.queue.pop_front() {
        reader.is_queued[number] = false;
        reader.read(number);
        looks -= 1;
        if looks == 0 {
            break;
        }
    }
    reader.bounds
}

impl Reader<'_> {
    fn read(&mut self, number: usize) {
        let constraint = &self.constraints[number];
        self.at_most(&constraint.terms, constraint.value, 1.0);
        if !constraint.at_most {
            self.at_most(&constraint.terms, -constraint.value, -1.0);
        }
    }

    /// Of a sum that is at most `value`: each term is at most what the others leave when they
    /// are as small as they can be.
    fn at_most(&mut self, terms: &[(usize, f64)], value: f64, sign: f64) {
        let least = |(unknown, factor): &(usize, f64)| {
            let (low, high) = self.bounds[*unknown];
            let factor = sign * factor;
            if factor > 0.0 {
                factor * low
            } else {
                factor * high
            }
        };
        let leasts: Vec<f64> = terms.iter().map(least).collect();
        let open = leasts.iter().filter(|least| least.is_infinite()).count();
        let sum: f64 = leasts.iter().filter(|least| least.is_finite()).sum();
        for ((unknown, factor), least) in terms.iter().zip(leasts) {
            let others_are_open = open > usize::from(least.is_infinite());
            if others_are_open {
                continue;
            }
            let rest = value - (sum - if least.is_finite() { least } else { 0.0 });
            let bound = rest / (sign * factor);
            let (low, high) = self.bounds[*unknown];
            let next = match sign * factor > 0.0 {
                true => (low, high.min((bound + CLOSE).floor())),
                false => (low.max((bound - CLOSE).ceil()), high),
            };
            if next != (low, high) && next.0 <= next.1 {
                self.bounds[*unknown] = next;
                self.look_again(*unknown);
            }
        }
    }

    fn look_again(&mut self, unknown: usize) {
        for number in &self.of_unknown[unknown] {
            if !self.is_queued[*number] {
                self.is_queued[*number] = true;
                self.queue.push_back(*number);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(terms: &[(usize, f64)], value: f64, at_most: bool) -> Constraint {
        Constraint {
            terms: terms.to_vec(),
            at_most,
            value,
        }
    }

    #[test]
    fn one_line_after_the_other() {
        // a + b = 10, b <= 4, c = a - 3.
        let system = System {
            unknowns: 3,
            constraints: vec![
                sum(&[(0, 1.0), (1, 1.0)], 10.0, false),
                sum(&[(1, 1.0)], 4.0, true),
                sum(&[(0, 1.0), (2, -1.0)], 3.0, false),
            ],
        };
        assert_eq!(deduce(&system), [(6.0, 10.0), (0.0, 4.0), (3.0, 7.0)]);
    }

    #[test]
    fn what_contradicts_the_rest_tells_nothing() {
        let system = System {
            unknowns: 1,
            constraints: vec![sum(&[(0, 1.0)], 5.0, false), sum(&[(0, 1.0)], 3.0, true)],
        };
        assert_eq!(deduce(&system), [(5.0, 5.0)]);
    }
}

//! The stratified random splits of scikit-learn, number for number.
//!
//! Whether NannyML calibrates is decided on ten random splits with a fixed seed. The same splits give
//! the same decision, so numpy's generator (Mersenne Twister) and the order in which scikit-learn draws
//! are kept.

const SIZE: usize = 624;
const MIDDLE: usize = 397;

/// The Mersenne Twister MT19937 of Matsumoto and Nishimura 1998, seeded with an integer as
/// `numpy.random.RandomState` is.
#[derive(Debug, Clone)]
pub struct MersenneTwister {
    state: [u32; SIZE],
    next: usize,
}

impl MersenneTwister {
    /// The generator for a seed.
    #[must_use]
    pub fn new(seed: u32) -> Self {
        let mut state = [0; SIZE];
        state[0] = seed;
        for index in 1..SIZE {
            let before: u32 = state[index - 1];
            state[index] = (before ^ (before >> 30))
                .wrapping_mul(1_812_433_253)
                .wrapping_add(index as u32);
        }
        Self { state, next: SIZE }
    }

    fn draw(&mut self) -> u32 {
        if self.next == SIZE {
            self.twist();
        }
        let mut value = self.state[self.next];
        self.next += 1;
        value ^= value >> 11;
        value ^= (value << 7) & 0x9d2c_5680;
        value ^= (value << 15) & 0xefc6_0000;
        value ^ (value >> 18)
    }

    fn twist(&mut self) {
        // Three ranges, so that no position has to be wrapped; this takes a third of the time.
        for index in 0..SIZE - MIDDLE {
            self.mix(index, index + 1, index + MIDDLE);
        }
        for index in SIZE - MIDDLE..SIZE - 1 {
            self.mix(index, index + 1, index + MIDDLE - SIZE);
        }
        self.mix(SIZE - 1, 0, MIDDLE - 1);
        self.next = 0;
    }

    fn mix(&mut self, index: usize, next: usize, far: usize) {
        let upper = self.state[index] & 0x8000_0000;
        let lower = self.state[next] & 0x7fff_ffff;
        let mixed = (upper | lower) >> 1;
        let odd = (lower & 1) * 0x9908_b0df;
        self.state[index] = self.state[far] ^ mixed ^ odd;
    }

    /// A number from 0 to `most`, by masking and drawing again.
    fn up_to(&mut self, most: u32) -> u32 {
        let mask = u32::MAX.checked_shr(most.leading_zeros()).unwrap_or(0);
        loop {
            let value = self.draw() & mask;
            if value <= most {
                return value;
            }
        }
    }

    fn shuffle(&mut self, values: &mut [u32]) {
        self.shuffle_from(1, values);
    }

    /// Draws as often as a shuffle would; only the values from `first` on are where it would put them.
    fn shuffle_from(&mut self, first: usize, values: &mut [u32]) {
        let first = first.clamp(1, values.len().max(1));
        for index in (first..values.len()).rev() {
            values.swap(index, self.up_to(index as u32) as usize);
        }
        self.skip_shuffle(first);
    }

    /// Draws as often as a shuffle of so many values would.
    fn skip_shuffle(&mut self, n: usize) {
        for index in (1..n).rev() {
            self.up_to(index as u32);
        }
    }
}

/// Ten splits of labelled rows into nine tenths and one: the rows of each tenth, in the order of
/// `StratifiedShuffleSplit(n_splits=10, test_size=0.1, random_state=42)`. `None` where a class has
/// fewer than two rows.
#[must_use]
pub fn ten_stratified_tenths(labels: &[bool]) -> Option<Vec<Vec<u32>>> {
    let of_class = |class: bool| -> Vec<u32> {
        let rows = labels
            .iter()
            .enumerate()
            .filter(|(_, label)| **label == class);
        rows.map(|(row, _)| row as u32).collect()
    };
    let classes = [of_class(false), of_class(true)];
    if classes.iter().any(|rows| rows.len() < 2) {
        return None;
    }
    let mut random = MersenneTwister::new(42);
    Some((0..10).map(|_| one_tenth(&classes, &mut random)).collect())
}

fn one_tenth(classes: &[Vec<u32>; 2], random: &mut MersenneTwister) -> Vec<u32> {
    let counts = [classes[0].len(), classes[1].len()];
    let n = counts[0] + counts[1];
    let n_test = (0.1 * n as f64).ceil() as usize;
    let of_train = apportion(counts, n - n_test, random);
    let left = [counts[0] - of_train[0], counts[1] - of_train[1]];
    let of_test = apportion(left, n_test, random);
    let mut test = Vec::with_capacity(n_test);
    for class in 0..2 {
        let mut order: Vec<u32> = (0..counts[class] as u32).collect();
        // The test rows come after those to train on, whose order nobody looks at.
        random.shuffle_from(of_train[class], &mut order);
        let chosen = &order[of_train[class]..of_train[class] + of_test[class]];
        test.extend(
            chosen
                .iter()
                .map(|position| classes[class][*position as usize]),
        );
    }
    random.skip_shuffle(n - n_test);
    random.shuffle(&mut test);
    test
}

/// How many of `draws` fall to each class by their sizes; a tie of the remainders is broken at random.
fn apportion(counts: [usize; 2], draws: usize, random: &mut MersenneTwister) -> [usize; 2] {
    let n = (counts[0] + counts[1]) as f64;
    let exact = counts.map(|count| count as f64 / n * draws as f64);
    let mut whole = exact.map(|share| share.floor() as usize);
    let missing = draws - (whole[0] + whole[1]);
    let remainder = [exact[0] - exact[0].floor(), exact[1] - exact[1].floor()];
    match missing {
        0 => {}
        1 => {
            let winner = if remainder[0] == remainder[1] {
                let mut order = [0, 1];
                random.shuffle(&mut order);
                order[0] as usize
            } else {
                usize::from(remainder[1] > remainder[0])
            };
            whole[winner] += 1;
        }
        _ => {
            if remainder[0] == remainder[1] {
                random.skip_shuffle(2);
            }
            whole = whole.map(|share| share + 1);
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `np.random.RandomState(42).permutation(12)` and the state after it, numpy 2.4.
    #[test]
    fn permutations_are_those_of_numpy() {
        let mut random = MersenneTwister::new(42);
        let mut values: Vec<u32> = (0..12).collect();
        random.shuffle(&mut values);
        assert_eq!(values, [10, 9, 0, 8, 5, 2, 1, 11, 4, 7, 3, 6]);
        let mut values: Vec<u32> = (0..700).collect();
        random.shuffle(&mut values);
        assert_eq!(values[..5], [120, 331, 39, 636, 514]);
    }

    /// The first and the last tenth that scikit-learn 1.9 splits off 25 rows, every third positive,
    /// and of 14 rows, half of them positive, where remainders tie.
    #[test]
    fn tenths_are_those_of_scikit_learn() {
        let thirds: Vec<bool> = (0..25).map(|row| row % 3 == 0).collect();
        let tenths = ten_stratified_tenths(&thirds).unwrap();
        assert_eq!(
            (tenths[0].as_slice(), tenths[9].as_slice()),
            (&[12, 10, 5][..], &[1, 11, 15][..])
        );
        let halves: Vec<bool> = (0..14).map(|row| row % 2 == 0).collect();
        let tenths = ten_stratified_tenths(&halves).unwrap();
        assert_eq!(
            (tenths[0].as_slice(), tenths[9].as_slice()),
            (&[13, 8][..], &[6, 1][..])
        );
        assert_eq!(ten_stratified_tenths(&[true, false, false]), None);
    }
}

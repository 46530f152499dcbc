//! A small data set of the original shape: five columns, no dates, numbers invented here.

use crate::Project;

/// How many rows the files of one input folder hold, and what is left of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OriginalCounts {
    /// Rows of all files together.
    pub rows_read: usize,
    /// Rows that repeat an earlier one in every cell.
    pub duplicate_rows: usize,
    /// Rows of the compiled data.
    pub rows: usize,
    /// Rows of the compiled data with `exited` = 1.
    pub n_positive: usize,
}

/// `practicedata/` of [`Project::original`]: dataset1.csv has 17 rows, dataset2.csv has 19, of
/// which 10 are also in dataset1.csv.
pub const ORIGINAL_PRACTICE: OriginalCounts = OriginalCounts {
    rows_read: 36,
    duplicate_rows: 10,
    rows: 26,
    n_positive: 13,
};

/// `sourcedata/` of [`Project::original`]: dataset3.csv has 12 rows, dataset4.csv has 14, none
/// twice. They have the names of the practice clients with other values, as in the original.
pub const ORIGINAL_SOURCE: OriginalCounts = OriginalCounts {
    rows_read: 26,
    duplicate_rows: 0,
    rows: 26,
    n_positive: 13,
};

/// Column, mean, median and standard deviation (n-1) of the compiled practice data, computed with
/// Python's `statistics` module.
pub const ORIGINAL_PRACTICE_STATISTICS: [(&str, f64, f64, f64); 3] = [
    (
        "lastmonth_activity",
        158.15384615384616,
        68.5,
        264.72063649178426,
    ),
    (
        "lastyear_activity",
        1459.1923076923076,
        887.5,
        1993.2866932627783,
    ),
    ("number_of_employees", 27.0, 16.5, 28.53909599128886),
];

const HEADER: &str = "corporation,lastmonth_activity,lastyear_activity,number_of_employees,exited";

const DATASET1: [&str; 17] = [
    "arnk,120,1480,2,0",
    "belt,54,310,16,0",
    "corv,83,870,44,1",
    "dask,702,3655,96,0",
    "elmo,39,720,9,0",
    "fenn,0,26,18,1",
    "gipp,175,905,21,1",
    "hulm,22,1130,29,0",
    "ivex,7,61,3,1",
    "jorr,1,74,17,1",
    "kelt,57,1015,25,1",
    "lund,46,590,13,1",
    "mivo,980,2610,8,0",
    "nask,5,97,85,1",
    "oltr,88,365,91,1",
    "pell,66,830,77,0",
    "quor,241,1725,4,0",
];

/// The last ten are rows of `DATASET1`.
const DATASET2: [&str; 19] = [
    "rass,71,1110,15,1",
    "sild,19,2260,24,0",
    "tarn,169,3720,31,0",
    "umbo,95,9875,5,1",
    "vesk,0,131,39,1",
    "wint,870,1840,1,0",
    "xano,24,420,11,1",
    "yrsa,101,790,6,0",
    "zott,77,1330,12,0",
    "lund,46,590,13,1",
    "mivo,980,2610,8,0",
    "nask,5,97,85,1",
    "oltr,88,365,91,1",
    "pell,66,830,77,0",
    "quor,241,1725,4,0",
    "fenn,0,26,18,1",
    "gipp,175,905,21,1",
    "hulm,22,1130,29,0",
    "ivex,7,61,3,1",
];

const DATASET3: [&str; 12] = [
    "arnk,51,12,90,1",
    "belt,40,260,480,0",
    "corv,27,610,20,0",
    "dask,13,18,175,1",
    "elmo,115,3105,870,1",
    "fenn,3,4,1290,0",
    "gipp,0,21,255,1",
    "hulm,460,55,905,0",
    "ivex,1310,98,3560,1",
    "jorr,91400,11,700,0",
    "kelt,31,2190,19,1",
    "lund,240,1900,33,0",
];

const DATASET4: [&str; 14] = [
    "mivo,93,940,4,0",
    "nask,1180,2,12,0",
    "oltr,0,31,10,1",
    "pell,760,140,8,1",
    "quor,3105,9120,84,0",
    "rass,410,205,105,0",
    "sild,17650,930,77,0",
    "tarn,322,85,3,1",
    "umbo,980,16,2,1",
    "vesk,2030,170,120,1",
    "wint,4015,115,940,0",
    "xano,126,880,76,1",
    "yrsa,1875,22,1,0",
    "zott,430,101,310,1",
];

const TESTDATA: [&str; 5] = [
    "abel,215,5,11,1",
    "brig,16,2050,95,0",
    "cymr,37,350,1050,0",
    "dorn,93,11870,3,1",
    "eswe,0,640,23,1",
];

/// Writes the five files, and an empty file named `Icon` + carriage return in every data folder.
pub(crate) fn write(project: &Project) {
    project.write("practicedata/dataset1.csv", file(&DATASET1));
    project.write("practicedata/dataset2.csv", file(&DATASET2));
    project.write("sourcedata/dataset3.csv", file(&DATASET3));
    project.write("sourcedata/dataset4.csv", file(&DATASET4));
    project.write("testdata/testdata.csv", file(&TESTDATA));
    for folder in ["practicedata", "sourcedata", "testdata"] {
        project.write(&format!("{folder}/Icon\r"), "");
    }
}

fn file(rows: &[&str]) -> String {
    format!("{HEADER}\n{}\n", rows.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn counts(files: &[&[&str]]) -> OriginalCounts {
        let rows_read = files.iter().map(|file| file.len()).sum();
        let rows: BTreeSet<&str> = files.iter().flat_map(|file| file.iter().copied()).collect();
        OriginalCounts {
            rows_read,
            duplicate_rows: rows_read - rows.len(),
            rows: rows.len(),
            n_positive: rows.iter().filter(|row| row.ends_with(",1")).count(),
        }
    }

    #[test]
    fn the_counts_are_those_of_the_rows() {
        assert_eq!(counts(&[&DATASET1, &DATASET2]), ORIGINAL_PRACTICE);
        assert_eq!(counts(&[&DATASET3, &DATASET4]), ORIGINAL_SOURCE);
    }
}

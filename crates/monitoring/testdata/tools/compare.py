"""The largest difference between `diagnostics --compare --json` and Evidently and NannyML, figure by figure.

    python compare.py DIAGNOSTICS REFERENCE.csv ANALYSIS.csv [--risk-column NAME] [--target NAME]
                      [--time-column NAME] [--chunk-size N]
    python compare.py DIAGNOSTICS --halves FILE.csv [--target NAME] [--positive TEXT] [--seed SEED]
    python compare.py DIAGNOSTICS --random TABLES [--seed SEED] [--first NUMBER]

DIAGNOSTICS is the program. The first form compares two files. The second makes seven pairs of one file: its
halves in order, at random, and sorted by a column; with cells blanked and outliers; 20 to 200 rows;
10,000 and more, drawn again, with outliers; and a reference with a column of nothing. Each has a made
risk. The third makes pairs of tables with all that goes wrong in real ones: integers, numbers written
as text with blanks, few values, constants, ties, missing cells, columns of nothing, unseen categories,
heavy tails, outliers, huge and negative numbers, booleans, 20 to 15,000 rows, chunks that do not divide the
rows, unordered times, risks of exactly 0 and 1, missing risks and labels, rare targets. Exit code 1 where
a figure differs by more than 1e-9 (estimates of performance 1e-7) relative to 1 or to the figure,
whichever is larger.

Left out: what a tool ends with an error on; limits and bands that the program does not state, because one
chunk or one class shows no spread; the band of the ROC AUC where a leaver and a stayer of
the reference have one risk; and alerts on an estimate that is at its limit but for the last bit. NannyML
takes tied risks in the order of an unstable sort, which differs from processor to processor. Where that
order decides whether it calibrates, its performance is taken with the order kept; such pairs are named.

Needs what expected.py needs.
"""

import argparse
import collections
import contextlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import expected  # silences the tools
import numpy as np
import pandas as pd
from nannyml.drift.univariate.methods import FeatureType
from scipy import stats

NONE = "not defined"
NUMBERS = {"psi": "psi_evidently", "jensenshannon": "js_evidently", "wasserstein": "wasserstein_evidently"}
CATEGORIES = {"psi": "psi_evidently", "jensenshannon": "js_evidently", "chisquare": "chi_squared_p_value_evidently"}
OF_NANNYML = {"jensen_shannon": "js_nannyml", "hellinger": "hellinger_nannyml"}
METRICS = ["roc_auc", "f1", "accuracy", "precision", "recall"]


def attempt(function, *arguments):
    """What a tool says; NONE where it ends with an error."""
    try:
        return function(*arguments)
    except Exception:  # the tools raise whatever their libraries raise
        return NONE


def features(reference, analysis, name, is_number, size):
    """The figures of one column; chunks under NAME.chunks."""
    found = {}
    kind = "numerical_columns" if is_number else "categorical_columns"
    for method, key in (NUMBERS if is_number else CATEGORIES).items():
        found[key] = attempt(expected.evidently, reference, analysis, name, method, kind)
    kind = FeatureType.CONTINUOUS if is_number else FeatureType.CATEGORICAL
    methods = dict(OF_NANNYML) if is_number else OF_NANNYML | {"chi2": "chi_squared_nannyml"}
    for method, key in methods.items():
        whole = attempt(expected.nannyml, reference, analysis, name, method, kind, size or len(analysis))
        found[key] = NONE if whole is NONE else whole[0]
        if size and whole is not NONE:
            found[key + ".chunks"] = whole[1]
    a, b = reference[name].dropna(), analysis[name].dropna()
    if is_number and len(a) and len(b):
        found["wasserstein"] = float(stats.wasserstein_distance(a, b))
        result = stats.ks_2samp(a, b, method="asymp")
        found["ks_statistic"], found["ks_p_value"] = float(result.statistic), float(result.pvalue)
    return found


def multivariate(reference, analysis, numeric, size, time):
    import nannyml as nml

    found = {}
    for key, chunk in (("whole", max(len(reference), len(analysis))), ("chunks", size)):
        if not chunk:
            continue
        calculator = nml.DataReconstructionDriftCalculator(
            column_names=numeric, chunk_size=chunk, timestamp_column_name=time
        )
        calculator.fit(reference)
        result = calculator.calculate(analysis).data["reconstruction_error"]
        found[key] = [expected.number(value) for value in result["value"]]
        found["components"] = int(calculator._pca.n_components_)
        if key == "chunks":
            for limit in ("lower", "upper"):
                found[limit + "_limit"] = expected.number(result[limit + "_threshold"].iloc[0])
    return found


def performance(reference, analysis, names, size):
    import nannyml as nml

    frames = []
    for frame in (reference, analysis):
        frame = frame.copy()
        frame["predicted of compare.py"] = (frame[names.risk_column] >= 0.5).astype(int)
        frames.append(frame)
    found = {}
    for key, chunk in (("whole", max(map(len, frames))), ("chunks", size)):
        if not chunk:
            continue
        estimator = nml.CBPE(
            y_pred_proba=names.risk_column, y_pred="predicted of compare.py", y_true=names.target,
            timestamp_column_name=names.time_column, problem_type="classification_binary", metrics=METRICS,
            chunk_size=chunk,
        )
        estimator.fit(frames[0])
        found["calibrated"] = bool(estimator.needs_calibration)
        found[key] = estimator.estimate(frames[1]).data
    return found


@contextlib.contextmanager
def kept_order():
    """NannyML's calibration error with tied probabilities in the order of the data."""
    from nannyml import calibration

    original = calibration._calculate_expected_calibration_error

    def stable(y_true, y_pred_proba, edges):
        order = np.argsort(y_pred_proba, kind="stable")
        proba, true = y_pred_proba[order], y_true[order]
        terms = [
            (right - left) / len(proba) * abs(np.mean(proba[left:right]) - np.mean(true[left:right]))
            for left, right in edges
        ]
        return np.sum(terms)

    calibration._calculate_expected_calibration_error = stable
    try:
        yield
    finally:
        calibration._calculate_expected_calibration_error = original


def has_mixed_ties(frame, names):
    return bool((frame.groupby(names.risk_column)[names.target].nunique() > 1).any())


class Differences:
    """The largest difference of each figure, and where."""

    def __init__(self):
        self.largest = collections.defaultdict(lambda: (0.0, ""))
        self.compared = collections.Counter()
        self.failed = []
        self.of_order = []

    def add(self, figure, place, ours, theirs, tolerance=1e-9):
        if theirs is NONE:
            return
        self.compared[figure] += 1
        if isinstance(theirs, float) and not np.isfinite(theirs):
            theirs = None
        if ours is None or theirs is None or isinstance(theirs, bool):
            difference = 0.0 if ours == theirs else np.inf
        else:
            difference = abs(ours - theirs) / max(1.0, abs(theirs))
        if difference > self.largest[figure][0]:
            self.largest[figure] = (difference, place)
        if difference > tolerance:
            self.failed.append(f"{place}: {figure} is {ours}, the tools say {theirs}")

    def show(self):
        print("| figure | compared | largest difference | where |")
        print("|---|---|---|---|")
        for figure, count in sorted(self.compared.items()):
            difference, place = self.largest[figure]
            print(f"| {figure} | {count} | {difference:.1e} | {place} |")
        for line in self.failed[:40]:
            print(line)
        print(f"{len(self.failed)} differences")
        print("calibrated or not by the order of tied probabilities:", ", ".join(self.of_order) or "none")


def run(program, names, reference_path, analysis_path):
    arguments = [program, "--compare", reference_path, "--with", analysis_path, "--json"]
    for option in ("risk_column", "target", "time_column", "chunk_size"):
        if getattr(names, option) is not None:
            arguments += ["--" + option.replace("_", "-"), str(getattr(names, option))]
    if getattr(names, "positive", None):
        arguments += ["--set", f"dataset.positive={json.dumps(names.positive)}"]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([*map(str, arguments)], capture_output=True, cwd=folder, text=True)
    if done.returncode != 0:
        raise SystemExit(f"diagnostics ended with {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


def in_time(frame, names):
    if names.time_column is None:
        return frame
    return frame.sort_values(names.time_column, kind="stable").reset_index(drop=True)


MISSING = {"", "na", "nan", "null"}


def read_as(path, kinds, names):
    """A table as the tools get it: what the program calls numbers are numbers, the rest is text."""
    # Texts first, for pandas would call "None" or "n/a" missing and keep blanks.
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    typed = pd.read_csv(path)
    for name in frame.columns:
        cells = frame[name].str.strip()
        cells = cells.mask(cells.str.lower().isin(MISSING))
        if name == names.target:
            typed[name] = cells.str.lower().map(is_positive(names)).astype(float)
        elif kinds.get(name) == "category":
            is_typed = cells.isna().equals(typed[name].isna()) and typed[name].dtype == bool
            typed[name] = typed[name] if is_typed else cells
        elif name in kinds and not pd.api.types.is_numeric_dtype(typed[name]):
            typed[name] = pd.to_numeric(cells, errors="coerce")
    return typed


def is_positive(names):
    if getattr(names, "positive", None):
        return lambda text: text if pd.isna(text) else text == names.positive.lower()
    words = {"1": 1, "true": 1, "yes": 1, "0": 0, "false": 0, "no": 0, "1.0": 1, "0.0": 0}
    return lambda text: text if pd.isna(text) else words[text]


def compare(program, names, reference_path, analysis_path, place, differences):
    ours = run(program, names, reference_path, analysis_path)
    kinds = {name: found["kind"] for name, found in ours["features"].items()}
    read = [read_as(path, kinds, names) for path in (reference_path, analysis_path)]
    size = names.chunk_size
    ordered = [in_time(frame, names) for frame in read]
    for name, found in ours["features"].items():
        for key, theirs in features(*ordered, name, found["kind"] == "numeric", size).items():
            figure, _, part = key.partition(".")
            if not part:
                differences.add(figure, f"{place} {name}", found.get(figure), theirs)
                continue
            for index, (chunk, value) in enumerate(zip(found["chunks"], theirs, strict=True)):
                differences.add(figure, f"{place} {name} chunk {index}", chunk.get(figure), value)
    roles = (names.risk_column, names.target, names.time_column)
    numeric = [name for name, found in ours["features"].items() if found["kind"] == "numeric" and name not in roles]
    joint = attempt(multivariate, *read, numeric, size, names.time_column) if numeric else NONE
    if joint is not NONE and ours["multivariate"]:
        mine = ours["multivariate"]
        differences.add("components", place, float(mine["components"]), float(joint["components"]))
        for index, key in enumerate(("reference_error", "analysis_error")):
            differences.add(key, place, mine[key], joint["whole"][index])
        if size:
            for limit in ("lower_limit", "upper_limit"):
                if mine[limit] is not None:  # one chunk has no limits here
                    differences.add("multivariate." + limit, place, mine[limit], joint[limit])
            for index, (chunk, value) in enumerate(zip(mine["chunks"], joint["chunks"], strict=True)):
                differences.add("multivariate.error", f"{place} chunk {index}", chunk["error"], value)
    if names.risk_column is None or names.target is None:
        return
    theirs = attempt(performance, *read, names, size)
    if theirs is NONE:
        return
    mine = ours["performance"]
    if mine["calibrated"] != theirs["calibrated"]:
        # Where the order of tied probabilities decides, the rest is compared with the order kept.
        with kept_order():
            theirs = performance(*read, names, size)
        differences.of_order.append(place)
    differences.add("calibrated", place, mine["calibrated"], theirs["calibrated"])
    for metric in METRICS:
        whole = theirs["whole"][metric].iloc[-1]
        add = lambda key, where, ours, theirs: differences.add(f"performance.{key}", f"{place} {metric} {where}", ours, float(theirs), 1e-7)
        add("estimate", "", mine["estimated"][metric], whole["value"])
        has_band = metric != "roc_auc" or not has_mixed_ties(read[0], names)
        has_band &= mine["bands"][metric]["low"] is not None or not mine["bands_reason"]
        has_limits = mine["lower_limits"][metric] is not None or not mine["limits_reason"]
        if has_band:
            add("low", "", mine["bands"][metric]["low"], whole["lower_confidence_boundary"])
            add("high", "", mine["bands"][metric]["high"], whole["upper_confidence_boundary"])
        add("realized", "", mine["realized"][metric], whole["realized"])
        if not size:
            continue
        table = theirs["chunks"][metric]
        if has_limits:
            add("lower_limit", "", mine["lower_limits"][metric], table["lower_threshold"].iloc[0])
        for index, chunk in enumerate(mine["chunks"]):
            row, chunk = table.iloc[index], chunk[metric]
            where = f"chunk {index}"
            add("estimate", where, chunk["estimate"], row["value"])
            if has_band:
                add("low", where, chunk["low"], row["lower_confidence_boundary"])
                add("high", where, chunk["high"], row["upper_confidence_boundary"])
            add("realized", where, chunk["realized"], row["realized"])
            # Better than the reference is no alert here, and one in NannyML.
            worse = bool(row["alert"]) and not row["value"] > row["upper_threshold"]
            if not has_limits or abs(row["value"] - row["lower_threshold"]) < 1e-12:
                continue  # at the limit the last bit would decide
            differences.add("performance.alert", f"{place} {metric} {where}", chunk["alert"], worse)


def column(random, kind, rows, drifted):
    shift = random.uniform(0, 1) if drifted else 0.0
    normal = random.normal(shift, 1 + shift / 2, rows)
    if kind == "normal":
        return normal * 10 ** random.uniform(-6, 6)
    if kind == "integers":
        return np.round(normal * random.choice([0.8, 30, 1e5])).astype(int)
    if kind == "few":
        return random.choice([-1.5, 0, 0.25, 2, 7], rows, p=[0.1, 0.4, 0.2, 0.2, 0.1]) + (random.uniform() < 0.3)
    if kind == "about twenty":
        return random.integers(0, random.integers(18, 24) + drifted, rows) / 4
    if kind == "constant":
        return np.full(rows, 7.5 if random.uniform() < 0.7 or not drifted else 8.0)
    if kind == "tail":
        return random.standard_cauchy(rows) + shift
    if kind == "lognormal":
        return np.exp(2 * normal)
    if kind == "rounded":
        return np.round(normal, random.integers(0, 3))
    if kind == "gaps":
        return np.where(random.uniform(size=rows) < random.choice([0.02, 0.4]), np.nan, np.round(normal, 2))
    if kind == "integer gaps":
        return np.where(random.uniform(size=rows) < 0.1, np.nan, random.integers(0, 60, rows))
    if kind == "booleans":
        return random.uniform(size=rows) < 0.3 + 0.2 * shift
    if kind == "far":
        return normal + 1e6
    if kind == "outliers":
        few = random.uniform(size=rows) < 3 / rows
        return np.where(few, random.choice([-1e9, 1e6, 1e12], rows), normal)
    if kind == "huge":
        return np.round(normal * 1e14) - 3e14
    if kind == "zeros":
        return np.where(random.uniform(size=rows) < 0.9 - shift / 5, 0.0, np.abs(normal))
    if kind == "two values":
        return (random.uniform(size=rows) < 0.2 + shift / 5).astype(int)
    if kind == "number texts":
        words = np.where(random.uniform(size=rows) < 0.03, random.choice(["  ", "NA", "null", "NaN"], rows), "")
        return [word or f" {number:.3f} " for word, number in zip(words, normal)]
    if kind == "integer texts":
        return [f" {int(number * 50)}" for number in normal]
    if kind == "nothing":
        return np.full(rows, None)
    labels = ["a", "b c", "d", "e", "f"] + (["new", "newer"] if drifted else ["old"])
    cells = random.choice(labels, rows)
    return np.where(random.uniform(size=rows) < (0.1 if kind == "text gaps" else 0), None, cells)


KINDS = [
    "normal", "integers", "few", "about twenty", "constant", "tail", "lognormal", "rounded", "gaps",
    "integer gaps", "booleans", "far", "text", "text gaps", "outliers", "huge", "zeros", "two values",
    "number texts", "integer texts", "nothing",
]


def random_tables(random):
    """Two tables and what their columns are."""
    rows = [int(random.choice([20, 37, 64, 150, 200, 999, 2_500, 9_999, 10_000, 10_007, 15_000])) for _ in range(2)]
    kinds = random.choice(KINDS, 8)
    states = random.integers(0, 1 << 60, 8)
    rarity, off = random.choice([0, 1.5, 3.5]), random.uniform(0.3, 1.5)
    decimals, extreme = random.choice([1, 2, 3, 17]), random.choice([0.5, 1.5, 4.0])
    unknown = random.choice([0, 0, 0.05], 2)
    frames = []
    for side, n in enumerate(rows):
        frame = {}
        for index, (kind, state) in enumerate(zip(kinds, states)):
            own = np.random.default_rng([int(state)])
            own = np.random.default_rng([int(state), side]) if kind not in ("normal", "integers", "rounded") else own
            frame[f"{kind} {index}"] = column(own, kind, n, side == 1)
        score = random.normal(-rarity, extreme, n)
        frame["risk"] = np.round(1 / (1 + np.exp(-score)), decimals)
        frame["target"] = (random.uniform(size=n) < 1 / (1 + np.exp(-off * score))).astype(int)
        for name, share in zip(("risk", "target"), unknown):
            frame[name] = np.where(random.uniform(size=n) < share, None, frame[name])
        frame["day"] = random.permutation(n)
        frames.append(pd.DataFrame(frame))
    return frames


def with_risk(frame, names, random):
    """A file with a risk that has to do with its first numbers and its target."""
    score = random.normal(-1, 1, len(frame))
    for name in frame.select_dtypes("number").columns[:3]:
        score += 0.8 * (frame[name].rank(pct=True).fillna(0.5).to_numpy() - 0.5)
    if names.target:
        positive = is_positive(names)
        labels = frame[names.target].astype(str).str.strip().str.lower().map(positive).astype(float)
        score += labels.fillna(0).to_numpy()
    return frame.assign(**{names.risk_column: np.round(1 / (1 + np.exp(-score)), 6)})


def damaged(frame, names, random):
    """Blank cells everywhere, and a few outliers in every column of numbers."""
    damaged = frame.astype(object)
    for name in frame.columns:
        if name != names.risk_column and pd.api.types.is_numeric_dtype(frame[name]) and name != names.target:
            rows = random.choice(len(frame), 2, replace=False)
            damaged.loc[rows, name] = random.choice([-1e9, 1e6, 1e7, 3e12], 2)
        rows = random.choice(len(frame), len(frame) // 12, replace=False)
        damaged.loc[rows, name] = random.choice(["", "  ", "NA", "null"], len(rows))
    return damaged


def halves(path, names, random):
    """Pairs of tables made of one file, each with a name."""
    whole = with_risk(pd.read_csv(path, skipinitialspace=True), names, random)
    n = len(whole)
    cut = lambda frame, at: (frame.iloc[:at].reset_index(drop=True), frame.iloc[at:].reset_index(drop=True))
    shuffled = lambda: whole.sample(frac=1, random_state=int(random.integers(1 << 31)))
    drawn = lambda rows: whole.iloc[random.integers(0, n, rows)].reset_index(drop=True)
    numbers = [name for name in whole.select_dtypes("number").columns if name not in (names.target, names.risk_column)]
    by = whole[random.choice(numbers)].rank(pct=True) + random.uniform(0, 1, n)
    yield "in order", cut(whole, n // 2)
    yield "at random", cut(shuffled(), n // 2 + 1)
    yield "sorted", cut(whole.iloc[by.argsort().to_numpy()], n // 2)
    yield "damaged", tuple(damaged(half, names, random) for half in cut(shuffled(), n // 2))
    if n > 250:
        few = shuffled()
        yield "few rows", (few[:20].reset_index(drop=True), few[20:220].reset_index(drop=True))
    yield "many rows", tuple(damaged(drawn(rows), names, random) for rows in (11_003, 10_001))
    without = shuffled()
    without[numbers[0]] = without[numbers[0]].where(np.arange(n) >= n // 2)
    yield "nothing before", cut(without, n // 2)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("diagnostics", type=lambda path: str(Path(path).resolve()))
    parser.add_argument("files", nargs="*", type=Path)
    for option in ("risk-column", "target", "time-column"):
        parser.add_argument("--" + option)
    parser.add_argument("--chunk-size", type=int)
    parser.add_argument("--random", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="with --random: the number of the first pair")
    parser.add_argument("--halves", type=Path)
    parser.add_argument("--positive", help="with --halves: the text of the target that means left")
    names = parser.parse_args()
    differences = Differences()
    if names.files:
        reference, analysis = (path.resolve() for path in names.files)
        compare(names.diagnostics, names, reference, analysis, "", differences)
    if names.halves:
        random = np.random.default_rng(names.seed)
        names.risk_column = "risk of compare.py"
        for place, frames in halves(names.halves, names, random):
            shorter = min(map(len, frames))
            names.chunk_size = max(shorter // 7, 5) if random.uniform() < 0.7 else None
            compare_frames(names, frames, place, differences)
    for number in range(names.first, names.first + (names.random or 0)):
        random = np.random.default_rng([names.seed, number])
        frames = random_tables(random)
        names.risk_column, names.target = "risk", "target"
        names.time_column = "day" if random.uniform() < 0.5 else None
        names.chunk_size = int(random.choice([11, 60, 700, 3_000])) if random.uniform() < 0.7 else None
        if names.chunk_size is not None:
            names.chunk_size = max(names.chunk_size, len(frames[0]) // 12, len(frames[1]) // 12)
        if names.time_column is None:
            frames = [frame.drop(columns="day") for frame in frames]
        compare_frames(names, frames, f"table {number}", differences)
    differences.show()
    return 1 if differences.failed else 0


def compare_frames(names, frames, place, differences):
    before, of_order = len(differences.failed), len(differences.of_order)
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("reference.csv", "analysis.csv")]
        for path, frame in zip(paths, frames):
            frame.to_csv(path, index=False)
        compare(names.diagnostics, names, *paths, place, differences)
    found = differences.failed[before:]
    by = ", calibrated or not by the order of tied probabilities" if len(differences.of_order) > of_order else ""
    print(f"{place}: {len(found)} differences{by}", *found[:12], sep="\n", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

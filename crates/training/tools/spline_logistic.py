"""scikit-learn's spline logistic regression on the folds of the example `crossvalidate`, and the
paired difference of both.

    cargo run --release -p training --example crossvalidate -- TABLE.csv --id COLUMN \
        --target COLUMN --predictions ours.csv
    python crates/training/tools/spline_logistic.py TABLE.csv --id COLUMN --target COLUMN \
        --folds ours.csv

Numbers: median imputation with an indicator, SplineTransformer (cubic, 5 knots at quantiles);
categories: one-hot; LogisticRegression with C = 1 (--cv: chosen by LogisticRegressionCV from 8
values by log-loss in 3 folds). A difference is ours minus theirs for each fold; its standard error
is the standard deviation of these over the root of their number. Log-loss and Brier: negative is
better; ROC AUC: positive is better.

Made with Python 3.11, scikit-learn 1.9.1, pandas 3.1.1, numpy 2.4.6.
"""

import argparse
import json
import warnings

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, SplineTransformer

MISSING = ["", "na", "nan", "null"]
METRICS = {
    "log_loss": lambda y, p: log_loss(y, p, labels=[0, 1]),
    "roc_auc": roc_auc_score,
    "brier": brier_score_loss,
}


def features(path, out):
    """The columns as numbers (95 % of the known cells) or text, missing ones as NaN."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    table.columns = table.columns.str.strip()
    table = table.drop(columns=[name for name in out if name in table])
    for name in table:
        cells = table[name].str.strip()
        cells = cells.mask(cells.str.lower().isin(MISSING))
        numbers = pd.to_numeric(cells, errors="coerce")
        numeric = numbers.notna().sum() >= 0.95 * cells.notna().sum()
        table[name] = numbers.astype(float) if numeric else cells.astype(object)
    return table


def model(table, cross_validated):
    """The table, with a column for each number that is missing somewhere, and the pipeline."""
    numbers = [name for name in table if table[name].dtype == float]
    for name in numbers:
        if table[name].isna().any():
            table[f"{name} is missing"] = table[name].isna().map({True: "yes", False: "no"})
    texts = [name for name in table if name not in numbers]
    curves = make_pipeline(
        SimpleImputer(strategy="median"),
        SplineTransformer(n_knots=5, degree=3, knots="quantile"),
    )
    levels = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="(missing)"),
        OneHotEncoder(handle_unknown="ignore"),
    )
    columns = ColumnTransformer([("numbers", curves, numbers), ("levels", levels, texts)])
    if cross_validated:
        last = LogisticRegressionCV(Cs=8, cv=3, scoring="neg_log_loss", max_iter=1000)
    else:
        last = LogisticRegression(max_iter=2000)
    return make_pipeline(columns, last)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("table")
    parser.add_argument("--id")
    parser.add_argument("--target", required=True)
    parser.add_argument("--ignore", action="append", default=[])
    parser.add_argument("--folds", required=True, help="what crossvalidate --predictions wrote")
    parser.add_argument("--cv", action="store_true", help="choose C by cross-validation")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")

    ours = pd.read_csv(arguments.folds)
    out = [arguments.id, arguments.target, *arguments.ignore]
    table = features(arguments.table, out).iloc[ours.row].reset_index(drop=True)
    pipeline = model(table, arguments.cv)
    figures = {name: {"ours": [], "theirs": []} for name in METRICS}
    for fold in sorted(ours.fold.unique()):
        test = (ours.fold == fold).to_numpy()
        pipeline.fit(table[~test], ours.exited[~test])
        risk = pipeline.predict_proba(table[test])[:, 1]
        for name, metric in METRICS.items():
            figures[name]["ours"].append(float(metric(ours.exited[test], ours.risk[test])))
            figures[name]["theirs"].append(float(metric(ours.exited[test], risk)))
    result = {}
    for name, both in figures.items():
        difference = np.subtract(both["ours"], both["theirs"])
        result[name] = {
            "ours": float(np.mean(both["ours"])),
            "theirs": float(np.mean(both["theirs"])),
            "difference": float(difference.mean()),
            "standard_error": float(difference.std(ddof=1) / np.sqrt(len(difference))),
        }
    if arguments.json:
        print(json.dumps(result))
        return
    print("          ours     scikit-learn  difference ± standard error")
    for name, row in result.items():
        print(
            f"{name:<8}  {row['ours']:.5f}  {row['theirs']:.5f}       "
            f"{row['difference']:+.5f} ± {row['standard_error']:.5f}"
        )


if __name__ == "__main__":
    main()

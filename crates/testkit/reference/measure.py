"""Measures the sample data: the figures in docs/DATA.md.

    pip install scikit-learn pandas
    cargo run --release -p testkit --bin sampledata -- truth --into /tmp/truth.csv
    python crates/testkit/reference/measure.py /tmp/truth.csv [labels_2026-04.csv ...]

Run in the project folder. Further files are judged by the models fitted on the labelled months.
"""

import sys

import numpy as np
import pandas as pd
import sklearn
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, log_loss, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, SplineTransformer, StandardScaler

NUMBERS = ["lastmonth_activity", "lastyear_activity", "number_of_employees", "annual_contract_value"]
CATEGORY = ["industry"]


def read(path):
    table = pd.read_csv(path)
    table[CATEGORY] = table[CATEGORY].fillna("missing")
    return table


def logistic(*number_steps):
    """The median for missing numbers, one-hot industries, l2 = 1."""
    numbers = make_pipeline(SimpleImputer(strategy="median"), *number_steps, StandardScaler())
    columns = ColumnTransformer(
        [("numbers", numbers, NUMBERS), ("category", OneHotEncoder(handle_unknown="ignore"), CATEGORY)]
    )
    return make_pipeline(columns, LogisticRegression(C=1.0, max_iter=5000, tol=1e-8))


def report(title, y, p):
    inside = np.clip(p, 1e-9, 1 - 1e-9)
    entropy = -(inside * np.log(inside) + (1 - inside) * np.log(1 - inside))
    loss = -(y * np.log(inside) + (1 - y) * np.log(1 - inside))
    deviation = np.sqrt((inside * (1 - inside) * np.log(inside / (1 - inside)) ** 2).sum())
    print(
        f"{title:32} n {len(y):6} left {y.mean():.4f} AUC {roc_auc_score(y, p):.4f} "
        f"log-loss {log_loss(y, inside):.4f} F1 {f1_score(y, p >= 0.5):.4f} "
        f"Z {(loss - entropy).sum() / deviation:.1f}"
    )


print("scikit-learn", sklearn.__version__, "pandas", pd.__version__)
months = [read(f"sourcedata/clients_2026-0{month}.csv") for month in range(1, 7)]
for month in months:
    print(month.observed_at[0], len(month), "clients, left", round(month.exited.mean(), 4))
train = pd.concat(months[:3])
test = read("testdata/testdata.csv")
truth = pd.read_csv(sys.argv[1])
assert (truth.corporation == test.corporation).all()

signed_log = FunctionTransformer(lambda x: np.sign(x) * np.log1p(np.abs(x)))
spline = SplineTransformer(n_knots=6, degree=3, knots="quantile")
models = {"linear": logistic(), "spline": logistic(signed_log, spline)}
p_true = truth.true_probability.to_numpy()
report("test, true probabilities", test.exited, p_true)
p = np.sort(p_true)
expected = ((np.cumsum(1 - p) - (1 - p) / 2) * p).sum() / (p.sum() * (1 - p).sum())
print(f"expected AUC of the true probabilities {expected:.4f}")
for name, model in models.items():
    model.fit(train[NUMBERS + CATEGORY], train.exited)
    for path in ["testdata/testdata.csv", *sys.argv[2:]]:
        table = read(path)
        title = f"{'/'.join(path.split('/')[-2:])}, {name}"
        report(title, table.exited, model.predict_proba(table[NUMBERS + CATEGORY])[:, 1])

"""What Evidently and NannyML say about the tables of data.py: python expected.py > expected.json

pip install "evidently==0.7.23" "nannyml==0.13.1" "pandas<3" statsmodels
"""

import importlib.metadata
import json
import logging
import sys
import warnings

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

import nannyml as nml
from evidently import DataDefinition, Dataset, Report
from evidently.metrics import ValueDrift
from nannyml.drift.univariate.methods import FeatureType, MethodFactory
from nannyml.chunk import SizeBasedChunker
from nannyml.thresholds import StandardDeviationThreshold
from scipy import stats

from data import CASES, CATEGORIES, NUMERIC, tables


def number(value):
    value = float(value)
    return value if np.isfinite(value) else None


def evidently(reference, analysis, column, method, kind):
    definition = DataDefinition(**{kind: [column]})
    reference, analysis = (
        Dataset.from_pandas(frame[[column]], data_definition=definition) for frame in (reference, analysis)
    )
    snapshot = Report([ValueDrift(column=column, method=method)]).run(analysis, reference)
    return number(snapshot.dict()["metrics"][0]["value"])


def nannyml(reference, analysis, column, method, kind, size):
    """The value of the whole analysis, and of the chunks of reference and analysis."""
    made = MethodFactory.create(
        method, kind, chunker=SizeBasedChunker(size), threshold=StandardDeviationThreshold(), computation_params={}
    )
    made.fit(reference[column])
    chunks = [
        number(made.calculate(frame[column].iloc[start : start + size]))
        for frame in (reference, analysis)
        for start in range(0, len(frame), size)
    ]
    return number(made.calculate(analysis[column])), chunks


def numeric(reference, analysis, column, size):
    found = {}
    for method, name in (("psi", "psi_evidently"), ("jensenshannon", "js_evidently"), ("wasserstein", "wasserstein_evidently")):
        found[name] = evidently(reference, analysis, column, method, "numerical_columns")
    for method, name in (("jensen_shannon", "js_nannyml"), ("hellinger", "hellinger_nannyml")):
        found[name], found[name + "_chunks"] = nannyml(reference, analysis, column, method, FeatureType.CONTINUOUS, size)
    a, b = reference[column].dropna(), analysis[column].dropna()
    found["wasserstein"] = number(stats.wasserstein_distance(a, b))
    found["ks_statistic"], found["ks_p_value"] = map(number, stats.ks_2samp(a, b, method="asymp"))
    if len(reference) < 10_000:
        for method, name in (("kolmogorov_smirnov", "ks_statistic"), ("wasserstein", "wasserstein")):
            value, chunks = nannyml(reference, analysis, column, method, FeatureType.CONTINUOUS, size)
            assert abs(value - found[name]) < 1e-12
            found[name + "_chunks"] = chunks
    return found


def category(reference, analysis, column, size):
    found = {}
    for method, name in (("psi", "psi_evidently"), ("jensenshannon", "js_evidently"), ("chisquare", "chi_squared_p_value_evidently")):
        found[name] = evidently(reference, analysis, column, method, "categorical_columns")
    for method, name in (("jensen_shannon", "js_nannyml"), ("hellinger", "hellinger_nannyml"), ("chi2", "chi_squared_nannyml")):
        found[name], found[name + "_chunks"] = nannyml(reference, analysis, column, method, FeatureType.CATEGORICAL, size)
    return found


def multivariate(reference, analysis, size):
    found = {}
    for name, chunk in (("whole", max(len(reference), len(analysis))), ("chunks", size)):
        calculator = nml.DataReconstructionDriftCalculator(column_names=NUMERIC, chunk_size=chunk)
        calculator.fit(reference)
        result = calculator.calculate(analysis).data["reconstruction_error"]
        found[name] = [number(value) for value in result["value"]]
        found["components"] = int(calculator._pca.n_components_)
        if name == "chunks":
            found["lower_limit"], found["upper_limit"] = (
                number(result[key].iloc[0]) for key in ("lower_threshold", "upper_threshold")
            )
    return found


def performance(reference, analysis, size):
    metrics = ["roc_auc", "f1", "accuracy", "precision", "recall"]
    reference, analysis = (frame[["risk", "target"]].copy() for frame in (reference, analysis))
    for frame in (reference, analysis):
        frame["predicted"] = (frame["risk"] >= 0.5).astype(int)
    found = {}
    for name, chunk in (("whole", max(len(reference), len(analysis))), ("chunks", size)):
        estimator = nml.CBPE(
            y_pred_proba="risk", y_pred="predicted", y_true="target", problem_type="classification_binary",
            metrics=metrics, chunk_size=chunk,
        )
        estimator.fit(reference)
        result = estimator.estimate(analysis).data
        found["calibrated"] = bool(estimator.needs_calibration)
        found[name] = {
            metric: {
                key: [number(value) for value in result[metric][column]]
                for key, column in (
                    ("estimate", "value"), ("low", "lower_confidence_boundary"),
                    ("high", "upper_confidence_boundary"), ("realized", "realized"),
                    ("lower_limit", "lower_threshold"),
                )
            }
            for metric in metrics
        }
    return found


def case(name):
    reference, analysis = tables(name)
    size = CASES[name][3]
    features = {column: numeric(reference, analysis, column, size) for column in NUMERIC + ["risk"]}
    features |= {column: category(reference, analysis, column, size) for column in CATEGORIES}
    print(name, file=sys.stderr)
    return {
        "features": features,
        "multivariate": multivariate(reference, analysis, size),
        "performance": performance(reference, analysis, size),
    }


if __name__ == "__main__":
    packages = ("evidently", "nannyml", "numpy", "scipy", "pandas", "scikit-learn")
    versions = {package: importlib.metadata.version(package) for package in packages}
    print(json.dumps({"versions": versions, "cases": {name: case(name) for name in CASES}}, indent=1))

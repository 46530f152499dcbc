"""The tools themselves on the batches of the example drift_rates: do they decide as the example says?

    cargo run --release -p diagnostics --example drift_rates -- --dump FOLDER
    python drift_rates.py FOLDER

Evidently: its preset for drift with nothing set; a batch alarms when any column is called drifted. NannyML:
its Jensen-Shannon distance of the whole analysis against its threshold (mean + 3 sd) over the first ten
chunks of the reference, of the size of the analysis or a tenth of the reference. Exit code 1 where a
decision differs. Needs what expected.py needs.
"""

import sys
from pathlib import Path

import expected  # silences the tools
import numpy as np
import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset
from nannyml.chunk import SizeBasedChunker
from nannyml.drift.univariate.methods import FeatureType, MethodFactory
from nannyml.thresholds import StandardDeviationThreshold

NUMBERS = ["x0", "x1", "x2", "x3", "x4", "x5", "risk"]


def read(path):
    frame = pd.read_csv(path, float_precision="round_trip")
    return frame.astype({name: float for name in NUMBERS})


def evidently(reference, analysis):
    definition = DataDefinition(numerical_columns=NUMBERS, categorical_columns=["category"])
    sides = [Dataset.from_pandas(frame, data_definition=definition) for frame in (analysis, reference)]
    try:
        snapshot = Report([DataDriftPreset()], include_tests=True).run(*sides)
        tests = snapshot.dict()["tests"]
    except Exception:  # whatever its libraries raise
        return "error"
    columns = [test for test in tests if "column" in test["metric_config"]["params"]]
    assert len(columns) == 8, [test["name"] for test in tests]
    return str(int(any(test["status"].value == "FAIL" for test in columns)))


def nannyml(reference, analysis, size):
    chunk = min(size, len(reference) // 10)
    for name in NUMBERS + ["category"]:
        kind = FeatureType.CATEGORICAL if name == "category" else FeatureType.CONTINUOUS
        threshold = StandardDeviationThreshold()
        method = MethodFactory.create(
            "jensen_shannon", kind, chunker=SizeBasedChunker(chunk), threshold=threshold, computation_params={}
        )
        method.fit(reference[name])
        chunks = [method.calculate(reference[name].iloc[start : start + chunk]) for start in range(0, 10 * chunk, chunk)]
        _, upper = threshold.thresholds(np.asarray(chunks))
        if method.calculate(analysis[name]) > upper:
            return "1"
    return "0"


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    decisions = pd.read_csv(folder / "decisions.csv", dtype=str)
    differ = 0
    for row in decisions.itertuples():
        reference, analysis = read(folder / row.reference), read(folder / row.analysis)
        found = evidently(reference, analysis), nannyml(reference, analysis, int(row.rows))
        for tool, said, ours in zip(("Evidently", "NannyML"), found, (row.evidently, row.nannyml)):
            if said != ours:
                differ += 1
                print(f"{row.analysis}: {tool} decides {said}, the example {ours}")
    print(f"{len(decisions)} batches, {differ} decisions differ")
    sys.exit(1 if differ else 0)

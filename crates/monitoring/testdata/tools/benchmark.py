"""CPU seconds and memory of the whole monitoring of two files, beside Evidently's and NannyML's where
they are installed.

    python benchmark.py DIAGNOSTICS [ROWS ...]

DIAGNOSTICS is the program, built with --release. Each runs three times; the medians are printed. Each tool runs in a process of its own on the same two
CSV files: five normal columns, two of categories, a risk and a target; the time includes starting and
reading. Linux only (peak memory from getrusage is in kilobytes there).
"""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

EVIDENTLY = """
import sys, pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset
numbers = [f"x{i}" for i in range(5)] + ["risk"]
definition = DataDefinition(numerical_columns=numbers, categorical_columns=["cat1", "cat2"])
frames = [Dataset.from_pandas(pd.read_csv(path), data_definition=definition) for path in sys.argv[1:]]
Report([DataDriftPreset()]).run(frames[1], frames[0]).dict()
"""
NANNYML = """
import sys, pandas as pd, nannyml as nml
reference, analysis = (pd.read_csv(path) for path in sys.argv[1:])
for frame in (reference, analysis):
    frame["predicted"] = (frame["risk"] >= 0.5).astype(int)
size = len(reference) // 10
numbers = [f"x{i}" for i in range(5)] + ["risk"]
drift = nml.UnivariateDriftCalculator(column_names=numbers + ["cat1", "cat2"], chunk_size=size)
drift.fit(reference); drift.calculate(analysis)
joint = nml.DataReconstructionDriftCalculator(column_names=numbers[:-1], chunk_size=size)
joint.fit(reference); joint.calculate(analysis)
cbpe = nml.CBPE(y_pred_proba="risk", y_pred="predicted", y_true="exited", chunk_size=size,
                problem_type="classification_binary", metrics=["roc_auc", "f1", "accuracy"])
cbpe.fit(reference); cbpe.estimate(analysis)
"""


def write(path, rows, shift, seed):
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(seed)
    columns = {f"x{i}": random.normal(shift if i == 0 else 0, 1, rows) for i in range(5)}
    columns["cat1"] = random.choice(list("abcde"), rows)
    columns["cat2"] = random.choice(["yes", "no"], rows)
    columns["risk"] = 1 / (1 + np.exp(1 - columns["x0"]))
    columns["exited"] = (random.uniform(size=rows) < columns["risk"]).astype(int)
    pd.DataFrame(columns).to_csv(path, index=False)


def measure(arguments):
    """Exit code, CPU seconds and peak megabytes of a process."""
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    return os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


if __name__ == "__main__":
    if sys.argv[1] == "--write":
        path, rows, shift, seed = sys.argv[2:]
        sys.exit(write(path, int(rows), float(shift), int(seed)))
    program, sizes = sys.argv[1], [int(rows) for rows in sys.argv[2:]] or [10_000, 1_000_000]
    with tempfile.TemporaryDirectory() as folder:
        for rows in sizes:
            files = [str(Path(folder) / name) for name in ("reference.csv", "analysis.csv")]
            # In processes of their own: what is started counts at least the memory of this one as its peak.
            for path, shift, seed in zip(files, ("0.0", "0.1"), ("1", "2")):
                subprocess.run([sys.executable, __file__, "--write", path, str(rows), shift, seed], check=True)
            tools = [
                ("diagnostics", [program, "--compare", files[0], "--with", files[1], "--risk-column", "risk", "--json"]),
                ("Evidently", [sys.executable, "-c", EVIDENTLY, *files]),
                ("NannyML", [sys.executable, "-c", NANNYML, *files]),
            ]
            for name, arguments in tools:
                runs = [measure(arguments) for _ in range(3)]
                seconds, megabytes = (statistics.median(run[of] for run in runs) for of in (1, 2))
                works = all(code == 0 for code, _, _ in runs)
                result = f"{seconds:.2f} CPU-s, {megabytes:.0f} MB" if works else "not installed, or failed"
                print(f"{rows:,} + {rows:,} rows, {name}: {result}", flush=True)

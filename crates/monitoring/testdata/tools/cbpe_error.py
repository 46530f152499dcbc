"""Mean absolute error of the estimated performance against the realized one, ours beside NannyML's.

    python cbpe_error.py DIAGNOSTICS

DIAGNOSTICS is the program. The tables are those of data.py, whose analysis has both kinds of drift, and
as a second row the same rows with the behaviour of the reference (covariate drift only).
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import data
import expected


def mean_error(pairs):
    known = [abs(a - b) for a, b in pairs if a is not None and b is not None]
    return sum(known) / len(known)


def same_behaviour(name):
    """The tables of a case where the target depends on the columns as it does in the reference."""
    original = data.row

    def row(random, drifted, sharpness):
        made = original(random, drifted, sharpness)
        risk = made[-2]
        s = (2 * risk - 1) / (1 - abs(2 * risk - 1))
        behaviour = s * (1.0 - 0.5 * sharpness)
        made[-1] = 1 if random.uniform() < 0.5 * (1.0 + behaviour / (1.0 + abs(behaviour))) else 0
        return made

    data.row = row
    try:
        return data.tables(name)
    finally:
        data.row = original


def ours(program, reference, analysis, size):
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("reference.csv", "analysis.csv")]
        for path, frame in zip(paths, (reference, analysis)):
            frame.to_csv(path, index=False)
        arguments = [
            program, "--compare", paths[0], "--with", paths[1], "--risk-column", "risk", "--target", "target",
            "--chunk-size", str(size), "--json",
        ]
        found = json.loads(subprocess.run(arguments, capture_output=True, check=True).stdout)
    return [chunk for chunk in found["performance"]["chunks"] if chunk["period"] == "analysis"]


if __name__ == "__main__":
    print("| tables | drift | metric | ours | NannyML |")
    print("|---|---|---|---|---|")
    for name in ("large", "second", "uneven", "beyond"):
        size = data.CASES[name][3]
        for drift, frames in (("both", data.tables(name)), ("mix of clients", same_behaviour(name))):
            chunks = ours(sys.argv[1], *frames, size)
            theirs = expected.performance(*frames, size)["chunks"]
            for metric in ("roc_auc", "f1", "accuracy"):
                our_error = mean_error((chunk[metric]["estimate"], chunk[metric]["realized"]) for chunk in chunks)
                last = len(chunks)
                their_error = mean_error(zip(theirs[metric]["estimate"][-last:], theirs[metric]["realized"][-last:]))
                print(f"| {name} | {drift} | {metric} | {our_error:.4f} | {their_error:.4f} |")

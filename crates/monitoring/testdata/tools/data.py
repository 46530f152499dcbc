"""The tables of the fixtures, from a small generator and exact arithmetic only.

`tests/it/data.rs` makes the same tables bit by bit; so they need not be stored.
"""

import numpy as np
import pandas as pd

MASK = (1 << 64) - 1


class Lcg:
    """Knuth's 64-bit linear congruential generator; the upper 53 bits as a number below 1."""

    def __init__(self, seed):
        self.state = seed

    def uniform(self):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) & MASK
        return (self.state >> 11) / float(1 << 53)

    def bell(self):
        """About normal: twelve uniforms less six."""
        total = 0.0
        for _ in range(12):
            total += self.uniform()
        return total - 6.0


# name: seed, rows of reference and analysis, rows of a chunk, by how much the scores are off
CASES = {
    "large": (11, 10_000, 10_000, 1_000, 1.0),
    "second": (12, 10_000, 10_000, 2_500, 0.5),
    "uneven": (13, 9_500, 7_300, 1_300, 0.8),
    "beyond": (14, 12_345, 15_000, 4_000, 0.0),
    "small": (15, 400, 130, 60, 1.0),
    "tiny": (16, 40, 25, 12, 1.0),
}
NUMERIC = ["income", "tail", "visits", "grade", "gaps", "coded", "fixed"]
CATEGORIES = ["region", "plan"]


def row(random, drifted, sharpness):
    """One row; the analysis drifts in its columns and in what the target makes of them."""
    income = random.bell() * (1.3 if drifted else 1.0) + (0.3 if drifted else 0.0)
    u = random.uniform()
    tail = u / (1.0 - u) * (2.0 if drifted else 1.0)
    visits = int(random.uniform() * (70.0 if drifted else 60.0))
    grade = int(random.uniform() * random.uniform() * 9.0)
    gaps = random.bell() * 10.0 + 100.0
    if random.uniform() < (0.25 if drifted else 0.1):
        gaps = None
    coded = int(random.uniform() * 40.0) + (1 if drifted else 0)
    if random.uniform() < 0.05:
        coded = None
    regions = ["north", "east", "south", "west"] + (["abroad"] if drifted else [])
    region = regions[int(random.uniform() * random.uniform() * len(regions))]
    plan = "yes" if random.uniform() < 0.3 else "no"
    if random.uniform() < 0.04:
        plan = None
    s = 0.8 * income - 0.3 * grade + (0.5 if region == "west" else 0.0) - 0.4
    risk = 0.5 * (1.0 + s / (1.0 + abs(s)))
    behaviour = s * (1.0 - 0.5 * sharpness) - (0.5 if drifted else 0.0)
    chance = 0.5 * (1.0 + behaviour / (1.0 + abs(behaviour)))
    target = 1 if random.uniform() < chance else 0
    return [income, tail, visits, grade, gaps, coded, 7.5, region, plan, risk, target]


def tables(name):
    """Reference and analysis of a case."""
    seed, n, m, _, sharpness = CASES[name]
    random = Lcg(seed)
    columns = NUMERIC + CATEGORIES + ["risk", "target"]
    frames = []
    for rows, drifted in ((n, False), (m, True)):
        frame = pd.DataFrame([row(random, drifted, sharpness) for _ in range(rows)], columns=columns)
        for column in ("gaps", "coded"):
            frame[column] = frame[column].astype(float)
        frames.append(frame)
    return frames

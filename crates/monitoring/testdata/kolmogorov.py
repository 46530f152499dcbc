"""Tails of the two-sided Kolmogorov-Smirnov statistic: python kolmogorov.py > kolmogorov.csv"""

import numpy as np
from scipy.stats import kstwo

print("n,distance,tail")
SIZES = (1, 2, 5, 25, 50, 100, 140, 141, 250, 500, 909, 4545, 5000, 25000, 99999, 100001, 333333, 500000)
for n in SIZES:
    for z in (0.35, 0.5, 0.7, 0.9, 1.1, 1.3, 1.48, 1.5, 1.7, 2.0, 2.2, 2.7, 3.5, 4.3):
        distance = float(z / np.sqrt(n))
        if distance < 1:
            print(f"{n},{distance!r},{float(kstwo.sf(distance, n))!r}")

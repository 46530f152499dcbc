"""Figures of src/evidence/tests.rs by other means: direct sums and the optimiser of scipy.

Run: python3 crates/monitoring/reference/evidence.py   (numpy 2.4.6, scipy 1.17.1)
"""
import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logsumexp
from scipy.stats import chi2

i = np.arange(300)
s = -3 + 4 * ((i * 7919) % 1000) / 1000
y = (((i * 104729 + 37) % 1000) / 1000 < expit(0.4 * s - 0.6)).astype(float)


def loglik(a, b):
    x = a + b * s
    return np.sum(y * x - np.logaddexp(0, x))


grid = [(a, b) for b in (0, .25, .5, .75, .9, 1, 1.1, 1.25, 1.5)
        for a in np.arange(-1.5, 1.51, .25) if (a, b) != (0, 1)]
mixture = logsumexp([loglik(a, b) for a, b in grid]) - np.log(len(grid))

centre = np.array([0.05, 0.9])
covariance = np.array([[0.02, 0.006], [0.006, 0.01]])
radius2 = chi2.ppf(.99, 2)
precision = np.linalg.inv(covariance)
found = minimize(lambda x: -loglik(*x), centre, method="SLSQP", options={"ftol": 1e-14},
                 constraints={"type": "ineq",
                              "fun": lambda x: radius2 - (x - centre) @ precision @ (x - centre)})
p = expit(s)
mislabelled = np.sum(np.log(.999 * np.where(y == 1, p, 1 - p) + .0005))
champion = loglik(0, 1)
H = -(p * np.log(p) + (1 - p) * np.log(1 - p))
loss = -np.where(y == 1, np.log(p), np.log(1 - p))
z = np.sum(loss - H) / np.sqrt(np.sum(p * (1 - p) * s ** 2))

X = np.column_stack([np.ones_like(s), s])
theta = np.array([0., 1.])
for _ in range(50):
    q = expit(X @ theta)
    information = (X * (q * (1 - q))[:, None]).T @ X
    theta = theta + np.linalg.solve(information, X.T @ (y - q))
C = np.linalg.inv(information)

print("positive", int(y.sum()), "champion", champion, "mislabelled", mislabelled)
print("mixture", mixture, "region", -found.fun, "at", found.x)
print("log ratio", mixture - max(champion, mislabelled, -found.fun))
print("z", z, "calibration", theta, "covariance", C.tolist())

"""How far numbers are off from what is expected, for whoever runs printed modules."""

import numpy as np


def deviation(own, expected, slack=0.0):
    """The largest difference of two arrays, in parts of the largest number.

    From a difference so much is taken as was rounded away before.
    """
    a, b = np.asarray(own, np.float64), np.asarray(expected, np.float64)
    if a.shape != b.shape:
        raise ValueError(f"{a.shape} is not {b.shape}")
    if not np.array_equal(np.isfinite(a), np.isfinite(b)):
        return 1e300
    finite = np.isfinite(a)
    if not np.array_equal(a[~finite], b[~finite], equal_nan=True):
        return 1e300
    difference = np.abs(a[finite] - b[finite])
    worst = max(float(np.max(difference, initial=0.0)) - slack, 0.0)
    largest = float(np.max(np.abs(b[finite]), initial=0.0))
    return worst / largest if worst and largest else 1e300 if worst else 0.0

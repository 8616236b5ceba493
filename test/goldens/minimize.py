"""Classical problems, minimized by SciPy: minimize.json.

    pip install scipy==1.17.1 numpy==2.4.6
    python minimize.py --out /tmp/goldens

Gradients are complex steps, exact to rounding. `default` is L-BFGS-B as it is; `minimum` is that with `ftol` 0, `gtol`
1e-12, gone on from by Newton's method (trust-exact, the Hessian by differences of gradients) where that helps.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import scipy
from scipy.optimize import minimize

T = [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0]
Y = [2.46, 1.98, 1.49, 1.21, 0.90, 0.58, 0.32, 0.13]
HOURS = [0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 1.75, 2.0, 2.25, 2.5, 2.75, 3.0, 3.25, 3.5, 4.0, 4.25, 4.5, 4.75, 5.0, 5.5]
PASSED = [0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1]


def squares(*residuals):
    return sum(r * r for r in residuals)


def rosenbrock(x):
    return sum(squares(10 * (x[i + 1] - x[i] ** 2), 1 - x[i]) for i in range(len(x) - 1))


def beale(x):
    return squares(*(c - x[0] * (1 - x[1] ** (i + 1)) for i, c in enumerate((1.5, 2.25, 2.625))))


def booth(x):
    return squares(x[0] + 2 * x[1] - 7, 2 * x[0] + x[1] - 5)


def himmelblau(x):
    return squares(x[0] ** 2 + x[1] - 11, x[0] + x[1] ** 2 - 7)


def powell(x):
    return squares(
        x[0] + 10 * x[1], np.sqrt(5) * (x[2] - x[3]), (x[1] - 2 * x[2]) ** 2, np.sqrt(10) * (x[0] - x[3]) ** 2
    )


def wood(x):
    return squares(
        10 * (x[1] - x[0] ** 2),
        1 - x[0],
        np.sqrt(90) * (x[3] - x[2] ** 2),
        1 - x[2],
        np.sqrt(10) * (x[1] + x[3] - 2),
        (x[1] - x[3]) / np.sqrt(10),
    )


def helical(x):
    theta = np.arctan(x[1] / x[0]) / (2 * np.pi) + (0.5 if x[0].real < 0 else 0)
    return squares(10 * (x[2] - 10 * theta), 10 * (np.sqrt(x[0] ** 2 + x[1] ** 2) - 1), x[2])


def brown(x):
    return squares(x[0] - 1e6, x[1] - 2e-6, x[0] * x[1] - 2)


def trigonometric(x):
    n = len(x)
    cosines = sum(np.cos(xi) for xi in x)
    return squares(*(n - cosines + (i + 1) * (1 - np.cos(xi)) - np.sin(xi) for i, xi in enumerate(x)))


def exponential(x):
    return squares(*(x[0] * np.exp(-x[1] * t) - y for t, y in zip(T, Y)))


def logistic(x):
    z = [x[0] + x[1] * t for t in HOURS]
    return sum(np.log(1 + np.exp(-zi if y else zi)) for zi, y in zip(z, PASSED))


def variably_dimensioned(x):
    weighted = sum((i + 1) * (xi - 1) for i, xi in enumerate(x))
    return squares(*(xi - 1 for xi in x), weighted, weighted**2)


PROBLEMS = {
    "rosenbrock": (rosenbrock, [-1.2, 1]),
    "rosenbrock, 10 numbers": (rosenbrock, [-1.2, 1] * 5),
    "beale": (beale, [1, 1]),
    "booth": (booth, [0, 0]),
    "himmelblau": (himmelblau, [1, 1]),
    "powell singular": (powell, [3, -1, 0, 1]),
    "wood": (wood, [-3, -1, -3, -1]),
    "helical valley": (helical, [-1, 0, 0]),
    "brown badly scaled": (brown, [1, 1]),
    "trigonometric": (trigonometric, [0.2] * 5),
    "variably dimensioned": (variably_dimensioned, [1 - i / 8 for i in range(1, 9)]),
    "exponential fit": (exponential, [1, 1]),
    "logistic fit": (logistic, [0, 0]),
}


def value_and_grad(f):
    def call(x):
        point = np.asarray(x, dtype=complex)
        axes = 1e-40j * np.eye(len(x))
        return float(f(point).real), np.array([(f(point + axis)).imag / 1e-40 for axis in axes])

    return call


def hessian(f):
    gradient = value_and_grad(f)

    def call(x):
        rows = []
        for i, xi in enumerate(x):
            h = 1e-6 * max(1, abs(xi))
            e = h * np.eye(len(x))[i]
            rows.append((gradient(x + e)[1] - gradient(x - e)[1]) / (2 * h))
        return (np.array(rows) + np.array(rows).T) / 2

    return call


def told(result):
    return {
        "x": [float(xi) for xi in result.x],
        "value": float(result.fun),
        "success": bool(result.success),
        "nit": int(result.nit),
        "nfev": int(result.nfev),
    }


def best(f, x0):
    found = minimize(
        value_and_grad(f), x0, jac=True, method="L-BFGS-B", options={"ftol": 0, "gtol": 1e-12, "maxls": 100}
    )
    further = minimize(
        value_and_grad(f), found.x, jac=True, hess=hessian(f), method="trust-exact", options={"gtol": 1e-13}
    )
    result = min(found, further, key=lambda r: r.fun)
    return {"x": [float(xi) for xi in result.x], "value": float(result.fun)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", default=".")
    out = Path(parser.parse_args().out)
    cases = [
        {
            "name": name,
            "x0": x0,
            "default": told(minimize(value_and_grad(f), x0, jac=True, method="L-BFGS-B")),
            "minimum": best(f, x0),
        }
        for name, (f, x0) in PROBLEMS.items()
    ]
    data = {"t": T, "y": Y, "hours": HOURS, "passed": PASSED}
    content = {"library": "scipy", "version": scipy.__version__, "data": data, "cases": cases}
    (out / "minimize.json").write_text(json.dumps(content, indent=1) + "\n")

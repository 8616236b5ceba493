"""Writes optax_loss_options.json: losses of Optax with the options that optax_losses.json leaves at their defaults.

    python loss_options.py --out .          # jax 0.10.2, optax 0.2.8

Each case has the gradients of the summed value in every argument of floats.
"""

import argparse
import json
import pathlib
import warnings

import jax

jax.config.update('jax_enable_x64', True)
warnings.simplefilter('ignore')

import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402
import optax  # noqa: E402

SEED = 20261123
rng = np.random.default_rng(SEED)


def exact(x):
  """Of 10 binary digits, which float32 holds exactly."""
  return np.round(x * 1024) / 1024


def normal(*shape, scale=2.0):
  return exact(rng.normal(size=shape) * scale)


def simplex(*shape):
  return exact(rng.dirichlet(np.ones(shape[-1]), size=shape[:-1]))


def zeros_and_ones(*shape):
  return rng.integers(0, 2, size=shape).astype(float)


def mask(*shape):
  """Booleans, some rows of them all false."""
  given = rng.random(shape) < 0.6
  given[0] = False
  return given


def classes(n, *shape):
  return rng.integers(0, n, size=shape)


def cases():
  for axis in (0, [0, 1], None, 1):
    yield 'softmax_cross_entropy', [normal(3, 4), simplex(3, 4)], {'axis': axis}
  yield 'softmax_cross_entropy', [normal(4, 5), simplex(4, 5)], {'where': mask(4, 5)}
  yield 'softmax_cross_entropy', [normal(4, 5), simplex(4, 5)], {'where': mask(4)}
  yield 'softmax_cross_entropy', [normal(4, 5), simplex(1, 5)], {}
  yield 'softmax_cross_entropy', [normal(2, 3, 4), simplex(2, 3, 4)], {'axis': [0, 2], 'where': mask(2, 3, 4)}
  yield 'softmax_cross_entropy_with_integer_labels', [normal(4, 5), classes(5, 4)], {'where': mask(4, 5)}
  yield 'softmax_cross_entropy_with_integer_labels', [normal(4, 5), classes(4, 5)], {'axis': 0}
  yield 'softmax_cross_entropy_with_integer_labels', [normal(2, 3, 4), classes(8, 3)], {'axis': [2, 0]}
  yield 'softmax_cross_entropy_with_integer_labels', [normal(2, 3, 4), classes(8, 3)], {'axis': [0, 2], 'where': mask(2, 3, 4)}
  for name in ('poly_loss_cross_entropy',):
    yield name, [normal(4, 5), simplex(4, 5)], {'where': mask(4, 5), 'epsilon': 1.5}
    yield name, [normal(3, 4), simplex(3, 4)], {'axis': 0}
  for name in ('kl_divergence', 'generalized_kl_divergence', 'convex_kl_divergence'):
    yield name, [normal(3, 4), simplex(3, 4) + 0.125], {'axis': 0, 'where': mask(3, 4)}
    yield name, [normal(3, 4), simplex(3, 4) + 0.125], {'axis': None}
  yield 'kl_divergence_with_log_targets', [normal(3, 4), normal(3, 4)], {'axis': [0, 1], 'where': mask(3, 4)}
  for name in ('cosine_similarity', 'cosine_distance'):
    yield name, [normal(3, 4), normal(3, 4)], {'axis': None, 'epsilon': 0.5}
    yield name, [normal(3, 4), normal(4)], {'epsilon': 9.0}
    yield name, [normal(2, 3, 4), normal(2, 3, 4)], {'axis': [0, 2], 'where': rng.random((2, 3, 4)) < 0.7}
  yield 'sigmoid_binary_cross_entropy', [normal(3, 4), rng.random((3, 4))], {}
  yield 'sigmoid_focal_loss', [normal(3, 4), exact(rng.random((3, 4)) * 0.9 + 0.05)], {'alpha': 0.75, 'gamma': 0.5}
  yield 'huber_loss', [normal(3, 4)], {'delta': 2.0}
  yield 'huber_loss', [normal(3, 4), normal(4)], {'delta': 0.25}
  yield 'log_cosh', [normal(3, 4)], {}
  yield 'log_cosh', [normal(3, 4), normal(4)], {}
  yield 'hinge_loss', [normal(3, 4), 2 * zeros_and_ones(4) - 1], {}
  yield 'ranking_softmax_loss', [normal(4, 5), exact(rng.random((4, 5)) * 3)], {'where': mask(4, 5)}
  yield 'ranking_softmax_loss', [normal(4, 5), exact(rng.random((4, 5)) * 3)], {'where': mask(4, 5), 'reduce_fn': None}
  yield 'ranking_softmax_loss', [normal(4, 5), exact(rng.random((4, 5)) * 3)], {'weights': exact(rng.random((4, 1))), 'reduce_fn': 'sum'}
  yield 'ranking_softmax_loss', [normal(4, 5), exact(rng.random((4, 5)) * 3)], {'where': mask(4, 5), 'weights': exact(rng.random((4, 5))), 'reduce_fn': 'sum'}
  yield 'ntxent', [normal(7, 3), classes(4, 7)], {'temperature': 1.0}
  yield 'triplet_margin_loss', [normal(3, 4), normal(3, 4), normal(3, 4)], {'axis': 0, 'eps': 0.125, 'margin': 4.0}
  yield 'triplet_margin_loss', [normal(3, 4), normal(3, 4), normal(3, 4)], {'norm_degree': 4, 'margin': 4.0}
  for reduction in ('sum', 'none'):
    yield 'dice_loss', [normal(2, 3, 3, 4), zeros_and_ones(2, 3, 3, 4)], {'reduction': reduction, 'class_weights': exact(rng.random(4))}
  yield 'dice_loss', [normal(2, 3, 3, 4), zeros_and_ones(2, 3, 3, 4)], {'axis': [0, 1, 2], 'ignore_background': True}
  yield 'dice_loss', [normal(2, 3, 3), zeros_and_ones(2, 3, 3, 1)], {}
  yield 'dice_loss', [normal(2, 3, 3, 1), zeros_and_ones(2, 3, 3)], {'ignore_background': True}
  yield 'dice_loss', [normal(4, 3), zeros_and_ones(4, 3)], {}
  yield 'multiclass_generalized_dice_loss', [normal(2, 3, 3, 4), zeros_and_ones(2, 3, 3, 4)], {'smooth': 0.25, 'ignore_background': True}
  yield 'binary_dice_loss', [normal(2, 3, 1), zeros_and_ones(2, 3, 1)], {}
  yield 'smooth_labels', [simplex(4, 5)], {'alpha': 0.25, 'axis': [0, 1]}
  yield 'smooth_labels', [simplex(4, 5)], {'alpha': 0.25, 'where': (lambda m: np.where(m.any(-1, keepdims=True), m, True))(mask(4, 5))}
  pads = np.array([[0, 0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 1, 1], [0] * 7], float)
  label_pads = np.array([[0, 0, 1, 1], [0, 0, 0, 1], [0, 0, 0, 0]], float)
  for name in ('ctc_loss', 'ctc_loss_with_forward_probs'):
    yield name, [normal(3, 7, 4), pads, np.array([[1, 1, 0, 0], [3, 2, 2, 0], [2, 1, 2, 2]]), label_pads], {}
  yield 'ctc_loss', [normal(3, 7, 4), pads, classes(3, 3, 4), label_pads], {'blank_id': 3, 'log_epsilon': -1e4}


def leaf(x):
  x = np.asarray(x)
  if x.dtype == bool:
    return {'shape': list(x.shape), 'data': x.reshape(-1).tolist()}
  data = x.astype(float).reshape(-1).tolist()
  words = {'nan': 'NaN', 'inf': 'Infinity', '-inf': '-Infinity'}
  return {'shape': list(x.shape), 'data': [v if np.isfinite(v) else words[str(v)] for v in data]}


def call(name, config):
  options = {k: jnp.asarray(v) if isinstance(v, np.ndarray) else tuple(v) if isinstance(v, list) else v for k, v in config.items()}
  if 'reduce_fn' in options and options['reduce_fn'] == 'sum':
    options['reduce_fn'] = jnp.sum
  return lambda *args: getattr(optax.losses, name)(*args, **options)


def run(name, args, config):
  f = call(name, config)

  def results(dtype):
    given = [jnp.asarray(a, dtype) if a.dtype == float else jnp.asarray(a, jnp.int32) for a in args]
    value = f(*given)
    first = (lambda *xs: f(*xs)[0]) if isinstance(value, tuple) else f
    which = [0] if name.startswith('ctc') else [i for i, a in enumerate(args) if a.dtype == float]
    grads = jax.grad(lambda *xs: jnp.sum(first(*xs)), argnums=which)(*given)
    return value, dict(zip(which, grads))

  value, grads = results(jnp.float64)
  value32, grads32 = results(jnp.float32)
  pairs = zip(jax.tree.leaves([value, grads]), jax.tree.leaves([value32, grads32]))
  dev = max(float(np.max(np.abs(np.asarray(a) - np.asarray(b, float))) / max(float(np.max(np.abs(a))), 1e-30)) for a, b in pairs)
  return {
      'name': name,
      'config': {k: leaf(v) if isinstance(v, np.ndarray) else v for k, v in config.items()},
      'args': [leaf(a) for a in args],
      'integers': [i for i, a in enumerate(args) if a.dtype != float],
      'value': [leaf(v) for v in value] if isinstance(value, tuple) else leaf(value),
      'grads': {str(i): leaf(g) for i, g in grads.items()},
      'f32_dev': dev,
  }


def main():
  parser = argparse.ArgumentParser()
  parser.add_argument('--out', type=pathlib.Path, required=True)
  out = parser.parse_args().out
  file = {
      'library': 'optax',
      'version': f'optax {optax.__version__} jax {jax.__version__}',
      'seed': SEED,
      'losses': [run(*case) for case in cases()],
  }
  (out / 'optax_loss_options.json').write_text(json.dumps(file, separators=(',', ':')) + '\n')


main()

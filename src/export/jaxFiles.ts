/** The part of a module for JAX that loads and saves files of gradpipe/checkpoint. */
import { readText, writeText } from './files.js'

/** `load` and `save`. */
export const jaxFiles: string = `DTYPES = {
    "F64": np.float64,
    "F32": np.float32,
    "F16": np.float16,
    "BF16": jnp.bfloat16,
    "I64": np.int64,
    "I32": np.int32,
    "I16": np.int16,
    "I8": np.int8,
    "U8": np.uint8,
    "BOOL": np.bool_,
}


${readText('np.frombuffer(data[begin:end], DTYPES[entry["dtype"]])')}

def load(path, like, description=DESCRIPTION):
    """A tree like this one, with the numbers of a checkpoint that gradpipe has saved.

    The tree may be parameters, a state, or both in one record, as it was saved. Each
    array becomes what it is there: of that dtype, and sharded over the same devices.
    A file that says that it belongs to something else than the description is refused;
    with None as the description, it is taken.
    """
    found = _read(path, description)
    leaves, structure = jax.tree_util.tree_flatten_with_path(like)
    loaded = []
    for name, (_, leaf) in zip(_places([_keys(place) for place, _ in leaves]), leaves):
        if name not in found:
            raise ValueError(f"{path} has nothing for {name!r}")
        value, leaf = found.pop(name), jnp.asarray(leaf)
        if value.size != leaf.size:
            raise ValueError(f"{name} is of {value.shape} in {path}, not {leaf.shape}")
        value = value.reshape(leaf.shape).astype(leaf.dtype)
        if leaf.committed:  # or it would hold a step to the one device that it is on
            value = jax.make_array_from_callback(
                leaf.shape, leaf.sharding, lambda index, value=value: value[index]
            )
        loaded.append(jnp.asarray(value))
    if found:
        raise ValueError(f"{path} has {sorted(found)}, for which there is no place")
    return jax.tree_util.tree_unflatten(structure, loaded)


def save(path, tree, description=DESCRIPTION):
    """Saves a tree as a safetensors file, which gradpipe/checkpoint loads.

    The file says that it belongs to what is described, unless that is None. Of several
    processes each calls this, and the first one writes.
    """
    leaves, _ = jax.tree_util.tree_flatten_with_path(tree)
    arrays = {}
    for name, (_, leaf) in zip(_places([_keys(place) for place, _ in leaves]), leaves):
        if isinstance(leaf, jax.Array) and not leaf.is_fully_addressable:
            from jax.experimental import multihost_utils

            leaf = multihost_utils.process_allgather(leaf, tiled=True)
        arrays[name] = np.asarray(leaf)
    if jax.process_index() > 0:
        return
    ${writeText(
      '{np.dtype(dtype): word for word, dtype in DTYPES.items()}',
      'np.ascontiguousarray(x).tobytes()',
    )}`

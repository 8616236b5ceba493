/** The part of a module for PyTorch that rules of rows, columns and matrices need. */
import type { FactorWords } from './factors.js'

/** What is kept along some axes, and what is reduced along them. */
export const torchAxes = `def _sharded(part, mesh, placements, shape):
    """A tensor of such a shape, of which this is what is on this device."""
    stride = torch.empty(shape, device="meta").stride()
    return DTensor.from_local(
        part, mesh, placements, run_check=False, shape=torch.Size(shape), stride=stride
    )


def _along(axes, value, g):
    """A value for each index of some of a leaf's axes, as it is kept."""
    lengths = _local(g).shape
    shape = [n if axis in axes else 1 for axis, n in enumerate(lengths)]
    value = torch.as_tensor(_local(value), dtype=g.dtype, device=_local(g).device)
    value = value.expand(shape).reshape([lengths[axis] for axis in axes]).contiguous()
    if not isinstance(g, DTensor):
        return value
    placements = [
        (
            Shard(axes.index(place.dim))
            if place.is_shard() and place.dim in axes
            else Replicate()
        )
        for place in g.placements
    ]
    shape = [g.shape[axis] for axis in axes]
    return _sharded(value, g.device_mesh, placements, shape)


def _of_axes(combined):
    """A reduction along axes, which counts all shards of a sharded tensor."""

    @functools.wraps(combined)
    def reduced(x, axes):
        if not isinstance(x, DTensor):
            return combined(x, axes)
        own = (axes,) if isinstance(axes, int) else axes
        mesh, placements = x.device_mesh, list(x.placements)
        cut = [place.is_shard() and place.dim in own for place in placements]
        shape = [1 if axis in own else n for axis, n in enumerate(x.shape)]
        part = combined(x.to_local(), axes)
        if any(cut):
            # the parts of all shards, one beside the other
            beside = list(shape)
            for i, place in enumerate(placements):
                if cut[i]:
                    beside[place.dim] *= mesh.size(i)
            parts = _sharded(part, mesh, placements, beside)
            for i, is_cut in enumerate(cut):
                if is_cut:
                    placements[i] = Replicate()
            part = combined(parts.redistribute(mesh, placements).to_local(), axes)
        return _sharded(part, mesh, placements, shape)

    return reduced


@_of_axes
def _sum_along(x, axes):
    return torch.sum(x, axes, keepdim=True)


@_of_axes
def _max_along(x, axes):
    if x.numel() == 0:
        return torch.sum(x, axes, keepdim=True) - math.inf
    return torch.amax(x, axes, keepdim=True)


@_of_axes
def _norm_along(x, axes):
    """Roots of sums of squares along axes, also where these overflow or vanish."""
    if x.numel() == 0:
        return torch.sum(x, axes, keepdim=True)
    if x.dtype == torch.float32 and x.device.type != "mps":
        norm = torch.linalg.vector_norm(x, 2, axes, keepdim=True, dtype=torch.float64)
        return norm.to(x.dtype)
    largest = torch.amax(torch.abs(x), axes, keepdim=True)
    is_number = (largest > 0) & (largest < math.inf)
    y = x / torch.where(is_number, largest, 1.0)
    norm = largest * torch.linalg.vector_norm(y, 2, axes, keepdim=True)
    return torch.where(is_number, norm, largest)
`

/** How products are written. Each process makes the factors of the whole leaf, and keeps its own part of them. */
export const torchFactors: FactorWords = {
  np: 'torch',
  transposed: (x, order) => `${x}.permute(${order})`,
  test: (condition) => `torch.as_tensor(${condition}, device=x.device)`,
  squared: `    high = _unit(a)
    for _ in range(squarings):
        high = _unit(high @ high)`,
  first: `    if isinstance(x, DTensor):
        # of the whole matrices, of which each process keeps its own part
        arrays = [each.full_tensor() for each in arrays]
        whole = _of_matrices(made, arrays, rows, columns)
        return distribute_tensor(whole, x.device_mesh, x.placements, src_data_rank=None)
`,
  precisely: null,
}

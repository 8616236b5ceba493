/** The part of a module for PyTorch that is the optimizer itself: its state, its steps and its files. */
import { readText, writeText } from './files.js'

/** What reads files of gradpipe/checkpoint. */
export const torchRead: string = `DTYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}


${readText('_tensor(data[begin:end], DTYPES[entry["dtype"]])')}

def _tensor(data, dtype):
    """The tensor of some bytes."""
    return torch.from_numpy(np.frombuffer(bytearray(data), np.uint8)).view(dtype)


def _bytes(x):
    """The bytes of a tensor."""
    return x.reshape(-1).view(torch.uint8).numpy().tobytes()
`

/** The optimizer. */
export const torchOptimizer: string = `class Optimizer(torch.optim.Optimizer):
    """Steps parameters, which are given with names, as \`named_parameters\` gives them.

    Slots are in \`state\`, by parameter, and the numbers that the state keeps in the
    one group of parameters.
    """

    _parts = staticmethod(_parts)
    _advance = staticmethod(_advance)

    @torch.no_grad()
    def __init__(self, named_parameters):
        super().__init__(named_parameters, {})
        group = self.param_groups[0]
        if "param_names" not in group:
            raise TypeError("parameters need names: give model.named_parameters()")
        group.update({name: number.first for name, number in KEPT.items()})
        leaves = [_leaf(name, p, p, {}) for name, p in self._trained()]
        functions = [leaf.rule.start for leaf in leaves]
        done = self._run(leaves, functions, START_TOTALS, {}, _parts)
        for (_, p), after in zip(self._trained(), done):
            for place, value in after.items():
                scope, dtype = SLOTS[place].scope, _wide(_local(p)).dtype
                if scope == "element":
                    slot = torch.empty_like(p, dtype=dtype)
                else:
                    slot = torch.empty((), dtype=dtype, device=p.device)
                _write(slot, value)
                if scope == "tree":
                    group.setdefault(place, slot)
                else:
                    self.state[p][place] = slot

    def add_param_group(self, param_group):
        """Adds the only group: what differs among parameters is printed."""
        if self.param_groups:
            raise ValueError("all parameters must be in one group")
        super().add_param_group(param_group)

    def compile(self, **options):
        """Has torch.compile fuse what is done on leaves, with these options."""
        self._parts = torch.compile(_parts, **options)
        self._advance = torch.compile(_advance, **options)

    def _trained(self):
        """Names and parameters of floating-point numbers."""
        group = self.param_groups[0]
        for name, p in zip(group["param_names"], group["params"]):
            if p.is_complex():
                raise TypeError(f"{name} is complex: give torch.view_as_real of it")
            if p.is_floating_point():
                yield name, p

    def _run(self, leaves, functions, totals, values, each):
        """What becomes of each leaf, once the totals of the tree are known."""
        given = [(leaf.p, leaf.g, leaf.slots) for leaf in leaves]
        for i, sites in enumerate(totals):
            numbers = _for_each(leaves, values)
            parts = self._parts([of[i] for of in functions], given, numbers)
            for site, combined in sites.items():
                of_leaves = [
                    (part[site], leaf.shards)
                    for part, leaf in zip(parts, leaves)
                    if site in part
                ]
                if of_leaves:
                    values[site] = _total(of_leaves, combined)
        return each([of[-1] for of in functions], given, _for_each(leaves, values))

    @torch.no_grad()
    def step(self, closure=None, **extra_args):
        """Steps all parameters that have a gradient; returns the closure's loss.

        The loss is the extra argument \`value\`, if that is not given.
        """
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
            extra_args.setdefault("value", loss)
        group = self.param_groups[0]
        kept = {name: group[name] for name in KEPT}
        i = _which(kept) if len(KINDS) > 1 else 0
        values, after = KINDS[i].numbers(kept)
        for name in KINDS[i].extra_args:
            if name not in extra_args:
                raise TypeError(f"step needs the extra argument {name}")
            values[name] = extra_args[name]
        leaves = [
            _leaf(name, p, p.grad, self.state[p])
            for name, p in self._trained()
            if p.grad is not None
        ]
        of_tree = {place: group[place] for place in SLOTS if place in group}
        leaves = [
            leaf._replace(slots={**leaf.slots, **shared})
            for leaf, shared in zip(leaves, _for_each(leaves, of_tree))
        ]
        functions = [leaf.rule.steps[i] for leaf in leaves]
        advance = self._advance
        if advance is _advance and not torch.compiler.is_compiling():
            rules = [leaf.rule for leaf in leaves]
            advance = functools.partial(_advance_in_blocks, rules)
        done = self._run(leaves, functions, KINDS[i].totals, values, advance)
        for place, value in done.items():
            _write(group[place], value)
        group.update(after)
        return loss

    def load_state_dict(self, state_dict):
        """Loads what \`state_dict\` has given."""
        (group,) = state_dict["param_groups"]
        missing = [name for name in KEPT if name not in group]
        if missing:
            raise ValueError(f"the state of another optimizer, without {missing}")
        super().load_state_dict(state_dict)
        # which may have rounded slots to what the parameters are, and copies nothing
        for i, p in zip(group["params"], self.param_groups[0]["params"]):
            for place, value in state_dict["state"].get(i, {}).items():
                self.state[p][place] = value.to(p.device, copy=True)

    def _entries(self, params, state):
        """What a file has: keys, where in the group it stands if so, and its value."""
        group = self.param_groups[0]
        for name, p in zip(group["param_names"], group["params"]):
            keys = name.split(".")
            if params is not None:
                yield (params, *keys), None, p
            if state is not None and p.is_floating_point():
                for place, slot in self.state[p].items():
                    yield (state, *SLOTS[place].path, *keys), None, slot
        if state is not None:
            for name, (_, path) in [*SLOTS.items(), *KEPT.items()]:
                if name in group:
                    yield (state, *path), name, group[name]

    @torch.no_grad()
    def load_safetensors(
        self, path, params="params", state="state", description=DESCRIPTION
    ):
        """Loads parameters and state from a file that gradpipe/checkpoint has saved.

        In the file they are records of these names, and None is one that it lacks. A
        file that says that it belongs to something else than the description is
        refused; with None as the description, or as the state, it is taken.
        """
        found = _read(path, None if state is None else description)
        entries = list(self._entries(params, state))
        names = _places([keys for keys, _, _ in entries])
        for name, (_, _, x) in zip(names, entries):
            if name not in found:
                raise ValueError(f"{path} has nothing for {name!r}")
            own, shape = tuple(getattr(x, "shape", ())), tuple(found[name].shape)
            if math.prod(shape) != math.prod(own):
                raise ValueError(f"{name} is of {shape} in {path}, not {own}")
        records = (f"{params}.", f"{state}.")
        more = [x for x in found if x.startswith(records) and x not in names]
        if more:
            raise ValueError(f"{path} has {more}, for which there is no place")
        for name, (_, key, x) in zip(names, entries):
            value = torch.as_tensor(found[name])
            if not isinstance(x, torch.Tensor):
                self.param_groups[0][key] = type(x)(value.item())
                continue
            value = value.reshape(x.shape).to(x.dtype)
            if isinstance(x, DTensor):
                # each process takes its own part, and none is sent
                mesh, placements = x.device_mesh, x.placements
                value = distribute_tensor(value, mesh, placements, src_data_rank=None)
            _write(x, value)

    @torch.no_grad()
    def save_safetensors(
        self, path, params="params", state="state", description=DESCRIPTION
    ):
        """Saves parameters and state in a file that gradpipe/checkpoint loads.

        In the file they are records of these names; None leaves one out. It says that
        the state belongs to what is described, unless one of these is None. Of several
        processes each calls this, and the first one writes.
        """
        entries = list(self._entries(params, state))
        arrays = {}
        for name, (_, _, x) in zip(_places([keys for keys, _, _ in entries]), entries):
            if isinstance(x, torch.Tensor):
                x = x.full_tensor() if isinstance(x, DTensor) else x
                arrays[name] = x.detach().cpu().contiguous()
            else:
                dtype = torch.int32 if isinstance(x, int) else torch.float64
                arrays[name] = torch.tensor(x, dtype=dtype)
        if dist.is_available() and dist.is_initialized() and dist.get_rank() > 0:
            return
        description = None if state is None else description
    ${writeText('{dtype: word for word, dtype in DTYPES.items()}', '_bytes(x)')
      .split('\n')
      .map((line) => (line === '' ? '' : `    ${line}`))
      .join('\n')}`

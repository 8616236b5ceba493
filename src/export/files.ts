/** Files of gradpipe/checkpoint in Python: what modules for all engines read and write them by. */

/** The names of a tree's leaves in a file, and the numbers that its outline holds. */
const names = `def _places(paths):
    """A name for each path, no two the same: with dots, or escaped as in a URL."""
    shown = [".".join(map(str, path)) for path in paths]
    times = collections.Counter(shown)
    names = []
    for name, path in zip(shown, paths):
        if times[name] > 1 or "%" in name:
            keys = (str(key).replace("%", "%25").replace(".", "%2E") for key in path)
            name = ".".join(keys)
        names.append(name)
    return names


def _numbers_in(outline, path=()):
    """The numbers that a file's outline holds itself, by their paths."""
    if isinstance(outline, (dict, list)):
        items = outline.items() if isinstance(outline, dict) else enumerate(outline)
        for key, child in items:
            yield from _numbers_in(child, (*path, key))
    elif outline in ("NaN", "Infinity", "-Infinity", "-0"):
        yield path, float(outline)
    elif isinstance(outline, (int, float)) and not isinstance(outline, bool):
        yield path, outline
`

/** Whether a file belongs to what a module was printed of. */
const belongs = `def _difference(expected, given, place="$"):
    """Where two descriptions differ first, and what each has there."""
    if type(expected) is type(given) and isinstance(expected, (dict, list)):
        is_list = isinstance(expected, list)
        a, b = (dict(enumerate(x)) if is_list else x for x in (expected, given))
        for key in sorted({*a, *b}):
            is_name = str(key).replace("$", "_").isidentifier()
            part = f".{key}" if is_name else f"[{json.dumps(key)}]"
            found = _difference(a.get(key, ...), b.get(key, ...), place + part)
            if found:
                return found
        return None
    if expected == given and isinstance(expected, bool) is isinstance(given, bool):
        return None
    words = ("nothing" if x is ... else json.dumps(x) for x in (expected, given))
    return place, *(word[:100] for word in words)


def _expect(description, metadata, path):
    """Refuses a file that says that it belongs to another transformation."""
    text = metadata.get("gradpipe.description")
    if description is None or text is None:
        return
    found = _difference(description, json.loads(text))
    if found:
        place, expected, given = found
        raise ValueError(
            f"{path} belongs to another transformation: "
            f"{place}: expected {expected}, given {given} in the file"
        )
`

/** Reads a file that belongs to what `description` says; `array` is the array of `data[begin:end]` and `entry["dtype"]`. */
export const readText = (array: string): string => `${names}

${belongs}

def _read(path, description):
    """The arrays and numbers of a safetensors file, by their names."""
    with open(path, "rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
        data = file.read()
    metadata = header.pop("__metadata__", {})
    _expect(description, metadata, path)
    found = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        values = ${array}
        found[name] = values.reshape(entry["shape"])
    if "gradpipe.tree" in metadata:
        numbers = dict(_numbers_in(json.loads(metadata["gradpipe.tree"])))
        found.update(zip(_places(list(numbers)), map(np.asarray, numbers.values())))
    return found
`

/**
 * Writes `arrays` to `path`, and that they belong to what `description` says; `words` is the file's word for each dtype, and
 * `bytes` what is written of an array `x`.
 */
export const writeText = (words: string, bytes: string): string => `words = ${words}
    header, end = {}, 0
    if description is not None:
        header["__metadata__"] = {"gradpipe.description": json.dumps(description)}
    ordered = sorted(arrays.items(), key=lambda item: -item[1].itemsize)
    for name, x in ordered:
        header[name] = {
            "dtype": words[x.dtype],
            "shape": list(x.shape),
            "data_offsets": [end, end + x.nbytes],
        }
        end += x.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    # beside its place, and then renamed: a crash leaves the old file or the new one
    beside = f"{path}.{os.getpid()}"
    with open(beside, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for _, x in ordered:
            file.write(${bytes})
    os.replace(beside, path)
`

"""That files belong to what a module was printed of, for whoever runs printed modules."""


def expect_refused(description, load):
    """Has another module's description refuse a file, which says what it belongs to."""
    if description is None:
        return
    try:
        load({**description, "$call": "another"})
    except ValueError as error:
        expected = 'belongs to another transformation: $.$call: expected "another"'
        if expected in str(error):
            return
        raise
    raise ValueError("a file of another transformation was taken")

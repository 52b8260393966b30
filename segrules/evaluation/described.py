"""What somebody gave where something else was expected, in words for a message."""

_PLAIN = {"str": "text", "dict": "a mapping", "NoneType": "None"}


def described(value: object) -> str:
    """What a value is, never what is in it.

    >>> described([1]), described(None), described("x"), described(1.5)
    ('a list', 'None', 'text', 'a float')
    """
    of = type(value)
    if of in (int, object):
        return f"an {of.__name__}"
    if of.__module__ == "builtins":
        return _PLAIN.get(of.__name__, f"a {of.__name__}")
    library = of.__module__.partition(".")[0]
    return f"a {library} {of.__name__}"

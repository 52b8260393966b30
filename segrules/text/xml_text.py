"""Any text into text that may stand in XML."""

_CONTROLS = {number: None for number in range(32) if chr(number) not in "\t\n\r"}


def xml_text(text: str) -> str:
    r"""The text without the characters that XML does not have; what a writer of XML escapes stays as it is.

    >>> xml_text("a\x00b <c>")
    'ab <c>'
    """
    return "".join(
        "\ufffd" if "\ud800" <= c <= "\udfff" or c in "\ufffe\uffff" else c for c in text.translate(_CONTROLS)
    )

"""Why a file of the data cannot be read, on its way to a finding."""


class Unreadable(Exception):
    """A place or a file that gives no rows: a message, the remedy if there is one, and examples.

    The message completes the sentence ``table `x`: ...``.
    """

    def __init__(self, message: str, remedy: str | None = None, examples: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.examples = examples


def first_line(error: Exception) -> str:
    """What a library said, short enough for a message: its first line, at most 160 characters, without a full stop."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    text = lines[0].strip().rstrip(".").replace("`", "'")
    return text if len(text) <= 160 else f"{text[:159]}…"

"""Logs: one line an event, to standard error, with the request's number. Never a secret, never a forged line.

Ours come from `logs.get(__name__)`; those of uvicorn, Tortoise and the rest pass through the same steps.
"""

import logging
import re
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, TextIO

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

HIDDEN = "(hidden)"
SECRET_NAMES = re.compile(r"passw|secret|token|cookie|authorization|credential|api_?key|_key$", re.I)
CREDENTIALS = re.compile(r"(?<=://)([^/\s:@]*):[^/\s@]+@")
LONG_WORDS = re.compile(r"[A-Za-z0-9_-]{40,}")  # a 256-bit token has 43 characters
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


def get(name: str) -> structlog.stdlib.BoundLogger:
    """A logger: `log.info("meeting opened", meeting=12)`. The event is fixed text, what varies is named."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def configure(level: str = "info", as_json: bool = True, stream: TextIO | None = None) -> None:
    """Sends every log of this process to `stream`. May be called again; the last call counts."""
    steps: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        structlog.stdlib.PositionalArgumentsFormatter(),
        add_request_id,
        structlog.processors.format_exc_info,
        hide_secrets,
    ]
    structlog.configure(
        processors=[*steps, ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,  # a logger made before `configure` must follow it
    )
    written: Processor = structlog.processors.JSONRenderer(ensure_ascii=False) if as_json else write_plainly
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *steps],
            processors=[ProcessorFormatter.remove_processors_meta, in_order, written],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True
        logging.getLogger(name).setLevel(logging.NOTSET)  # a server started before may have set its own
    for name in ("tortoise", "asyncio", "aiosqlite", "httpcore", "httpx2", "markdown_it"):
        logging.getLogger(name).setLevel(
            max(logging.WARNING, root.level)
        )  # their debug text holds row contents


def add_request_id(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    number = request_id.get()
    return {**event, "request_id": number} if number else event


def hide_secrets(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Blanks what a name or a shape gives away as secret, and whatever could start a line of its own."""
    return {key: value if key.startswith("_") else safe(value, key) for key, value in event.items()}


def safe(value: Any, key: str = "") -> Any:
    if SECRET_NAMES.search(key):
        return HIDDEN
    if isinstance(value, Mapping):
        return {str(name): safe(inner, str(name)) for name, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [safe(inner) for inner in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return safe_text(str(value), lines=key == "exception")


def safe_text(text: str, lines: bool = False) -> str:
    text = LONG_WORDS.sub(hide_token, CREDENTIALS.sub(rf"\1:{HIDDEN}@", text))
    if lines:
        return "\n".join(CONTROLS.sub(escape, line) for line in text.split("\n"))
    return CONTROLS.sub(escape, text)


def hide_token(match: re.Match[str]) -> str:
    """Long names of functions stand in tracebacks; a random token has capitals and digits."""
    word = match.group()
    return word if re.fullmatch(r"[a-z_-]+", word) else HIDDEN


def escape(match: re.Match[str]) -> str:
    return match.group().encode("unicode_escape").decode()


def in_order(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    first = ("time", "level", "event", "request_id", "logger")
    return {key: event[key] for key in (*first, *(key for key in event if key not in first)) if key in event}


def write_plainly(logger: WrappedLogger, method: str, event: EventDict) -> str:
    """`14:05:12 info   meeting opened  meeting=12`. A traceback is indented, never mistaken for ours."""
    moment, level, said = event.pop("time")[11:19], event.pop("level"), event.pop("event")
    trace = event.pop("exception", "")
    event.pop("logger", None)
    named = "".join(f"  {key}={value}" for key, value in event.items())
    below = "".join(f"\n    | {line}" for line in trace.splitlines())
    return f"{moment} {level:<7} {said}{named}{below}"

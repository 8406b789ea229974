"""Every setting, once: read at the start, checked, and passed down. Nothing else reads the environment.

`DELIBERATE_*` variables win over `DELIBERATE_*_FILE` and `$PORT`, these over the TOML file, and that over the
defaults. The file is the one `DELIBERATE_CONFIG` names, else `deliberate.toml` in the working directory.
"""

import json
import os
import secrets
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from tempfile import mkstemp
from typing import Annotated, Any, Literal, Self
from urllib.parse import quote, urlsplit, urlunsplit
from zoneinfo import ZoneInfo

import limits
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic import validate_email as read_address
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings import TomlConfigSettingsSource as TomlSource

PACKAGE = Path(__file__).resolve().parent
PREFIX = "DELIBERATE_"
HIDDEN = "(hidden)"
KEY_LENGTH = 32  # characters of the shortest secret key we start with


class UnusableSettings(Exception):
    """We do not start with these settings. `reasons` says why and what to do, a sentence each."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = tuple(reasons)


def split_list(value: Any) -> Any:
    """`a, b` in a variable says what `["a", "b"]` says in the file."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def in_every_language(value: Any) -> Any:
    """A name given once serves all languages; a variable may hold a JSON object."""
    if isinstance(value, str):
        return json.loads(value) if value.lstrip().startswith("{") else {"": value}
    return value


def site(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("write it like https://deliberate.example.org")
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise ValueError(
            "it holds scheme, host and port only: we are served at the root of a host of our own"
        )
    return f"{parts.scheme}://{parts.netloc.lower()}"


def database(value: str) -> str:
    if urlsplit(value).scheme not in ("sqlite", "postgres", "postgresql"):
        raise ValueError("write postgres://user:password@host/name or sqlite:///absolute/path")
    return value


def bus(value: str) -> str:
    if urlsplit(value).scheme not in ("redis", "rediss", "unix"):
        raise ValueError("write redis://user:password@host:6379/0, rediss://… or unix:///path/to/socket")
    return value


def mail_server(value: str) -> str:
    if urlsplit(value).scheme not in ("smtp", "smtps") or not urlsplit(value).hostname:
        raise ValueError("write smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host:465")
    return value


def sender(value: str) -> str:
    read_address(value)
    return value


def known_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError("there is no such time zone; write it like Europe/Paris") from error
    return value


def rate(value: str) -> str:
    try:
        limits.parse(value)
    except ValueError as error:
        raise ValueError("write it like 10/minute") from error
    return value


def file_in_data_dir(data: Mapping[str, Any]) -> str:
    return f"sqlite://{quote((data['data_dir'] / 'deliberate.sqlite3').as_posix())}"


def this_machine(data: Mapping[str, Any]) -> str:
    return f"http://127.0.0.1:{data['port']}"


def host_of_public_url(data: Mapping[str, Any]) -> tuple[str, ...]:
    host = urlsplit(data["public_url"]).hostname
    return tuple(dict.fromkeys((host, "127.0.0.1", "localhost")))  # this machine asks whether we are well


Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(split_list)]
Life = Annotated[float, Field(gt=0, le=60 * 24)]


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,  # what was typed into the wrong line may be a password
        validate_default=True,
    )

    data_dir: Annotated[Path, AfterValidator(Path.absolute)] = Field(
        Path("deliberate-data"),
        description="Directory of database, keys and uploads. Made at the first start, closed to others.",
    )
    database_url: Annotated[str, AfterValidator(database)] = Field(
        default_factory=file_in_data_dir,
        repr=False,
        description="postgres://user:password@host/name or sqlite:///path. Default: a file in data_dir.",
    )
    redis_url: Annotated[str, AfterValidator(bus)] | None = Field(
        None,
        repr=False,
        description="redis://user:password@host:6379/0 or rediss://…: how several processes tell each other.",
    )
    redis_prefix: Annotated[str, Field(pattern=r"^[a-z0-9:_-]{1,40}$")] = Field(
        "deliberate", description="Before the names of our channel and keys; one for each installation."
    )
    host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 for all of the machine.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on. $PORT is read, too.")
    public_url: Annotated[str, AfterValidator(site)] = Field(
        default_factory=this_machine,
        description="What people type to get here. Links in mails and the check of Origin rest on it.",
    )
    allowed_hosts: Words = Field(
        default_factory=host_of_public_url,
        description="Host names we answer to. Default: that of public_url, and this machine's own.",
    )
    forwarded_allow_ips: Words = Field(
        (), description="Proxies (addresses, networks) whose word about the client's address we take."
    )
    workers: int = Field(1, ge=1, le=64, description="Processes. More than one needs PostgreSQL and Redis.")
    demo: bool = Field(False, description="An invented committee to look at: anyone may sign in.")
    secret_key: SecretStr | None = Field(
        None, description="Key of cookies and links, 32 random characters or more. Default: one is made."
    )

    organisation: Annotated[dict[str, str], NoDecode, BeforeValidator(in_every_language)] = Field(
        {"fr": "Autorité de santé", "en": "Health authority"},
        description="Name of the body that deliberates, in each language.",
    )
    languages: Words = Field(("fr", "en"), min_length=1, description="Languages of the interface.")
    default_language: str = Field("fr", description="The language for those who ask for none of ours.")
    time_zone: Annotated[str, AfterValidator(known_zone)] = Field(
        "Europe/Paris", description="Time zone of the moments shown. Storage is UTC."
    )

    session_idle_hours: Life = Field(12, description="Signed out after this time without a request.")
    session_absolute_days: float = Field(14, gt=0, le=90, description="Signed out after this in any case.")
    invitation_hours: Life = Field(168, description="Life of an invitation.")
    first_link_minutes: Life = Field(30, description="Life of the first administrator's link.")
    sign_in_limit: Annotated[str, AfterValidator(rate)] = Field(
        "10/minute", description="Attempts to sign in, from one address and to one account."
    )

    max_body_bytes: int = Field(3 * 1024 * 1024, ge=1024, description="Largest request, with its uploads.")
    max_frame_bytes: int = Field(65536, ge=1024, description="Largest message taken from a WebSocket.")
    head_timeout_seconds: float = Field(10, gt=0, le=120, description="Time for a request's head to arrive.")
    sockets_per_person: int = Field(5, ge=1, description="Live connections (tabs) of one person.")

    smtp_url: Annotated[str, AfterValidator(mail_server)] | None = Field(
        None,
        repr=False,
        description="smtp://user:password@host:587 or smtps://…:465. Without it no letter is written.",
    )
    mail_from: Annotated[str, AfterValidator(sender)] | None = Field(
        None, description="Sender of our mails, like: Deliberate <no-reply@example.org>"
    )

    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least worth a line.")
    log_json: bool = Field(True, description="Logs as JSON, an object a line; false: lines for people.")

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], *sources: PydanticBaseSettingsSource, **named: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        toml = TomlSource(settings_cls, toml_file=config_file())
        return named["init_settings"], named["env_settings"], FilesAndPort(settings_cls), toml

    @model_validator(mode="after")
    def _default_language_is_one_of_ours(self) -> Self:
        if self.default_language not in self.languages:
            raise ValueError("default_language must be one of languages.")
        return self

    @property
    def uses_sqlite(self) -> bool:
        return urlsplit(self.database_url).scheme == "sqlite"

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https:")

    @property
    def secret_key_path(self) -> Path:
        """Where the key made at the first start lies."""
        return self.data_dir / "secret.key"

    @property
    def signing_key_path(self) -> Path:
        """The Ed25519 key that signs checkpoints and records."""
        return self.data_dir / "signing.key"

    @property
    def uploads_dir(self) -> Path:
        return self.data_dir / "uploads"

    def secret(self) -> bytes:
        """The key of cookies and links: as set, else as `ensure_data_dir` made it."""
        if self.secret_key is not None:
            return self.secret_key.get_secret_value().encode()
        return self.secret_key_path.read_bytes().strip()

    def organisation_name(self, language: str) -> str:
        names = self.organisation
        return names.get(language) or names.get(self.default_language) or next(iter(names.values()), "")

    def check(self) -> None:
        """Refuses what would put people or their votes at risk.

        Raises:
            UnusableSettings: with every reason at once.
        """
        if reasons := list(self._dangers()):
            raise UnusableSettings(reasons)

    def _dangers(self) -> Iterator[str]:
        if not self.is_https and not self.demo:
            if not is_loopback(urlsplit(self.public_url).hostname or ""):
                yield (
                    f"public_url is {self.public_url}: without https, ballots can be read on the way. "
                    "Put a proxy with a certificate in front and set public_url to its https address."
                )
            elif not is_loopback(self.host):
                yield (
                    f"host {self.host} lets other machines in, but public_url is {self.public_url}. "
                    "Set public_url to the https address people use, or host to 127.0.0.1."
                )
        if self.secret_key is not None and is_weak(self.secret_key.get_secret_value()):
            yield (
                f"secret_key is too short or too regular. Use {KEY_LENGTH} random characters or more, "
                "or leave it out: one is made at the first start."
            )
        if self.uses_sqlite and self.workers > 1:
            yield (
                f"workers is {self.workers}, and several processes do not share an SQLite file. "
                "Set workers to 1, or database_url to a PostgreSQL database."
            )
        if self.workers > 1 and self.redis_url is None:
            yield (
                f"workers is {self.workers}, and several processes tell each other what happens through "
                "Redis (or Valkey). Set redis_url, like redis://127.0.0.1:6379/0, or workers to 1."
            )
        if self.redis_url is not None and find_spec("redis") is None:
            yield "redis_url is set, but the library is missing: pip install 'deliberate[redis]'."
        if "*" in self.allowed_hosts and not self.demo:
            yield "allowed_hosts is *: any site could then pass for this one. Name the hosts."
        if "*" in self.forwarded_allow_ips:
            yield (
                "forwarded_allow_ips is *: anybody could then pretend to write from another address. "
                "Name the address or network of your proxy, like 10.0.0.0/8."
            )
        if self.smtp_url and not self.mail_from:
            yield "smtp_url is set, but nobody sends. Set mail_from, like Deliberate <no-reply@example.org>."

    @property
    def writes_letters(self) -> bool:
        """Whether letters are written at all.

        Without a mail server none is: what waited for one for weeks would leave all at once, and too late.
        """
        return self.smtp_url is not None

    def redacted(self) -> dict[str, Any]:
        """Everything, as JSON values, without keys and passwords."""
        shown = self.model_dump(mode="json")
        shown["secret_key"] = HIDDEN if self.secret_key is not None else None
        for name in ("database_url", "redis_url", "smtp_url"):
            shown[name] = without_password(shown[name])
        return shown


class FilesAndPort(PydanticBaseSettingsSource):
    """What platforms hand out: `DELIBERATE_X_FILE`, naming a file that holds the secret X, and `$PORT`."""

    def __call__(self) -> dict[str, Any]:
        found = {name: read_secret(name) for name in ("secret_key", "database_url", "redis_url", "smtp_url")}
        found["port"] = os.environ.get("PORT")
        return {name: value for name, value in found.items() if value}

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        return self().get(field_name), field_name, False


def read_secret(name: str) -> str | None:
    path = os.environ.get(f"{PREFIX}{name.upper()}_FILE")
    try:
        return Path(path).read_text("utf-8").strip() if path else None
    except (OSError, ValueError) as error:
        raise UnusableSettings([f"{name}: the file {path} cannot be read."]) from error


def config_file() -> Path | None:
    """The TOML file to read. `DELIBERATE_CONFIG=` (empty) means none."""
    named = os.environ.get(f"{PREFIX}CONFIG")
    path = Path(named or "deliberate.toml")
    if named == "" or (named is None and not path.exists()):
        return None
    try:
        tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UnusableSettings([f"{path} cannot be read: {error}"]) from error
    return path


def load(**given: Any) -> Settings:
    """The settings of this process; `given` (the command line) wins over every source.

    Raises:
        UnusableSettings: something cannot be read. Whether it is *safe* is for `check`.
    """
    try:
        return Settings(**given)
    except ValidationError as error:
        raise UnusableSettings(in_words(error)) from None  # its own text is for programmers


def in_words(error: ValidationError) -> list[str]:
    reasons = []
    for problem in error.errors(include_url=False, include_context=False, include_input=False):
        if problem["type"] == "default_factory_not_called":  # an earlier setting was wrong, and is told
            continue
        name = ".".join(map(str, problem["loc"]))
        said = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            said = "there is no such setting."
        reasons.append(f"{name}: {said}" if name else said)
    return reasons


def ensure_data_dir(settings: Settings) -> None:
    """Makes the data directory (0700), the uploads in it and the secret key (0600), where they are missing.

    Raises:
        UnusableSettings: it cannot be made, or other accounts of the machine can look into it.
    """
    folder = settings.data_dir
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not any(folder.iterdir()):
            folder.chmod(0o700)  # a fresh volume; a directory in use is not ours to change
        if os.name == "posix" and folder.stat().st_mode & 0o007:
            raise UnusableSettings([f"Everybody on this machine can look into {folder}: chmod 700 {folder}"])
        settings.uploads_dir.mkdir(mode=0o700, exist_ok=True)
        if settings.secret_key is None:
            keep_secret(settings.secret_key_path, secrets.token_urlsafe(48).encode())
    except OSError as error:
        raise UnusableSettings([f"data_dir {folder} cannot be used: {error.strerror}."]) from error
    if settings.secret_key is None and is_weak(settings.secret().decode("utf-8", "replace")):
        path = settings.secret_key_path
        raise UnusableSettings([f"The key in {path} is damaged. Remove the file: a new one is made."])


def keep_secret(path: Path, content: bytes) -> bytes:
    """Writes `content` into a new file only we can read, unless it exists; returns what the file then holds.

    Several processes may try at once: the first wins, and nobody sees half a key.
    """
    if not path.exists():
        handle, name = mkstemp(dir=path.parent, prefix=f".{path.name}-")  # made 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.link(name, path)  # unlike a rename, it never replaces
        except FileExistsError:
            pass
        finally:
            os.unlink(name)
    return path.read_bytes()


def data_path(name: Literal["templates", "static", "config"]) -> Path:
    """Where the files that travel with us lie: in an installed wheel, else at the root of the repository."""
    packaged = PACKAGE / "_data" / name
    return packaged if packaged.is_dir() else PACKAGE.parent / name


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_weak(key: str) -> bool:
    """Too short, or of too few different characters: no key that a generator made is either."""
    return len(key) < KEY_LENGTH or len(set(key)) < 10


def without_password(url: str | None) -> str | None:
    parts = urlsplit(url or "")
    if parts.password is None:
        return url
    user, _, place = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}:{HIDDEN}@{place}"))

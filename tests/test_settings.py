import json
import os
import stat
import threading
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deliberate import settings as module
from deliberate.settings import (
    HIDDEN,
    Settings,
    UnusableSettings,
    data_path,
    ensure_data_dir,
    keep_secret,
    load,
)

KEY = "Xq3-vT8_mK1zPw7LrB5nYc2HdJ9sFg4A"


@pytest.fixture(autouse=True)
def in_an_empty_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DELIBERATE_CONFIG", raising=False)


def refusal(act: Callable[[], Any]) -> str:
    with pytest.raises(UnusableSettings) as caught:
        act()
    return str(caught.value)


# ---- Where a setting comes from


def test_without_any_setting_it_serves_this_machine_on_sqlite(tmp_path: Path) -> None:
    settings = load()

    settings.check()
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.allowed_hosts == ("127.0.0.1", "localhost")
    assert settings.data_dir == tmp_path / "deliberate-data"
    assert settings.database_url == f"sqlite://{tmp_path}/deliberate-data/deliberate.sqlite3"
    assert settings.uses_sqlite


def test_command_line_wins_over_environment_over_port_over_file_over_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert load().port == 8000
    Path("deliberate.toml").write_text("port = 8001")
    assert load().port == 8001
    monkeypatch.setenv("PORT", "8002")
    assert load().port == 8002
    monkeypatch.setenv("DELIBERATE_PORT", "8003")
    assert load().port == 8003
    assert load(port=8004).port == 8004


def test_the_public_url_follows_the_port() -> None:
    assert load(port=9000).public_url == "http://127.0.0.1:9000"


def test_a_named_file_is_read_in_place_of_the_usual_one(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("deliberate.toml").write_text("port = 8001")
    Path("other.toml").write_text("port = 8005")

    monkeypatch.setenv("DELIBERATE_CONFIG", "other.toml")
    assert load().port == 8005
    monkeypatch.setenv("DELIBERATE_CONFIG", "")
    assert load().port == 8000


def test_a_named_file_that_is_missing_or_broken_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DELIBERATE_CONFIG", "missing.toml")
    assert "missing.toml cannot be read" in refusal(load)
    Path("missing.toml").write_text("port = ")
    assert "missing.toml cannot be read" in refusal(load)


def test_a_secret_may_lie_in_a_file_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("key").write_text(f"{KEY}\n")
    Path("deliberate.toml").write_text('secret_key = "that of the file"')
    monkeypatch.setenv("DELIBERATE_SECRET_KEY_FILE", "key")
    assert load().secret() == KEY.encode()

    monkeypatch.setenv("DELIBERATE_SECRET_KEY_FILE", "missing")
    assert refusal(load) == "secret_key: the file missing cannot be read."


def test_lists_and_names_are_easy_to_write_in_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DELIBERATE_LANGUAGES", "en, fr")
    monkeypatch.setenv("DELIBERATE_ORGANISATION", "HAS")
    assert load().languages == ("en", "fr")
    assert load().organisation_name("fr") == "HAS"

    monkeypatch.setenv("DELIBERATE_ORGANISATION", '{"fr": "Haute Autorité", "en": "High Authority"}')
    assert load().organisation_name("en") == "High Authority"
    assert load().organisation_name("de") == "Haute Autorité"  # the default language

    monkeypatch.delenv("DELIBERATE_ORGANISATION")
    monkeypatch.setenv("DELIBERATE_ORGANISATION__FR", "Haute Autorité")
    assert load().organisation_name("fr") == "Haute Autorité"


def test_an_empty_variable_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DELIBERATE_SMTP_URL", "")
    assert load().smtp_url is None


# ---- What cannot be read is told in words, all at once


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"prot": 1}, "prot: there is no such setting."),
        ({"port": "many"}, "port: Input should be a valid integer"),
        (
            {"public_url": "deliberate.example.org"},
            "public_url: write it like https://deliberate.example.org",
        ),
        ({"public_url": "https://example.org/deliberate"}, "public_url: it holds scheme, host and port only"),
        ({"database_url": "mysql://host/name"}, "database_url: write postgres://user:password@host/name"),
        ({"smtp_url": "smtp.example.org"}, "smtp_url: write smtp://"),
        ({"mail_from": "nobody"}, "mail_from: value is not a valid email address"),
        ({"sign_in_limit": "often"}, "sign_in_limit: write it like 10/minute"),
        ({"time_zone": "Mars/Olympus"}, "time_zone: there is no such time zone"),
        ({"languages": ""}, "languages: "),
        ({"default_language": "de"}, "default_language must be one of languages."),
    ],
)
def test_what_cannot_be_read_is_told_in_words(given: dict[str, Any], told: str) -> None:
    reason = refusal(lambda: load(**given))
    assert reason.startswith(told)
    assert "\n" not in reason  # nothing that only follows from it


def test_every_mistake_is_told_at_once() -> None:
    assert len(refusal(lambda: load(port="many", time_zone="Mars/Olympus")).splitlines()) == 2


def test_what_was_typed_is_not_repeated_for_it_may_be_a_password() -> None:
    assert "hunter2" not in refusal(lambda: load(database_url="oracle://user:hunter2@host"))
    with pytest.raises(ValueError) as caught:
        Settings(smtp_url="user:hunter2@host")
    assert "hunter2" not in str(caught.value)


# ---- What is unsafe does not start


def test_plain_http_is_for_this_machine_and_the_demonstration() -> None:
    load().check()
    load(public_url="http://localhost:8000", host="::1").check()
    load(public_url="https://deliberate.example.org", host="0.0.0.0").check()
    load(public_url="http://deliberate.example.org", host="0.0.0.0", demo=True).check()

    assert "without https" in refusal(load(public_url="http://deliberate.example.org").check)
    assert "lets other machines in" in refusal(load(host="0.0.0.0").check)
    assert "without https" in refusal(load(public_url="http://127.0.0.1.example.org").check)


@pytest.mark.parametrize("key", ["", "short", "changeme" * 8, "a" * 64, "0123456789" * 3])
def test_a_weak_key_is_refused(key: str) -> None:
    assert "secret_key is too short or too regular" in refusal(load(secret_key=key).check)


def test_a_random_key_is_taken() -> None:
    load(secret_key=KEY).check()


def test_sqlite_serves_one_process_only() -> None:
    shared, bus = "postgres://u:p@host/name", "redis://127.0.0.1:6379/0"
    load(workers=2, database_url=shared, redis_url=bus).check()
    assert "do not share an SQLite file" in refusal(load(workers=2, redis_url=bus).check)
    assert "Set redis_url" in refusal(load(workers=2, database_url=shared).check)


@pytest.mark.parametrize("name", ["allowed_hosts", "forwarded_allow_ips"])
def test_everybody_is_not_somebody_to_trust(name: str) -> None:
    assert f"{name} is *" in refusal(load(**{name: "*"}).check)


def test_mail_needs_a_sender() -> None:
    server = "smtp://user:password@smtp.example.org:587"
    load(smtp_url=server, mail_from="Deliberate <no-reply@example.org>").check()
    assert "nobody sends" in refusal(load(smtp_url=server).check)


def test_all_dangers_are_told_at_once() -> None:
    with pytest.raises(UnusableSettings) as caught:
        load(host="0.0.0.0", workers=2, secret_key="x").check()
    assert len(caught.value.reasons) == 4


def test_settings_cannot_be_changed_once_read() -> None:
    with pytest.raises(ValueError):
        setattr(load(), "port", 1)  # noqa: B010 - written plainly, the type checker objects first


def test_what_is_shown_holds_no_secret() -> None:
    settings = load(
        secret_key=KEY,
        database_url="postgres://deliberate:hunter2@host:5432/name?maxsize=5",
        smtp_url="smtp://mailer:hunter2@host",
    )
    shown = settings.redacted()
    assert shown["database_url"] == f"postgres://deliberate:{HIDDEN}@host:5432/name?maxsize=5"
    assert shown["smtp_url"] == f"smtp://mailer:{HIDDEN}@host"
    assert shown["secret_key"] == HIDDEN
    assert set(shown) == set(Settings.model_fields)
    for text in (json.dumps(shown), repr(settings), str(settings)):
        assert "hunter2" not in text and KEY not in text


# ---- The data directory


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_first_start_makes_a_closed_directory_and_a_key(tmp_path: Path) -> None:
    settings = load(data_dir=tmp_path / "new" / "data")
    before = os.umask(0)
    try:
        ensure_data_dir(settings)
    finally:
        os.umask(before)

    assert mode(settings.data_dir) == 0o700
    assert mode(settings.uploads_dir) == 0o700
    assert mode(settings.secret_key_path) == 0o600
    assert settings.signing_key_path.parent == settings.data_dir
    assert len(settings.secret()) >= 64


def test_the_next_start_finds_the_same_key(tmp_path: Path) -> None:
    settings = load(data_dir=tmp_path / "data")
    ensure_data_dir(settings)
    key = settings.secret()
    ensure_data_dir(settings)
    assert settings.secret() == key
    assert os.listdir(tmp_path / "data").count("secret.key") == 1


def test_a_key_that_is_given_is_not_written(tmp_path: Path) -> None:
    settings = load(data_dir=tmp_path / "data", secret_key=KEY)
    ensure_data_dir(settings)
    assert not settings.secret_key_path.exists()


def test_an_empty_volume_is_closed_but_a_directory_in_use_is_left_alone(tmp_path: Path) -> None:
    empty, used = tmp_path / "empty", tmp_path / "used"
    for folder in (empty, used):
        folder.mkdir()
        folder.chmod(0o755)
    (used / "letter.txt").touch()

    ensure_data_dir(load(data_dir=empty))
    assert mode(empty) == 0o700
    assert "chmod 700" in refusal(lambda: ensure_data_dir(load(data_dir=used)))
    assert mode(used) == 0o755
    assert os.listdir(used) == ["letter.txt"]


def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "cannot be used" in refusal(lambda: ensure_data_dir(load(data_dir=tmp_path / "file" / "data")))


def test_a_damaged_key_is_told(tmp_path: Path) -> None:
    settings = load(data_dir=tmp_path / "data")
    ensure_data_dir(settings)
    settings.secret_key_path.write_bytes(b"")
    assert "damaged" in refusal(lambda: ensure_data_dir(settings))


def test_processes_that_start_together_end_with_one_key(tmp_path: Path) -> None:
    found: list[bytes] = []
    starts = threading.Barrier(8)

    def start(number: int) -> None:
        starts.wait()
        found.append(keep_secret(tmp_path / "key", str(number).encode()))

    threads = [threading.Thread(target=start, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [(tmp_path / "key").read_bytes()] * 8
    assert os.listdir(tmp_path) == ["key"]  # no half-written ones


# ---- What travels with us, and the words about it


def test_the_files_of_the_repository_are_found_and_those_of_a_wheel_preferred(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert data_path("config") == Path(module.__file__).parents[1] / "config"

    (tmp_path / "_data" / "config").mkdir(parents=True)
    monkeypatch.setattr(module, "PACKAGE", tmp_path)
    assert data_path("config") == tmp_path / "_data" / "config"
    assert data_path("static") == tmp_path.parent / "static"


def test_the_example_shows_every_setting_with_its_description_and_would_start() -> None:
    text = (data_path("config") / "deliberate.example.toml").read_text("utf-8")
    switched_on = "\n".join(line.removeprefix("#") for line in text.splitlines() if not line.startswith("# "))
    shown = tomllib.loads(switched_on)

    assert set(shown) == set(Settings.model_fields)
    for name, field in Settings.model_fields.items():
        assert field.description
        assert f"# {field.description}\n#{name} = " in text
    shown.pop("secret_key")
    load(**shown).check()
    made_up = {
        "data_dir",
        "database_url",
        "public_url",
        "allowed_hosts",
        "forwarded_allow_ips",
        "redis_url",
        "smtp_url",
        "mail_from",
    }
    defaults = load().redacted()
    assert {name: shown[name] for name in shown.keys() - made_up} == {
        name: defaults[name] for name in defaults.keys() - made_up - {"secret_key"}
    }


def test_the_environment_of_the_service_names_settings_there_are_and_would_start() -> None:
    lines = (data_path("config") / "environment.example").read_text("utf-8").splitlines()
    switched_on = [line.removeprefix("#") for line in lines if line.lstrip("#").startswith("DELIBERATE_")]
    given = dict(line.removeprefix("DELIBERATE_").split("=", 1) for line in switched_on)
    assert len(given) == len(switched_on) >= 8
    load(**{name.lower(): value for name, value in given.items()}).check()
    alone = [line for line in lines if line.startswith("DELIBERATE_")]
    load(**{name.lower(): value for name, value in (line[11:].split("=", 1) for line in alone)}).check()


def test_the_proxy_in_front_lets_through_what_we_take() -> None:
    nginx = (data_path("config") / "nginx.conf").read_text("utf-8")
    assert f"client_max_body_size {load().max_body_bytes // 2**20}m;" in nginx
    assert "location = /live" in nginx and "Upgrade $http_upgrade" in nginx

"""Static files under the hash of their content, cached for ever, and the import map that names the
modules.
"""

import hashlib
import json
from pathlib import Path

from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope


class Assets:
    """All files of `folder` under one hash: a change of any of them changes every address."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        digest = hashlib.sha256()
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
        self.hash = digest.hexdigest()[:16]
        modules = {
            f"deliberate/{path.name}": self.url(f"js/{path.name}") for path in sorted(folder.glob("js/*.js"))
        }
        self.importmap = json.dumps({"imports": modules}, separators=(",", ":"))

    def url(self, name: str) -> str:
        return f"/static/{self.hash}/{name}"

    def app(self) -> "HashedFiles":
        return HashedFiles(self)


class HashedFiles(StaticFiles):
    """Serves /static/<hash>/<name>; the hash is only there to make the address new."""

    def __init__(self, assets: Assets) -> None:
        super().__init__(directory=assets.folder)
        self.hash = assets.hash

    def get_path(self, scope: Scope) -> str:
        _, _, name = super().get_path(scope).partition("/")
        return name or "."

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if isinstance(response, FileResponse):
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response

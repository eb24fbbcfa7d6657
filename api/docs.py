"""/docs: the API's reference as a page that asks no other server for anything."""

from importlib.resources import files
from pathlib import Path
from typing import Literal

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import FileResponse, HTMLResponse

_ASSETS = "/docs/assets"
_Asset = Literal["swagger-ui-bundle.js", "swagger-ui.css", "favicon.png"]


def install(app: FastAPI) -> None:
    """Serve the page and Swagger UI's files, which come with the package fastapi-offline."""

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url=app.openapi_url or "",
            title=app.title,
            swagger_js_url=f"{_ASSETS}/swagger-ui-bundle.js",
            swagger_css_url=f"{_ASSETS}/swagger-ui.css",
            swagger_favicon_url=f"{_ASSETS}/favicon.png",
        )

    @app.get(f"{_ASSETS}/{{asset}}", include_in_schema=False)
    async def docs_asset(asset: _Asset) -> FileResponse:
        return FileResponse(Path(str(files("fastapi_offline"))) / "static" / asset)

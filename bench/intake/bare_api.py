"""The baseline of single orders: a FastAPI route that validates the body with the product's model and returns."""

import argparse

import uvicorn
from fastapi import FastAPI

from api.wire.order import OrdersIn
from cli.ports import LOOPBACK

app = FastAPI()


@app.get("/healthz")
async def get_health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/")
async def post_orders(body: OrdersIn) -> dict[str, int]:
    return {"accepted": len(body.orders)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int)
    uvicorn.run(app, host=LOOPBACK, port=parser.parse_args().port, log_config=None, access_log=False)

# One image for `ordercue api`, `worker`, `migrate` and every other command.
FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
RUN python -m venv --without-pip /opt/ordercue

# The locked dependencies change less often than the code, so they have a layer of their own.
COPY requirements.lock ./
RUN pip --python /opt/ordercue/bin/python install --require-hashes -r requirements.lock

# What builds the project is locked too, in the developers' file.
COPY requirements-dev.lock ./
RUN sed -n '/^setuptools==/,/[^\\]$/p' requirements-dev.lock > build.lock \
    && pip install --require-hashes -r build.lock

COPY . .
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
    && pip --python /opt/ordercue/bin/python install --no-deps --no-index /wheels/*.whl

FROM python:3.11-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin ordercue
COPY --from=build /opt/ordercue /opt/ordercue
ENV PATH=/opt/ordercue/bin:$PATH PYTHONUNBUFFERED=1 ORDERCUE_API_HOST=0.0.0.0 ORDERCUE_API_PORT=8080
USER 10001
WORKDIR /tmp
EXPOSE 8080

# Right for `api`, the usual command; docker-compose.yml says for each service what is right for it.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["python", "-c", "import http.client, os, sys; c = http.client.HTTPConnection('127.0.0.1', int(os.environ['ORDERCUE_API_PORT']), timeout=4); c.request('GET', '/healthz'); sys.exit(c.getresponse().status != 200)"]

ENTRYPOINT ["ordercue"]
CMD ["api"]

FROM python:3.11.17-slim-bookworm

ENV PYTHONUNBUFFERED=1
WORKDIR /app

COPY requirements.lock .
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock

COPY failover failover
COPY providers providers
COPY activities activities
COPY workflows workflows
COPY workers workers
COPY webhooks webhooks
COPY starter starter
COPY simulator simulator
COPY compose/worker_health.py compose/
# Nothing is compiled at run time: the processes may not write here.
RUN python -m compileall -q .

# 65532 has no name and owns nothing here.
USER 65532:65532

# One image for every process: python -m workers, webhooks, starter or simulator.
CMD ["python", "-m", "workers"]

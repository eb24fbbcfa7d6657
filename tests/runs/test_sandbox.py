"""Workflows load in Temporal's sandbox, and fast: a module that is not passed through costs each run dearly."""

import time
from statistics import median

import pytest
from temporalio import workflow
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from worker.main import WORKFLOWS

_LIMIT_SECONDS = 0.02
"""Passed through they take some milliseconds; with sqlmodel imported anew it is a third of a second."""


@pytest.mark.parametrize("workflow_class", WORKFLOWS, ids=lambda one: one.__name__)
async def test_a_workflow_loads_in_the_sandbox(workflow_class: type) -> None:
    runner = SandboxedWorkflowRunner()
    definition = workflow._Definition.must_from_class(workflow_class)
    taken = []
    for _ in range(5):
        begun = time.thread_time()  # the work, not the time that others have the processor
        runner.prepare_workflow(definition)
        taken.append(time.thread_time() - begun)
    assert median(taken) < _LIMIT_SECONDS

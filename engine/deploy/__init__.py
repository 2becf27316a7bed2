"""From a folder of files to the project that runs, by way of the store.

What runs is always what the store says is deployed; a folder only ever gets there whole, and after
it has been said what becomes of the people inside.
"""

from __future__ import annotations

from engine.deploy.older import Older
from engine.deploy.running import Running, deploy_folder, deployed_project, running

__all__ = ["Older", "Running", "deploy_folder", "deployed_project", "running"]

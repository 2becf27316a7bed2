"""The stores: memory for simulations and tests, a database for everything else."""

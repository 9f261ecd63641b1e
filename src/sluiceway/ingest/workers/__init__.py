"""The fast door in a process of its own, beside the one that has everything else."""

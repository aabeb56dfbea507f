# With PyTorch 1.13 on Python 3.11: python3 write-distributed.py step-9.dcp
import dataclasses
import sys

process = dataclasses._process_class
# This PyTorch is older than this Python, which no longer takes such a default.
dataclasses._process_class = lambda cls, init, repr, eq, order, hashed, *rest: process(cls, init, repr, eq, order, hashed or cls.__name__ == 'TensorProperties', *rest)

import torch
from torch.distributed._shard.checkpoint import FileSystemWriter, save_state_dict

state = {'weights': torch.arange(1000.0), 'bias': torch.ones(16), 'step': torch.tensor(9)}
save_state_dict(state, FileSystemWriter(sys.argv[1]), no_dist=True)

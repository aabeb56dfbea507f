# With NumPy and safetensors 0.4: python3 write-safetensors.py model-step-11.safetensors
import sys

import numpy
from safetensors.numpy import save_file

save_file({'weights': numpy.arange(100, dtype=numpy.float32), 'bias': numpy.ones(10, dtype=numpy.float16)}, sys.argv[1], metadata={'step': '11'})
